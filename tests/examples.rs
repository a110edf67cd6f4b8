//! The examples of a deployment say what the program understands.

use std::fs;

use crate::support::{root, run, stderr};

fn example(name: &str) -> String {
    fs::read_to_string(root().join("reference/examples").join(name)).unwrap()
}

/// The program understands the command: it prints the settings that would be in force.
fn is_understood(arguments: &[String]) {
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(arguments.first(), Some(&"serve"));
    arguments.push("--print-config");
    let output = run(&arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    let settings: toml::Table = toml::from_str(&String::from_utf8(output.stdout).unwrap()).unwrap();
    assert!(
        format!("{settings:?}").contains("0.0.0.0:7000"),
        "{settings:?}"
    );
}

#[test]
fn the_systemd_unit_starts_the_server_and_reads_its_keys_again() {
    let unit = example("ringcheck.service");
    let value = |key: &str| -> String {
        let mut values = unit.lines().filter_map(|line| line.strip_prefix(key));
        let value = values.next().unwrap_or_else(|| panic!("no {key}"));
        assert_eq!(values.next(), None, "{key} twice");
        value.to_owned()
    };
    let sections: Vec<&str> = unit.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(sections, ["[Unit]", "[Service]", "[Install]"]);
    let start: Vec<String> = value("ExecStart=").split(' ').map(str::to_owned).collect();
    assert!(start[0].ends_with("/ringcheck"));
    is_understood(&start[1..]);
    assert_eq!(value("ExecReload="), "/bin/kill -HUP $MAINPID");
}

#[test]
fn the_image_starts_the_server_and_asks_how_it_is() {
    let file = example("Dockerfile");
    let words = |instruction: &str| -> Vec<String> {
        let line = file.lines().find_map(|line| line.strip_prefix(instruction));
        serde_json::from_str(line.unwrap().trim()).unwrap()
    };
    assert_eq!(words("ENTRYPOINT"), ["ringcheck"]);
    is_understood(&words("CMD"));
    let health = words("HEALTHCHECK CMD");
    assert_eq!(health[..3], ["ringcheck", "top", "--once"]);
    let toolchain = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = file.split_once("FROM rust:").unwrap().1;
    let version = version.split_once('-').unwrap().0;
    assert!(
        toolchain.contains(&format!("rust-version = \"{version}\"")),
        "the image builds with {version}"
    );
}
