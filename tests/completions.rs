//! What shells and `man` are told of the program.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{run, stderr, stdout};

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{shell}: {}",
            stderr(&output)
        );
        for word in ["baseline", "merge", "timer-scale"] {
            assert!(stdout(&output).contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn bash_takes_its_script() {
    let script = run(&["completions", "bash"]).stdout;
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin.take().unwrap().write_all(&script).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn there_is_a_page_for_the_program_and_for_each_command() {
    let page = run(&["man"]);
    assert!(
        stdout(&page).contains(".TH ringcheck 1"),
        "{}",
        stdout(&page)
    );
    assert!(stdout(&page).contains("Exit codes"));
    let page = run(&["man", "run"]);
    assert!(
        stdout(&page).contains("\\-\\-timer\\-scale"),
        "{}",
        stdout(&page)
    );
    let none = run(&["man", "rnu"]);
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
}
