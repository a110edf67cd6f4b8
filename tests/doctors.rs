//! Targets looked over: a good one, and each that is not as it should be.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Output;

use tungstenite::Message;
use tungstenite::handshake::server::{Request, Response};

use crate::support::{Running, run, scratch, stderr, stdout};

fn doctor(url: &str, more: &[&str]) -> Output {
    run(&[&["doctor", "--target", url][..], more].concat())
}

/// How every thing that was looked at was graded, in order.
fn grades(output: &Output) -> Vec<(String, String)> {
    let text = stdout(output);
    let lines = text.lines().filter(|line| !line.starts_with(' '));
    lines
        .map(|line| {
            let (grade, rest) = line.split_once(' ').unwrap();
            let name: String = rest.trim().chars().take(13).collect();
            (name.trim().to_owned(), grade.to_owned())
        })
        .collect()
}

fn grade(output: &Output, name: &str) -> String {
    let grades = grades(output);
    let found = grades.iter().find(|(one, _)| one == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {}", stdout(output)))
        .1
        .clone()
}

#[test]
fn the_reference_is_as_it_should_be() {
    let (_server, url) = Running::server(&["--timer-scale", "0.05"]);
    let output = doctor(&url, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let names: Vec<String> = grades(&output).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "reach",
            "WebSocket",
            "subprotocol",
            "log-in",
            "clocks",
            "round trip",
            "unknown frame",
            "limits",
            "token",
            "clock skew",
            "log-out"
        ]
    );
    let told = stdout(&output);
    for part in [
        "`ringcheck.invitation.v1`, which is version 1",
        "the lifecycle's times 0.050: offline_window 1.5s, no_ack 1.5s, expiry 3s",
        "(median of 9)",
        "answered by `error` `unknown_type`",
        "none is asked for: anybody may log in as anybody",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert!(!told.contains("bad"), "{told}");
    assert_eq!(stderr(&output), "the target can be tested\n");
}

#[test]
fn a_server_that_wants_tokens_is_entered_with_them_alone() {
    let folder = scratch("doctor-tokens");
    let keys = folder.join("keys.json");
    let keys = keys.to_str().unwrap();
    assert!(run(&["token", "keygen", "--out", keys]).status.success());
    let (_server, url) = Running::server(&["--timer-scale", "0.05", "--auth-keys", keys]);
    let output = doctor(&url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert_eq!(grade(&output, "log-in"), "shut");
    assert!(stdout(&output).contains("refused as `invalid_token`"));
    assert!(stdout(&output).contains("hint: `--token-key FILE`"));

    let output = doctor(&url, &["--token-key", keys]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(grade(&output, "token"), "good");
    assert!(stdout(&output).contains("a forged, an expired and another user's are refused"));
    assert_eq!(grade(&output, "clock skew"), "good");
    assert!(stdout(&output).contains("by how long a renewed token lasts there"));
}

#[test]
fn behind_tls_the_certificate_is_looked_at_first() {
    let folder = scratch("doctor-tls");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = run(&["cert", "--cert", &cert, "--key", &key]);
    assert!(made.status.success(), "{}", stderr(&made));
    let (_server, url) = Running::server(&["--tls-cert", &cert, "--tls-key", &key]);
    let output = doctor(&url, &["--tls-ca", &cert]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(grade(&output, "TLS"), "good");
    let output = doctor(&url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert_eq!(grade(&output, "TLS"), "shut");
    assert!(stdout(&output).contains("hint: `--tls-ca FILE`"));
}

#[test]
fn a_dead_port_is_told_as_one() {
    let output = doctor("ws://127.0.0.1:9", &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert_eq!(grades(&output), [("reach".to_owned(), "shut".to_owned())]);
    assert!(stdout(&output).contains("`ringcheck serve`"));
    assert_eq!(stderr(&output), "the target cannot be tested\n");
}

#[test]
fn what_is_no_url_of_a_server_ends_with_2() {
    for url in ["http://127.0.0.1:9", "127.0.0.1:9", "ws://"] {
        let output = doctor(url, &[]);
        assert_eq!(output.status.code(), Some(2), "{url}");
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
}

/// A server that does so with every connection.
fn serving(each: fn(TcpStream)) -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || each(tcp));
        }
    });
    url
}

#[test]
fn a_plain_http_server_is_no_web_socket() {
    let url = serving(|mut tcp| {
        let mut request = [0; 4096];
        let _ = tcp.read(&mut request);
        let page = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
        let _ = tcp.write_all(page.as_bytes());
    });
    let output = doctor(&url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert_eq!(grade(&output, "reach"), "good");
    assert_eq!(grade(&output, "WebSocket"), "shut");
    assert!(
        stdout(&output).contains("HTTP 200 OK"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_server_of_another_subprotocol_is_told_from_one_that_is_no_web_socket() {
    let url = serving(|tcp| {
        if let Ok(mut socket) = tungstenite::accept(tcp) {
            let _ = socket.read();
        }
    });
    let output = doctor(&url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
    assert_eq!(grade(&output, "WebSocket"), "good");
    assert_eq!(grade(&output, "subprotocol"), "shut");
    let wanted = "expected `ringcheck.invitation.v1`; the server does not choose it";
    assert!(stdout(&output).contains(wanted), "{}", stdout(&output));
}

/// A server that takes invitations of any size, and calls a type that it does not know malformed.
fn sloppy(tcp: TcpStream) {
    #[expect(clippy::result_large_err, reason = "the library asks for this shape")]
    let choose = |request: &Request, mut response: Response| {
        let name = "Sec-WebSocket-Protocol";
        let chosen = request.headers()[name].clone();
        response.headers_mut().insert(name, chosen);
        let date = "Sat, 01 Jan 2000 00:00:00 GMT".parse().unwrap();
        response.headers_mut().insert("Date", date);
        Ok(response)
    };
    let mut socket = tungstenite::accept_hdr(tcp, choose).unwrap();
    while let Ok(Message::Text(text)) = socket.read() {
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        let answer = match frame["type"].as_str().unwrap() {
            "login" => r#"{"type":"welcome","session":"s","resumed":false,"heartbeat_ms":10000,"clocks":{"offline_window_ms":30000,"no_ack_ms":30000,"expiry_ms":60000,"accept_ack_ms":1,"cancel_bound_ms":10000,"presence_grace_ms":30000,"expiry_anchor":"ack"}}"#.to_owned(),
            "ping" => r#"{"type":"pong"}"#.to_owned(),
            "cancel" => format!(r#"{{"type":"local_canceled","id":{}}}"#, frame["id"]),
            "invite" => continue,
            "logout" => r#"{"type":"bye","reason":"logout"}"#.to_owned(),
            _ => r#"{"type":"error","code":"malformed","message":"what?"}"#.to_owned(),
        };
        socket.send(Message::text(answer)).unwrap();
    }
}

#[test]
fn what_can_be_tested_and_is_not_as_it_should_be_ends_with_1() {
    let output = doctor(&serving(sloppy), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let told = stdout(&output);
    for (name, wanted) in [
        ("clocks", "note"),
        ("round trip", "good"),
        ("unknown frame", "bad"),
        ("limits", "bad"),
        ("clock skew", "note"),
        ("log-out", "good"),
    ] {
        assert_eq!(grade(&output, name), wanted, "{name}: {told}");
    }
    for part in [
        "out of proportion to expiry: accept_ack",
        "expected `error` `unknown_type`; got `malformed`",
        "content of 8193 bytes passes; a channel id of 65 bytes passes; a user id of 65 bytes passes",
        "by the date of its HTTP answer",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert!(stderr(&output).contains("is not as it should be"));
}
