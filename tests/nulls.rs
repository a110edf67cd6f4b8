//! Servers that let everybody in and then do next to nothing: no scenario may pass on them.

use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::{Message, accept_hdr};

use crate::support::{run, stderr};

/// What a server does with a frame that is neither a log-in nor a ping.
type Habit = fn(&Value) -> Option<Value>;

/// Serves on a free port for as long as the test runs. Its URL.
fn serve(habit: Habit) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || converse(stream, habit));
        }
    });
    url
}

#[expect(clippy::result_large_err, reason = "the shape is the library's")]
fn agree(_: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let ours = HeaderValue::from_static("ringcheck.invitation.v1");
    response
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", ours);
    Ok(response)
}

fn converse(stream: TcpStream, habit: Habit) {
    let Ok(mut socket) = accept_hdr(stream, agree) else {
        return;
    };
    while let Ok(message) = socket.read() {
        let Message::Text(text) = message else {
            continue;
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let answer = match frame["type"].as_str().unwrap() {
            "login" => Some(json!({
                "type": "welcome", "session": "s", "resumed": false, "heartbeat_ms": 10_000,
                "clocks": {
                    "offline_window_ms": 300, "no_ack_ms": 300, "expiry_ms": 600, "accept_ack_ms": 50,
                    "cancel_bound_ms": 100, "presence_grace_ms": 300, "expiry_anchor": "ack",
                },
            })),
            "ping" => Some(json!({"type": "pong"})),
            _ => habit(&frame),
        };
        if let Some(answer) = answer
            && socket.send(Message::text(answer.to_string())).is_err()
        {
            return;
        }
    }
}

fn passed_on(habit: Habit) -> Vec<String> {
    let output = run(&[
        "run",
        "--target",
        &serve(habit),
        "--jobs",
        "300",
        "--report",
        "json=-",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scenarios = report["scenarios"].as_array().unwrap();
    assert!(scenarios.len() >= 40);
    let passed = scenarios.iter().filter(|one| one["verdict"] == "passed");
    passed
        .map(|one| one["file"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn nothing_passes_on_a_server_that_is_silent() {
    assert_eq!(passed_on(|_| None), Vec::<String>::new());
}

#[test]
fn nothing_passes_on_a_server_that_refuses_every_invitation() {
    let refuse = |frame: &Value| {
        (frame["type"] == "invite").then(|| json!({"type": "local_refused", "id": frame["id"]}))
    };
    assert_eq!(passed_on(refuse), Vec::<String>::new());
}

#[test]
fn nothing_passes_on_a_server_that_answers_errors_alone() {
    let complain = |frame: &Value| {
        let (code, kind, id) = ("unknown_invitation", &frame["type"], &frame["id"]);
        Some(json!({"type": "error", "code": code, "message": "no", "frame": kind, "id": id}))
    };
    assert_eq!(passed_on(complain), Vec::<String>::new());
}
