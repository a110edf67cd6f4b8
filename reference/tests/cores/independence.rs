//! What the cores may not know: clocks, sockets, randomness, and the toolkit that tests them.

use std::fs;
use std::path::Path;

/// The files of the cores; all others in these folders are drivers, which own the clock, the socket and the randomness.
const CORE: [&str; 31] = [
    "limits.rs",
    "fault/mod.rs",
    "fault/list.rs",
    "fault/clocks.rs",
    "fault/calls.rs",
    "fault/altered.rs",
    "fault/server.rs",
    "fault/client.rs",
    "wire/mod.rs",
    "wire/client_frame.rs",
    "wire/server_frame.rs",
    "wire/flat.rs",
    "wire/recall.rs",
    "wire/fault.rs",
    "wire/words.rs",
    "server/book.rs",
    "server/clock.rs",
    "server/core.rs",
    "server/exchange.rs",
    "server/lobby.rs",
    "server/passage.rs",
    "server/queue.rs",
    "server/recall.rs",
    "server/state.rs",
    "server/telling.rs",
    "client/core.rs",
    "client/event.rs",
    "client/frames.rs",
    "client/invitation.rs",
    "client/link.rs",
    "client/recall.rs",
];

/// The source without its tests and comments.
fn code(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = fs::read_to_string(path).expect(file);
    let (text, _) = text
        .split_once("#[cfg(test)]")
        .unwrap_or((text.as_str(), ""));
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_cores_have_no_clock_no_socket_and_no_randomness() {
    for file in CORE {
        let code = code(file);
        for forbidden in [
            "Instant",
            "SystemTime",
            "std::net",
            "std::fs",
            "std::thread",
            "std::env",
            "tokio",
            "tungstenite",
            "rand",
            "getrandom",
            "RandomState",
        ] {
            assert!(!code.contains(forbidden), "{file} knows `{forbidden}`");
        }
    }
}

/// A core file may lean on core files alone: a driver behind it would bring clock and socket in.
#[test]
fn the_cores_import_no_driver() {
    let siblings: Vec<&str> = CORE
        .iter()
        .filter_map(|file| file.rsplit('/').next()?.strip_suffix(".rs"))
        .collect();
    for file in CORE {
        for line in code(file).lines() {
            let Some(path) = line.trim_start().strip_prefix("use super::") else {
                continue;
            };
            let first = path.split([':', ';', '{', ',']).next().unwrap_or_default();
            let is_module = first.starts_with(|c: char| c.is_ascii_lowercase());
            assert!(
                !is_module || first == "super" || siblings.contains(&first),
                "{file} imports `{first}`"
            );
        }
    }
}

#[test]
fn the_reference_does_not_know_the_toolkit() {
    let manifest = include_str!("../../Cargo.toml");
    for line in manifest.lines() {
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
        assert_ne!(name, "ringcheck");
        assert!(!line.contains("path ="), "{line}");
    }
    for file in CORE {
        assert!(!code(file).contains("ringcheck::"), "{file}");
    }
}
