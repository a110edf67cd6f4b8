//! Being told to leave, so that what was begun can be ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Runtime;

/// How often this process has been told to end, from now on.
pub(super) fn counted(runtime: &Runtime) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let heard = count.clone();
    runtime.spawn(async move {
        loop {
            told().await;
            heard.fetch_add(1, Ordering::Relaxed);
        }
    });
    count
}

/// Comes back when this process is told to end: by Ctrl-C, or by the system.
pub(super) async fn told() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hang_up)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        ) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
