//! One thread of the server with its own runtime and its own connections.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::connection::{serve, turn_away};
use super::gate::{Gate, Ticket};
use super::hub::{Hub, Inbox};
use super::mailbox::Mailbox;
use crate::socket::LINGER;

/// Accepted connections on their way to a thread.
const ACCEPTED_MAX: usize = 1024;

/// Connections that are being told at once that there is no room; more are dropped without a word.
const TURNED_AWAY_MAX: usize = 64;

/// How long to wait when the system has no room for one more connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection on its way to its thread.
pub(super) type Arrival = (Arc<Mailbox>, std::net::TcpStream, Ticket);

/// The way to a thread.
pub(super) fn arrivals() -> (mpsc::Sender<Arrival>, mpsc::Receiver<Arrival>) {
    mpsc::channel(ACCEPTED_MAX)
}

/// Runs one thread until the server stops. The first one also accepts for all and keeps the time.
pub(super) fn run(
    runtime: &Runtime,
    hub: &Arc<Hub>,
    thread: usize,
    mut arrivals: mpsc::Receiver<Arrival>,
    first: Option<(TcpListener, Vec<mpsc::Sender<Arrival>>)>,
) {
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        let mut helpers = JoinSet::new();
        if let Some((listener, threads)) = first {
            helpers.spawn(accept(hub.clone(), listener, threads));
            let hub = hub.clone();
            helpers.spawn(async move { hub.tick(thread).await });
        }
        let inbox_hub = hub.clone();
        helpers.spawn(async move {
            if let Some(inbox) = inbox_hub.inbox(thread) {
                let mut filled = Vec::new();
                poll_fn(|cx| sort(inbox, &mut filled, cx)).await;
            }
        });
        let stopped = hub.stopped();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => break,
                Some((mailbox, tcp, ticket)) = arrivals.recv() => match TcpStream::from_std(tcp) {
                    Ok(tcp) => {
                        connections.spawn(serve(hub.clone(), mailbox, tcp, ticket));
                    }
                    Err(_) => hub.closed(mailbox.connection),
                },
                Some(_) = connections.join_next() => {}
            }
        }
        // Each says goodbye; whoever takes longer than a close may is dropped with the runtime.
        let goodbyes = async { while connections.join_next().await.is_some() {} };
        let _: Result<(), _> = tokio::time::timeout(2 * LINGER, goodbyes).await;
    });
}

/// Wakes the connections for which other threads have left mail; never ready.
fn sort(inbox: &Inbox, filled: &mut Vec<Arc<Mailbox>>, cx: &Context<'_>) -> Poll<()> {
    inbox.task.register(cx.waker());
    inbox.take(filled);
    for mailbox in filled.drain(..) {
        mailbox.wake();
    }
    Poll::Pending
}

/// Accepts connections and deals them out to the threads in turn.
async fn accept(hub: Arc<Hub>, listener: TcpListener, threads: Vec<mpsc::Sender<Arrival>>) {
    let mut turned_away = JoinSet::new();
    for (thread, sender) in threads.iter().enumerate().cycle() {
        let (tcp, remote) = loop {
            match listener.accept().await {
                Ok(accepted) => break accepted,
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        };
        // Frames are small and wanted at once.
        if tcp.set_nodelay(true).is_err() {
            continue;
        }
        let ticket = match Gate::enter(&hub.gate, remote) {
            Ok(ticket) => ticket,
            Err(why) => {
                while turned_away.try_join_next().is_some() {}
                if turned_away.len() < TURNED_AWAY_MAX {
                    turned_away.spawn(turn_away(hub.clone(), tcp, why));
                }
                continue;
            }
        };
        if let Ok(tcp) = tcp.into_std()
            && let Some(mailbox) = hub.open(thread, remote)
            && sender.send((mailbox, tcp, ticket)).await.is_err()
        {
            return;
        }
    }
}
