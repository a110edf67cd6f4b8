//! What the library comes to on servers that do next to nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Null;
use super::serve::{TIMER_SCALE, clocks, serve};
use crate::runner::{Run, Verdict, play_all, to_the_end};
use crate::scenario::plan::Scenario;
use crate::target::{Cast, Embedded, Reach, StartError};

/// What the library came to on one of these servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NullScore {
    /// Which server.
    pub null: Null,
    /// How many scenarios were played on it.
    pub scenarios: usize,
    /// The files of those that passed; there should be none.
    pub passed: Vec<String>,
}

/// Plays the scenarios on each of the servers, all at once: what takes the time is the waiting.
///
/// # Errors
/// When no loopback port can be listened on.
pub async fn score(scenarios: &[Arc<Scenario>]) -> Result<Vec<NullScore>, StartError> {
    let good = Embedded::start(TIMER_SCALE)?;
    let mut playing = JoinSet::new();
    for (place, null) in Null::ALL.into_iter().enumerate() {
        let (listener, url) = listen().await?;
        let (upstream, scenarios) = (good.url(), scenarios.to_vec());
        playing.spawn(async move {
            let serving = tokio::spawn(serve(null, listener, upstream));
            let cast: Arc<dyn Cast> = Arc::new(Reach::assumed(&url, clocks()));
            let run = Run {
                name: &format!("n{place}"),
                seed: 1,
                jobs: scenarios.len(),
                watched: false,
            };
            let outcomes = play_all(&scenarios, &cast, clocks(), &run, to_the_end).await;
            serving.abort();
            let passed = outcomes
                .iter()
                .filter(|outcome| outcome.verdict == Verdict::Passed)
                .map(|outcome| outcome.file.display().to_string())
                .collect();
            let scenarios = outcomes.len();
            (
                place,
                NullScore {
                    null,
                    scenarios,
                    passed,
                },
            )
        });
    }
    let mut scores = playing.join_all().await;
    // Stopping waits for the server's threads.
    tokio::task::spawn_blocking(|| drop(good));
    scores.sort_by_key(|(place, _)| *place);
    Ok(scores.into_iter().map(|(_, score)| score).collect())
}

/// A free loopback port and its URL.
async fn listen() -> Result<(TcpListener, String), StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let refused = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let url = format!("ws://{}", listener.local_addr().map_err(refused)?);
    Ok((listener, url))
}
