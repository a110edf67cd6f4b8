//! A person at a real terminal: what the screen shows, cell by cell.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};

use crate::support::{PATIENCE, Running, root, scratch};

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A program on a terminal of its own, and what that terminal shows.
struct Terminal {
    child: std::process::Child,
    pty: Arc<Pty>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, COLUMNS)).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_ringcheck"))
            .current_dir(root())
            .env_remove("RINGCHECK_TOKEN")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color")
            .envs(environment.iter().copied())
            .args(arguments);
        let child = command.spawn(pts).unwrap();
        let pty = Arc::new(pty);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            ROWS.try_into().unwrap(),
            COLUMNS.try_into().unwrap(),
            0,
        )));
        let (from, to) = (pty.clone(), screen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the program has left its terminal.
            while let Ok(read @ 1..) = (&*from).read(&mut bytes) {
                to.lock().unwrap().process(&bytes[..read]);
            }
        });
        Self { child, pty, screen }
    }

    fn person(name: &str, url: &str, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = [&["call", "--as", name, "--target", url], more].concat();
        let person = Self::start(&arguments, environment);
        person.shows("its prompt", |lines| {
            lines.last().is_some_and(|line| *line == format!("{name}>"))
        });
        person
    }

    fn types(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// The lines of the screen that show something.
    fn lines(&self) -> Vec<String> {
        let screen = self.screen.lock().unwrap();
        let rows = screen.screen().rows(0, COLUMNS);
        rows.map(|row| row.trim_end().to_owned())
            .filter(|row| !row.is_empty())
            .collect()
    }

    /// Waits until the screen shows what is expected.
    fn shows(&self, what: &str, is_there: impl Fn(&[String]) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_there(&self.lines()) {
            assert!(
                Instant::now() < until,
                "{what} is not on the screen: {:#?}",
                self.lines()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the last lines of the screen are these.
    fn ends_with(&self, expected: &[&str]) {
        self.shows(&format!("{expected:?} at the end"), |lines| {
            lines.len() >= expected.len() && lines[lines.len() - expected.len()..] == *expected
        });
    }

    /// The colour of a text on the screen.
    fn color_of(&self, text: &str) -> vt100::Color {
        let screen = self.screen.lock().unwrap();
        let rows: Vec<String> = screen.screen().rows(0, COLUMNS).collect();
        let row = rows.iter().position(|row| row.contains(text)).unwrap();
        let column = rows[row].find(text).unwrap();
        let cell = screen.screen().cell(row as u16, column as u16);
        cell.unwrap().fgcolor()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody at the other end, in a pipe.
fn other(name: &str, url: &str) -> Running {
    let mut other = Running::start(&["call", "--as", name, "--target", url]);
    other.hear("Connected (LoginSuccess)");
    other
}

#[test]
fn a_callback_is_printed_above_the_line_that_is_being_typed() {
    let (_server, url) = Running::server(&[]);
    let alice = Terminal::person("alice", &url, &[], &[]);
    let mut bob = other("bob", &url);
    alice.types("ring bo");
    alice.ends_with(&["alice> ring bo"]);
    bob.say("ring alice Are you there?");
    alice.ends_with(&[
        "1: remoteInvitationReceived from bob: Are you there?",
        "alice> ring bo",
    ]);
    alice.types("b Shall we?\r");
    bob.hear("remoteInvitationReceived from alice: Shall we?");
    alice.ends_with(&[
        "alice> ring bob Shall we?",
        "2: ringing bob",
        "2: localInvitationReceivedByPeer",
        "alice>",
    ]);
}

#[test]
fn a_line_that_wraps_survives_a_callback() {
    let (_server, url) = Running::server(&[]);
    let alice = Terminal::person("alice", &url, &[], &[]);
    let mut bob = other("bob", &url);
    let long =
        "ring bob a sentence that is longer than the terminal is wide, and so it goes on below";
    alice.types(long);
    alice.ends_with(&[&format!("alice> {}", &long[..73]), &long[73..]]);
    bob.say("ring alice one");
    alice.ends_with(&[
        "1: remoteInvitationReceived from bob: one",
        &format!("alice> {}", &long[..73]),
        &long[73..],
    ]);
}

#[test]
fn tab_finishes_a_user_who_was_seen_and_a_number_that_is_open() {
    let (_server, url) = Running::server(&[]);
    let alice = Terminal::person("alice", &url, &[], &[]);
    let mut robert = other("robert", &url);
    robert.say("ring alice Are you there?");
    alice.shows("the call", |lines| {
        lines.iter().any(|line| line.starts_with("1: remote"))
    });
    alice.types("ref\t\t Not now\r");
    robert.hear("1: localInvitationRefused Not now");
    alice.types("ring rob\tBetter now?\r");
    robert.hear("2: remoteInvitationReceived from alice: Better now?");
}

#[test]
fn what_was_typed_comes_back_in_the_next_session() {
    let (_server, url) = Running::server(&[]);
    let history = scratch("history").join("typed");
    let keep = ["--history", history.to_str().unwrap()];
    let mut bob = other("bob", &url);
    let mut alice = Terminal::person("alice", &url, &keep, &[]);
    alice.types("ring bob first\rquit\r");
    bob.hear("from alice: first");
    assert!(alice.child.wait().unwrap().success());
    let alice = Terminal::person("alice", &url, &keep, &[]);
    // Up passes `quit` and comes to the call; Tab knows its callee.
    alice.types("\u{1b}[A\u{1b}[A\r");
    bob.hear("from alice: first");
    alice.types("ring b\tsecond\r");
    bob.hear("from alice: second");
}

#[test]
fn callbacks_have_colours_and_none_with_no_color() {
    let (_server, url) = Running::server(&[]);
    let mut bob = other("bob", &url);
    for (environment, colored) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let alice = Terminal::person("alice", &url, &[], environment);
        alice.types("ring bob\r");
        bob.hear("remoteInvitationReceived from alice");
        bob.say("accept yes");
        alice.shows("the accept", |lines| {
            lines
                .iter()
                .any(|line| line.contains("localInvitationAccepted yes"))
        });
        let (green, default) = (vt100::Color::Idx(2), vt100::Color::Default);
        let expected = if colored { green } else { default };
        assert_eq!(alice.color_of("localInvitationAccepted"), expected);
        assert_eq!(alice.color_of("logged in as"), default);
    }
}

#[test]
fn a_peer_cannot_paint_on_a_real_terminal_either() {
    let (_server, url) = Running::server(&[]);
    let alice = Terminal::person("alice", &url, &[], &[]);
    let mut bob = other("bob", &url);
    bob.say("ring alice \u{1b}[2J\u{1b}[1;1H\u{1b}]0;title\u{7}gone?");
    alice.ends_with(&[
        "1: remoteInvitationReceived from bob: \\u{1b}[2J\\u{1b}[1;1H\\u{1b}]0;title\\u{7}gon",
        "e?",
        "alice>",
    ]);
    assert!(
        alice.lines()[0].starts_with("connection: "),
        "{:?}",
        alice.lines()
    );
}

#[test]
fn being_told_to_leave_logs_out_and_gives_the_terminal_back() {
    let (_server, url) = Running::server(&[]);
    let mut alice = Terminal::person("alice", &url, &[], &[]);
    alice.types("half a line");
    alice.ends_with(&["alice> half a line"]);
    let kill = std::process::Command::new("kill")
        .args(["-TERM", &alice.child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert!(alice.child.wait().unwrap().success());
    alice.ends_with(&["connection: Disconnected (Logout)"]);
}

#[test]
fn top_is_drawn_again_in_place_and_gives_the_terminal_back() {
    let (server, url) = Running::server(&["--admin-listen", "127.0.0.1:0"]);
    let target = ["top", "--every", "50ms", "--target", &server.operators()];
    let mut top = Terminal::start(&target, &[]);
    let says =
        |text: &'static str| move |lines: &[String]| lines.iter().any(|line| line.contains(text));
    top.shows("nobody", says("connections 0,"));
    let _alice = other("alice", &url);
    top.shows("alice", says("connections 1,"));
    assert!(top.lines()[0].starts_with("http://127.0.0.1:"));
    assert!(top.screen.lock().unwrap().screen().alternate_screen());
    top.types("\u{3}");
    assert!(top.child.wait().unwrap().success());
    top.shows("what was there before", |lines| {
        lines.is_empty() || lines[0] == "^C"
    });
    assert!(!top.screen.lock().unwrap().screen().alternate_screen());
}
