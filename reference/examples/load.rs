//! A small load for measuring a server: idle sessions, or pairs that ring and accept in a loop.
//!
//! ```sh
//! cargo run --release -p ringcheck-reference --example load -- hold ws://127.0.0.1:7000 4000
//! cargo run --release -p ringcheck-reference --example load -- ring ws://127.0.0.1:7000 100
//! ```
//!
//! A third argument names the issuer of the certificate of a `wss://` server. `hold` prints a line when all are logged in
//! and stays until its input ends; the server's `process_resident_memory_bytes` says what they cost. `ring` rings for five
//! seconds and prints how many invitations were accepted on both sides in each.
#![expect(clippy::print_stdout, reason = "what was measured is for people")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ringcheck_reference::client::{Client, ConnectionState, Event, LocalCallback, RemoteCallback};
use ringcheck_reference::tls::Trust;
use tokio::sync::mpsc;

const RINGING: Duration = Duration::from_secs(5);

/// Log-ins under way at once.
const AT_ONCE: usize = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, url, count, ca @ ..] = &arguments[..] else {
        return Err("expected: hold|ring URL COUNT [CA]".into());
    };
    let trust = match ca.first() {
        None => Trust::system()?,
        Some(ca) => Trust::from_pem(&std::fs::read(ca)?)?,
    };
    let count: usize = count.parse()?;
    match mode.as_str() {
        "hold" => hold(url, count, &trust).await,
        "ring" => ring(url, count, &trust).await,
        other => Err(format!("`{other}` is neither `hold` nor `ring`").into()),
    }
}

/// Starts a client and waits until it is logged in; what it hears goes to `heard` afterwards.
async fn login(
    url: &str,
    trust: &Trust,
    user: &str,
) -> Result<(Client, mpsc::Receiver<Event>), Box<dyn std::error::Error>> {
    let (sender, mut heard) = mpsc::channel(1024);
    let observer = move |event: &Event| {
        // Nobody listens to an idle one.
        let _ = sender.try_send(event.clone());
    };
    let client = Client::trusting(url, trust, observer)?;
    client.login(user, None);
    while let Some(event) = heard.recv().await {
        if let Event::Connection { state, .. } = event
            && state != ConnectionState::Connecting
        {
            if state == ConnectionState::Connected {
                return Ok((client, heard));
            }
            break;
        }
    }
    let trouble = client.trouble().unwrap_or_default();
    Err(format!("`{user}` was not let in: {trouble}").into())
}

async fn hold(url: &str, count: usize, trust: &Trust) -> Result<(), Box<dyn std::error::Error>> {
    let mut held = Vec::with_capacity(count);
    for first in (0..count).step_by(AT_ONCE) {
        let batch = (first..count.min(first + AT_ONCE))
            .map(|number| async move { login(url, trust, &format!("idle-{number}")).await });
        for entered in futures_util::future::join_all(batch).await {
            held.push(entered?);
        }
    }
    println!("{} sessions are idle", held.len());
    tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin())).await??;
    Ok(())
}

async fn ring(url: &str, count: usize, trust: &Trust) -> Result<(), Box<dyn std::error::Error>> {
    let accepted = Arc::new(AtomicU64::new(0));
    for number in 0..count {
        let name = format!("callee-{number}");
        let (callee, mut rung) = login(url, trust, &name).await?;
        tokio::spawn(async move {
            while let Some(event) = rung.recv().await {
                if let Event::Remote {
                    id,
                    callback: RemoteCallback::Received { .. },
                    ..
                } = event
                {
                    callee.accept_remote_invitation(&id, "yes");
                }
            }
        });
        let (caller, mut told) = login(url, trust, &format!("caller-{number}")).await?;
        let accepted = accepted.clone();
        tokio::spawn(async move {
            let send = || {
                let id = caller.create_local_invitation(&name, "Shall we?", "");
                caller.send_local_invitation(&id);
            };
            send();
            while let Some(event) = told.recv().await {
                if let Event::Local {
                    callback: LocalCallback::Accepted { .. },
                    ..
                } = event
                {
                    accepted.fetch_add(1, Ordering::Relaxed);
                    send();
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = accepted.load(Ordering::Relaxed);
    tokio::time::sleep(RINGING).await;
    let rung = accepted.load(Ordering::Relaxed) - before;
    println!(
        "{count} pairs: {} accepts a second",
        rung / RINGING.as_secs()
    );
    Ok(())
}
