//! The reference server as a deployment: its settings, tokens, TLS, limits and end, with the real program.

mod attacks;
mod bystanders;
mod draining;
mod half_open;
mod making;
mod room;
mod secrets;
mod settings;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Running, run, scratch, stderr, stdout};

/// A folder with keys and a certificate of a test's own.
struct Office {
    folder: PathBuf,
}

impl Office {
    fn new(name: &str) -> Self {
        let office = Self {
            folder: scratch(name),
        };
        let [keys, cert, key] = ["keys.json", "cert.pem", "key.pem"].map(|file| office.file(file));
        does(&["token", "keygen", "--out", &keys, "--id", "first"]);
        does(&["cert", "--cert", &cert, "--key", &key]);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A token made with these arguments.
    fn token(&self, more: &[&str]) -> String {
        let keys = self.file("keys.json");
        let arguments = [&["token", "make", "--key", &keys], more].concat();
        does(&arguments).trim().to_owned()
    }
}

/// What the program says when it does well.
fn does(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

/// A server with an operators' port; its URL and that port's address.
fn server(more: &[&str]) -> (Running, String, String) {
    let (server, url) = Running::server(&[&["--admin-listen", "127.0.0.1:0"], more].concat());
    let line = server.has_heard("operators on http://");
    let admin = line.trim_start_matches("operators on http://").to_owned();
    (server, url, admin)
}

/// Status and body of what an address answers to a GET.
pub(crate) fn get(address: &str, path: &str, token: Option<&str>) -> (u16, String) {
    let mut tcp = TcpStream::connect(address).unwrap();
    let token = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    write!(
        tcp,
        "GET {path} HTTP/1.1\r\nHost: x\r\n{token}Connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

pub(crate) fn metric(admin: &str, name: &str) -> f64 {
    let (_, page) = get(admin, "/metrics", None);
    let value = page
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")))
        .unwrap_or_else(|| panic!("`{name}` is not in:\n{page}"));
    value.parse().unwrap()
}

/// Sends a signal.
fn tell(server: &Running, signal: &str) {
    let pid = server.pid().to_string();
    let status = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(status.success());
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
