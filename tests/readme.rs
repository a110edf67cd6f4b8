//! The README's own words, replayed.

use std::fs;
use std::process::{Child, Output};

use crate::support::{Running, alone, ringcheck, root, run, stderr, stdout};

/// The commands of the README, in order.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut inside = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            commands.push(line.to_owned());
        }
    }
    commands
}

/// What came of a command. A busy machine makes a flood invalid and a run inconclusive, as they promise; both are then tried
/// again.
fn valid(arguments: &[&str]) -> Output {
    const AGAIN_MAX: usize = 4;
    let mut output = ringcheck(arguments).output().unwrap();
    for _ in 0..AGAIN_MAX {
        if !matches!(output.status.code(), Some(3 | 5)) {
            break;
        }
        output = ringcheck(arguments).output().unwrap();
    }
    output
}

/// Every command is replayed as written, but for two things: the build under test stands in for `cargo run`, and a free
/// port for the usual one.
#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let _alone = alone();
    let mut server: Option<(Running, String)> = None;
    let mut people: Vec<Running> = Vec::new();
    let mut beside: Vec<Child> = Vec::new();
    let mut replayed = 0;
    for command in commands() {
        if command == "cargo test --workspace" {
            // This is it.
            continue;
        }
        if command == "cargo run --release -- selftest" {
            // It takes a while, and has a test of its own.
            continue;
        }
        if let Some(path) = command.strip_prefix("curl http://127.0.0.1:7001") {
            let (running, _) = server.as_ref().expect("a server with an operators' port");
            let line = running.has_heard("operators on http://");
            let address = line.trim_start_matches("operators on http://");
            let (status, page) = crate::deployment::get(address, path, None);
            assert_eq!(status, 200);
            assert!(page.contains("ringcheck_invitations_ended_total{outcome=\"accepted\"} 1"));
            replayed += 1;
            continue;
        }
        let arguments = command
            .strip_prefix("cargo run --release -- ")
            .unwrap_or_else(|| panic!("unknown: {command}"));
        let url = server
            .as_ref()
            .map_or(String::new(), |(_, url)| url.clone());
        let mut arguments = arguments
            .replace("wss://127.0.0.1:7000", &url)
            .replace("ws://127.0.0.1:7000", &url);
        if arguments.contains("http://127.0.0.1:7001") {
            let operators = server.as_ref().map(|(server, _)| server.operators());
            arguments = arguments.replace("http://127.0.0.1:7001", &operators.unwrap());
        }
        let arguments = arguments.replace("127.0.0.1:7001", "127.0.0.1:0");
        let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
        match arguments[0] {
            "serve" => {
                people.clear();
                server = Some(Running::server(&arguments[1..]));
            }
            "call" if arguments.contains(&"&") => {
                arguments.retain(|argument| *argument != "&");
                arguments.extend(["--target", &url]);
                beside.push(ringcheck(&arguments).spawn().unwrap());
            }
            "call" if arguments.contains(&"--send") => {
                arguments.extend(["--target", &url]);
                let output = ringcheck(&arguments).output().unwrap();
                assert_eq!(stdout(&output), "accepted\tdave\tComing\n");
                assert!(output.status.success());
                for mut callee in beside.drain(..) {
                    assert!(callee.wait().unwrap().success());
                }
            }
            "call" => {
                if !arguments.contains(&"--target") {
                    arguments.extend(["--target", &url]);
                }
                let mut person = Running::start(&arguments);
                person.hear("Connected (LoginSuccess)");
                people.push(person);
                if let [alice, bob] = &mut people[..] {
                    alice.say("ring bob Shall we?");
                    bob.hear("remoteInvitationReceived from alice: Shall we?");
                    bob.say("accept 1 On my way");
                    alice.hear("localInvitationAccepted On my way");
                    // By then the server knows it too.
                    bob.hear("remoteInvitationAccepted");
                }
            }
            _ => {
                if let ["new", file] = arguments[..] {
                    // It is there already where the README was replayed before.
                    let _ = fs::remove_file(root().join(file).with_extension("yaml"));
                }
                if let ["cert", "--cert", cert, "--key", key] = arguments[..] {
                    for file in [cert, key] {
                        let _ = fs::remove_file(root().join(file));
                    }
                }
                let expected = i32::from(command.contains("tests/planted"));
                let output = valid(&arguments);
                assert_eq!(
                    output.status.code(),
                    Some(expected),
                    "{command}: {}",
                    stderr(&output)
                );
            }
        }
        replayed += 1;
    }
    assert!(replayed >= 10, "only {replayed} commands were found");
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_help() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for code in 0..=6 {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {code} |")))
            .unwrap();
        let meaning = row
            .split('|')
            .nth(2)
            .unwrap()
            .trim()
            .split(':')
            .next()
            .unwrap();
        assert!(
            help.contains(&format!("  {code}  {meaning}")),
            "exit code {code}: `{meaning}` is not in the help"
        );
    }
}
