//! The README's own words, replayed.

use std::fs;
use std::process::Child;

use crate::support::{Running, beside_another, ringcheck, root, run, stderr, stdout, valid};

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

/// Commands of the README that are replayed one after the other, with what they left running.
#[derive(Default)]
struct Replay {
    server: Option<(Running, String)>,
    people: Vec<Running>,
    beside: Vec<Child>,
    replayed: usize,
}

impl Replay {
    /// Replays a command as written, but for two things: the build under test stands in for `cargo run`, and a free port for
    /// the usual one.
    fn replay(&mut self, command: &str) {
        match command {
            // This is it.
            "cargo test --workspace" => return,
            // It takes a while, and has a test of its own.
            "cargo run --release -- selftest" => return,
            _ => {}
        }
        self.replayed += 1;
        if let Some(path) = command.strip_prefix("curl http://127.0.0.1:7001") {
            return self.curl(path);
        }
        let arguments = command
            .strip_prefix("cargo run --release -- ")
            .unwrap_or_else(|| panic!("unknown: {command}"));
        let arguments = self.at_free_ports(arguments);
        let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
        match arguments[0] {
            "serve" => {
                self.people.clear();
                self.server = Some(Running::server(&arguments[1..]));
            }
            "call" => {
                let url = self.url().to_owned();
                if !arguments.contains(&"--target") {
                    arguments.extend(["--target", &url]);
                }
                self.call(arguments);
            }
            _ => ends_as_it_says(command, &arguments),
        }
    }

    fn url(&self) -> &str {
        self.server.as_ref().map_or("", |(_, url)| url)
    }

    /// The arguments with the ports of what is running instead of those of the README.
    fn at_free_ports(&self, arguments: &str) -> String {
        let mut arguments = arguments
            .replace("wss://127.0.0.1:7000", self.url())
            .replace("ws://127.0.0.1:7000", self.url());
        if arguments.contains("http://127.0.0.1:7001") {
            let operators = self.server.as_ref().map(|(server, _)| server.operators());
            arguments = arguments.replace("http://127.0.0.1:7001", &operators.unwrap());
        }
        arguments.replace("127.0.0.1:7001", "127.0.0.1:0")
    }

    fn curl(&self, path: &str) {
        let (running, _) = self
            .server
            .as_ref()
            .expect("a server with an operators' port");
        let line = running.has_heard("operators on http://");
        let address = line.trim_start_matches("operators on http://");
        let (status, page) = crate::deployment::get(address, path, None);
        assert_eq!(status, 200);
        assert!(page.contains("ringcheck_invitations_ended_total{outcome=\"accepted\"} 1"));
    }

    /// Somebody at a terminal, or a script that rings or answers.
    fn call(&mut self, mut arguments: Vec<&str>) {
        if arguments.contains(&"&") {
            arguments.retain(|argument| *argument != "&");
            self.beside.push(ringcheck(&arguments).spawn().unwrap());
        } else if arguments.contains(&"--send") {
            let output = ringcheck(&arguments).output().unwrap();
            assert_eq!(stdout(&output), "accepted\tdave\tComing\n");
            assert!(output.status.success());
            for mut callee in self.beside.drain(..) {
                assert!(callee.wait().unwrap().success());
            }
        } else {
            let mut person = Running::start(&arguments);
            person.hear("Connected (LoginSuccess)");
            self.people.push(person);
            if let [alice, bob] = &mut self.people[..] {
                alice.say("ring bob Shall we?");
                bob.hear("remoteInvitationReceived from alice: Shall we?");
                bob.say("accept 1 On my way");
                alice.hear("localInvitationAccepted On my way");
                // By then the server knows it too.
                bob.hear("remoteInvitationAccepted");
            }
        }
    }
}

/// Any other command, which ends by itself.
fn ends_as_it_says(command: &str, arguments: &[&str]) {
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
    let output = valid(arguments);
    assert_eq!(
        output.status.code(),
        Some(expected),
        "{command}: {}",
        stderr(&output)
    );
}

/// What needs no server, the selftest of one deviation, and what follows the first server are replayed beside each other:
/// none reads what another writes.
#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let _seat = beside_another();
    let commands = commands();
    let first = |command: &str| {
        let command = format!("cargo run --release -- {command}");
        let mut places = commands.iter();
        places.position(|it| it.starts_with(&command)).unwrap()
    };
    let (selftest, served) = (first("selftest"), first("serve"));
    let parts = [
        &commands[..selftest],
        &commands[selftest..served],
        &commands[served..],
    ];
    let replay = |commands: &[String]| {
        let mut replay = Replay::default();
        for command in commands {
            replay.replay(command);
        }
        replay.replayed
    };
    let replayed: usize = std::thread::scope(|scope| {
        let lanes = parts.map(|part| scope.spawn(move || replay(part)));
        lanes.into_iter().map(|lane| lane.join().unwrap()).sum()
    });
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
