//! A thousand connections that never become a WebSocket, and what they cost.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::bystanders::login;
use super::{metric, server};
use crate::support::PATIENCE;

const THOUSAND: usize = 1000;

/// What each says, in turn: nothing, less than a line, and a head without its end.
const BEGINNINGS: [&str; 3] = [
    "",
    "GET / HT",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
];

/// More than so much memory for a thousand of them would be a hundred megabytes for as many as a server may have.
const GROWTH_BYTES_MAX: f64 = 32e6;

fn begin(address: &str, number: usize) -> TcpStream {
    let mut tcp = TcpStream::connect(address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let beginning = BEGINNINGS[number % BEGINNINGS.len()];
    tcp.write_all(beginning.as_bytes()).unwrap();
    tcp
}

#[tokio::test]
async fn a_thousand_half_open_upgrades_keep_nobody_out_and_leave_nothing_behind() {
    let (_server, url, admin) = server(&["--login-timeout", "1s"]);
    let address = url.trim_start_matches("ws://");
    let of = |name: &str| metric(&admin, name);
    let (files, memory) = (of("process_open_fds"), of("process_resident_memory_bytes"));
    let mut crowd: Vec<TcpStream> = (0..THOUSAND).map(|number| begin(address, number)).collect();
    let began = Instant::now();
    let (_alice, _events) = login(&url, "alice", None).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(1), "the log-in took {took:?}");
    for tcp in &mut crowd {
        let mut answer = Vec::new();
        match tcp.read_to_end(&mut answer) {
            Ok(_) => {}
            // Some of what it had said was still unread.
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        assert_eq!(String::from_utf8_lossy(&answer), "");
    }
    let unfinished = "ringcheck_refusals_total{reason=\"handshake_unfinished\"}";
    let until = Instant::now() + PATIENCE;
    while of("ringcheck_connections") > 1.0 || of(unfinished) < THOUSAND as f64 {
        assert!(
            Instant::now() < until,
            "{} are left",
            of("ringcheck_connections")
        );
    }
    let grown = of("process_resident_memory_bytes") - memory;
    assert!(grown < GROWTH_BYTES_MAX, "{grown} bytes more");
    assert_eq!(
        of("process_open_fds"),
        files + 1.0,
        "all but Alice's are closed"
    );
}
