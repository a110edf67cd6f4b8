//! A pair that rings at a steady rate, and says afterwards how long that took.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ringcheck_reference::client::{
    CallResult, Client, ConnectionState, Event, LocalCallback, RemoteCallback,
};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A caller who rings all the while; the callee accepts at once.
pub(super) struct Bystanders {
    over: Arc<AtomicBool>,
    ringing: JoinHandle<Vec<(Instant, Duration)>>,
    answering: JoinHandle<()>,
}

/// A client that has logged in.
pub(super) async fn login(url: &str, user: &str, token: Option<&str>) -> (Client, Receiver<Event>) {
    let (client, mut events) = Client::with_events(url).unwrap();
    client.login(user, token);
    loop {
        let event = tokio::time::timeout(PATIENCE, events.recv()).await;
        if let Event::Connection { state, .. } = event.expect("in time").expect("it lives")
            && state != ConnectionState::Connecting
        {
            assert_eq!(state, ConnectionState::Connected, "{user}");
            return (client, events);
        }
    }
}

impl Bystanders {
    /// Two users with tokens, at a pause between two rings.
    pub(super) async fn ring(url: &str, tokens: [&str; 2], pause: Duration) -> Self {
        let (caller, mut told) = login(url, "bystander-1", Some(tokens[0])).await;
        let (callee, mut rung) = login(url, "bystander-2", Some(tokens[1])).await;
        let answering = tokio::spawn(async move {
            while let Some(event) = rung.recv().await {
                match &event {
                    Event::Remote {
                        id,
                        callback: RemoteCallback::Received { .. },
                        ..
                    } => {
                        let result = callee.accept_remote_invitation(id, "yes");
                        assert_eq!(result, CallResult::Ok);
                    }
                    Event::Remote {
                        callback: RemoteCallback::Accepted,
                        ..
                    } => {}
                    Event::Local { .. }
                    | Event::Remote { .. }
                    | Event::Connection { .. }
                    | Event::Wire { .. }
                    | Event::TokenExpiring { .. }
                    | Event::TokenRenewed { .. }
                    | Event::Refused { .. } => panic!("the callee was disturbed: {event:?}"),
                }
            }
        });
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let ringing = tokio::spawn(async move {
            let mut took = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let began = Instant::now();
                let id = caller.create_local_invitation("bystander-2", "Shall we?", "");
                caller.send_local_invitation(&id);
                let mut heard = Vec::new();
                while !heard.contains(&LocalCallback::Accepted {
                    response: "yes".to_owned(),
                }) {
                    let event = tokio::time::timeout(PATIENCE, told.recv()).await;
                    let event = event.expect("in time").expect("it lives");
                    let Event::Local {
                        id: about,
                        callback,
                        ..
                    } = event
                    else {
                        panic!("the caller was disturbed: {event:?}");
                    };
                    assert_eq!(about, id);
                    heard.push(callback);
                }
                assert_eq!(heard.len(), 2, "{heard:?}");
                took.push((began, began.elapsed()));
                tokio::time::sleep(pause.saturating_sub(began.elapsed())).await;
            }
            took
        });
        Self {
            over,
            ringing,
            answering,
        }
    }

    /// Ends it; how long each ring took, with when it began. Anything that disturbed them fails the test.
    pub(super) async fn are_undisturbed(self) -> Vec<(Instant, Duration)> {
        self.over.store(true, Ordering::Relaxed);
        let times = self.ringing.await.unwrap();
        // The callee answers on and on, and ends only when something disturbs it.
        assert!(!self.answering.is_finished(), "the callee was disturbed");
        self.answering.abort();
        times
    }
}

/// Median, 99th percentile and maximum, as text, and the 99th percentile.
pub(super) fn summary(times: impl Iterator<Item = Duration>) -> (String, Duration) {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    assert!(!times.is_empty(), "nobody rang");
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let text = format!(
        "{} rings, median {:.1?}, 99th percentile {:.1?}, longest {:.1?}",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
    (text, at(99))
}
