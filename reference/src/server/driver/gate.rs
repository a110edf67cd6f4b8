//! Who may come in at all: connections in total and from one address, and log-ins in a time (LIM-4).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use crate::limits::{Limits, Rate};

/// Counts who is in, and turns away who is too many.
#[derive(Debug)]
pub(super) struct Gate {
    connections_max: usize,
    per_address_max: Option<u32>,
    logins: Option<Rate>,
    connections: AtomicUsize,
    addresses: Mutex<HashMap<IpAddr, u32>>,
    /// When the present window of log-ins began, and how many came in it.
    window: Mutex<(Instant, u32)>,
    turned_away: [AtomicU64; TurnedAway::ALL.len()],
}

/// Why a connection came to nothing before anybody could log in over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnedAway {
    /// The server has as many connections as it may.
    ConnectionsFull,
    /// The address has as many connections as it may.
    AddressFull,
    /// The handshake of TLS failed.
    TlsFailed,
    /// What came was not a request for our WebSocket.
    NotWebSocket,
    /// A page from elsewhere asked, in a browser, and there are no tokens that would keep it out.
    ForeignOrigin,
    /// The handshake was not over in time, or was broken off.
    HandshakeUnfinished,
}

impl TurnedAway {
    pub(super) const ALL: [Self; 6] = [
        Self::ConnectionsFull,
        Self::AddressFull,
        Self::TlsFailed,
        Self::NotWebSocket,
        Self::ForeignOrigin,
        Self::HandshakeUnfinished,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ConnectionsFull => "connections_full",
            Self::AddressFull => "address_full",
            Self::TlsFailed => "tls_failed",
            Self::NotWebSocket => "not_websocket",
            Self::ForeignOrigin => "foreign_origin",
            Self::HandshakeUnfinished => "handshake_unfinished",
        }
    }
}

/// A connection's place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    gate: Arc<Gate>,
    /// The address it counts for, where addresses are counted.
    address: Option<IpAddr>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.connections.fetch_sub(1, Ordering::Relaxed);
        if let Some(address) = self.address {
            let mut addresses = self.gate.addresses();
            if let Some(count) = addresses.get_mut(&address) {
                *count -= 1;
                if *count == 0 {
                    addresses.remove(&address);
                }
            }
        }
    }
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            connections_max: limits.connections_max,
            per_address_max: limits.connections_per_address_max,
            logins: limits.logins,
            connections: AtomicUsize::new(0),
            addresses: Mutex::default(),
            window: Mutex::new((Instant::now(), 0)),
            turned_away: Default::default(),
        }
    }

    fn addresses(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections there are, from the accept to the end of the close.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Gives a connection its place, or says why there is none. Only the accepting task calls it.
    pub(super) fn enter(gate: &Arc<Self>, remote: SocketAddr) -> Result<Ticket, TurnedAway> {
        if gate.connections() >= gate.connections_max {
            return Err(gate.turn_away(remote, TurnedAway::ConnectionsFull));
        }
        let counted = gate
            .per_address_max
            .map(|max| (max, counted_as(remote.ip())));
        if let Some((max, address)) = counted {
            let mut addresses = gate.addresses();
            let count = addresses.entry(address).or_insert(0);
            if *count >= max {
                return Err(gate.turn_away(remote, TurnedAway::AddressFull));
            }
            *count += 1;
        }
        gate.connections.fetch_add(1, Ordering::Relaxed);
        Ok(Ticket {
            gate: gate.clone(),
            address: counted.map(|(_, address)| address),
        })
    }

    /// Counts a connection that came to nothing.
    pub(super) fn turn_away(&self, remote: SocketAddr, why: TurnedAway) -> TurnedAway {
        debug!(%remote, reason = why.word(), "turned away");
        if let Some(count) = self.turned_away.get(why as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        why
    }

    /// How many connections came to nothing, by reason.
    pub(super) fn turned_away(&self) -> Vec<(&'static str, u64)> {
        TurnedAway::ALL
            .iter()
            .zip(&self.turned_away)
            .map(|(why, count)| (why.word(), count.load(Ordering::Relaxed)))
            .collect()
    }

    /// Counts a log-in, before its token is looked at: that is what costs. How long to wait, if there were too many.
    pub(super) fn too_many_logins(&self) -> Option<Duration> {
        let Rate { messages, window } = self.logins?;
        let now = Instant::now();
        let mut guard = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = &mut *guard;
        if now >= *began + window {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        (*count > messages).then(|| (*began + window).saturating_duration_since(now))
    }
}

/// Whoever has an IPv6 address usually has the whole network around it.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(limits: Limits) -> Arc<Gate> {
        Arc::new(Gate::new(&limits))
    }

    fn remote(address: [u8; 4]) -> SocketAddr {
        (address, 4_000).into()
    }

    #[test]
    fn an_address_gets_its_places_back_and_others_keep_theirs() {
        let gate = gate(Limits {
            connections_per_address_max: Some(1),
            ..Limits::default()
        });
        let (one, other) = (remote([127, 0, 0, 1]), remote([127, 0, 0, 2]));
        let ticket = Gate::enter(&gate, one).unwrap();
        assert_eq!(
            Gate::enter(&gate, one).unwrap_err(),
            TurnedAway::AddressFull
        );
        let _theirs = Gate::enter(&gate, other).unwrap();
        drop(ticket);
        let _again = Gate::enter(&gate, one).unwrap();
        assert_eq!(gate.connections(), 2);
        assert_eq!(gate.turned_away()[1], ("address_full", 1));
    }

    #[test]
    fn the_last_place_is_given_once() {
        let gate = gate(Limits {
            connections_max: 1,
            ..Limits::default()
        });
        let _ticket = Gate::enter(&gate, remote([127, 0, 0, 1])).unwrap();
        let refused = Gate::enter(&gate, remote([127, 0, 0, 2])).unwrap_err();
        assert_eq!(refused, TurnedAway::ConnectionsFull);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let address = |text: &str| counted_as(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:127.0.0.1"), address("127.0.0.1"));
    }

    #[test]
    fn so_many_log_ins_in_a_time_and_no_more() {
        let gate = gate(Limits {
            logins: Some(Rate {
                messages: 2,
                window: Duration::from_secs(3600),
            }),
            ..Limits::default()
        });
        assert_eq!(gate.too_many_logins(), None);
        assert_eq!(gate.too_many_logins(), None);
        assert!(gate.too_many_logins().is_some());
    }
}
