//! What a served server holds for a client that means it ill, seen from outside.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::Running;

/// The resident memory of a process, in KiB.
fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn pings_of_a_client_that_never_reads_do_not_heap_up() {
    let (server, url) = Running::server(&[]);
    let mut client = TcpStream::connect(url.trim_start_matches("ws://")).unwrap();
    client
        .write_all(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
              Sec-WebSocket-Protocol: ringcheck.invitation.v1\r\n\r\n",
        )
        .unwrap();
    let mut answer = [0; 12];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");

    // A ping of 125 bytes, masked with zeros; its answer is as long.
    let mut ping = vec![0x89, 0x80 | 125, 0, 0, 0, 0];
    ping.extend([b'x'; 125]);
    let burst = ping.repeat(1_000);
    let before = resident_kib(server.pid());
    client
        .set_write_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    // Sixty megabytes of answers, unless the server stops before; that is right as well.
    for _ in 0..500 {
        if client.write_all(&burst).is_err() {
            break;
        }
    }
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(
        grown < 16 * 1024,
        "the server holds {grown} KiB more for one connection"
    );
}
