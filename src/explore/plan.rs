//! What happens in one seed: who takes part, who rings whom, what is answered, and what goes wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use super::trouble::Trouble;
use crate::scenario::plan::Way;
use crate::target::sim::Weather;

/// All that happens in one seed. Times count from the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed it was drawn from; it also decides how long each frame takes.
    pub seed: u64,
    /// What was switched on.
    pub troubles: BTreeSet<Trouble>,
    /// How the network behaves throughout.
    pub weather: Weather,
    /// Bytes that wait for a connection before it is closed as a slow reader; `None` is the server's own bound.
    pub outbox_bytes_max: Option<usize>,
    /// Who takes part. Two devices of one user share its id.
    pub devices: Vec<Device>,
    /// The invitations.
    pub rings: Vec<Ring>,
    /// What goes wrong at some moment.
    pub mishaps: Vec<Mishap>,
}

/// A device of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Whose, by number.
    pub user: usize,
    /// When it logs in; `None` is never, unless a mishap lets it.
    pub login: Option<Duration>,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The device that rings.
    pub caller: usize,
    /// The user that is rung.
    pub callee: usize,
    /// When it is sent.
    pub at: Duration,
    /// How long after the send it is cancelled, if it is.
    pub cancel: Option<Duration>,
    /// Whether it is cancelled once more right after that.
    pub cancel_again: bool,
    /// What each device that it rings at does about it.
    pub answers: Vec<Answer>,
}

/// What a callee does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How long after it rang.
    pub after: Duration,
    /// Whether it accepts, rather than refuses.
    pub accept: bool,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    /// When.
    pub at: Duration,
    /// To which device.
    pub device: usize,
    /// What.
    pub what: What,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The connection is lost and comes back at once.
    Interrupt,
    /// The connection is lost and stays so for that long.
    Away(Duration),
    /// The connection is gone, and the server does not know.
    Vanish,
    /// The connection is gone, and the client does not know.
    Forsake,
    /// Frames that go that way wait for that long; a connection that is lost takes them along.
    Hold(Way, Duration),
    /// The client dies, and another logs in after that long.
    Crash(Duration),
    /// The user logs in on this device as well.
    Login,
    /// The user logs out, and in again after that long.
    Logout(Duration),
    /// The server dies, and another is there after that long. It has nothing to do with the device.
    Restart(Duration),
}

impl What {
    /// How long until it is over, where that is planned.
    pub(super) fn lasts(self) -> Duration {
        match self {
            Self::Interrupt | Self::Vanish | Self::Forsake | Self::Login => Duration::ZERO,
            Self::Away(time)
            | Self::Hold(_, time)
            | Self::Crash(time)
            | Self::Logout(time)
            | Self::Restart(time) => time,
        }
    }

    /// The kind of trouble it is.
    pub fn trouble(self) -> Trouble {
        match self {
            Self::Interrupt => Trouble::Loss,
            Self::Away(_) => Trouble::Away,
            Self::Vanish | Self::Forsake => Trouble::HalfOpen,
            Self::Hold(..) => Trouble::BlackHole,
            Self::Crash(_) => Trouble::Crash,
            Self::Login => Trouble::SecondLogin,
            Self::Logout(_) => Trouble::Logout,
            Self::Restart(_) => Trouble::ServerRestart,
        }
    }
}

impl Plan {
    /// The id of a user.
    pub fn user_id(user: usize) -> String {
        const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];
        NAMES
            .get(user)
            .map_or_else(|| format!("user-{user}"), |name| (*name).to_owned())
    }

    /// When the last invitation has been sent and the last mishap is over.
    pub fn over(&self) -> Duration {
        let rings = self.rings.iter().map(|ring| ring.at);
        let mishaps = self
            .mishaps
            .iter()
            .map(|mishap| mishap.at + mishap.what.lasts());
        let logins = self.devices.iter().filter_map(|device| device.login);
        rings.chain(mishaps).chain(logins).max().unwrap_or_default()
    }

    /// How many users take part.
    pub fn users(&self) -> usize {
        let users: BTreeSet<usize> = self.devices.iter().map(|device| device.user).collect();
        users.len()
    }
}
