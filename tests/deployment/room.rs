//! As many connections as there are files for, and an answer for whoever is too many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::get;
use crate::support::{PATIENCE, Running, root};

/// A server that may open so many files.
fn server_with_files(files: usize) -> Command {
    let program = env!("CARGO_BIN_EXE_ringcheck");
    let mut command = Command::new("sh");
    let limited = format!("ulimit -n {files} && exec \"$0\" \"$@\"");
    command.current_dir(root()).args(["-c", &limited, program]);
    command.args(["serve", "--threads", "1", "--listen", "127.0.0.1:0"]);
    command.args(["--admin-listen", "127.0.0.1:0"]);
    command
}

#[test]
fn who_is_too_many_for_the_open_files_is_told_and_operators_are_answered() {
    let mut server = Running::of(server_with_files(220));
    let line = server.hear("listening on ");
    let address = line.trim_start_matches("listening on ws://").to_owned();
    server.complains("fewer files");
    let admin = server.operators().replace("http://", "");
    let mut connections = Vec::new();
    let refused = loop {
        assert!(connections.len() < 220, "nobody was told");
        let mut connection = TcpStream::connect(&address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        // Of those that are let in, none says more than this.
        write!(connection, "GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
        connections.push(connection);
        if crate::deployment::metric(
            &admin,
            "ringcheck_refusals_total{reason=\"connections_full\"}",
        ) > 0.0
        {
            break connections.pop().unwrap();
        }
    };
    let mut refused = refused;
    write!(refused, "\r\n").unwrap();
    let mut answer = String::new();
    refused.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(connections.len() >= 16, "{}", connections.len());
    assert_eq!(get(&admin, "/healthz", None).0, 200);
}

#[test]
fn a_server_without_files_for_anybody_does_not_start() {
    let output = server_with_files(100).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("100 files") && told.contains("ulimit"),
        "{told}"
    );
}
