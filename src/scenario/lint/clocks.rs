//! Time between the steps, as far as it can be told beforehand, and the windows that it leaves no room for.

use std::time::Duration;

use super::Lint;
use super::sessions::Session;
use crate::history::{Call, Callback, Clocks, FailureCode, Side};
use crate::scenario::plan::{CodeDemand, Expect, Pause, Span, Step, Timer, Window};
use crate::scenario::problem;

/// A length of time that is only known to lie between two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    least: Duration,
    most: Duration,
}

/// How long a change of a session may take.
const SESSION: Duration = Duration::from_secs(10);

/// Longer than anything: of what comes that late nothing can be said.
const UNKNOWN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

fn clocks() -> Clocks {
    Clocks::default()
}

impl Stretch {
    /// So long.
    pub(super) fn exactly(span: Span) -> Self {
        let span = span.of(&clocks());
        Self {
            least: span,
            most: span,
        }
    }

    /// At most so long.
    pub(super) fn up_to(span: Span) -> Self {
        Self {
            least: Duration::ZERO,
            most: span.of(&clocks()),
        }
    }

    /// At most as long as a session takes to change.
    pub(super) fn session() -> Self {
        Self::up_to(Span::Fixed(SESSION))
    }

    /// So many pauses.
    pub(super) fn pauses(pause: Pause, times: usize) -> Self {
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        Self {
            least: pause.least.of(&clocks()).saturating_mul(times),
            most: pause.most.of(&clocks()).saturating_mul(times),
        }
    }

    /// The one behind the other.
    pub(super) fn and(self, more: Self) -> Self {
        Self {
            least: self.least.saturating_add(more.least),
            most: self.most.saturating_add(more.most),
        }
    }

    /// The longer of both.
    pub(super) fn both(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            most: self.most.max(other.most),
        }
    }

    /// One of both.
    pub(super) fn either(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }
}

impl Lint<'_> {
    /// Lets time pass.
    pub(super) fn pass(&mut self, time: Stretch) {
        for life in &mut self.lives {
            life.pass(time);
        }
        self.lost = self.lost.map(|ago| ago.and(time));
    }

    /// How long an expectation that begins now may take until it is met.
    pub(super) fn takes(&self, expect: &Expect) -> Stretch {
        match expect.window {
            Window::Within(span) => Stretch::up_to(span),
            Window::At {
                moment,
                early,
                late,
            } => {
                let Some(ago) = self.started(moment.timer, expect.invitation) else {
                    return Stretch {
                        least: Duration::ZERO,
                        most: UNKNOWN,
                    };
                };
                let length = moment.of(&clocks());
                let early = early.map_or_else(|| tolerance(length), |span| span.of(&clocks()));
                let late = late.map_or_else(|| lateness(length), |span| span.of(&clocks()));
                Stretch {
                    least: length.saturating_sub(early).saturating_sub(ago.most),
                    most: (length + late).saturating_sub(ago.least),
                }
            }
        }
    }

    /// How long ago a clock was started for an invitation; `None` if that is not known.
    fn started(&self, timer: Timer, invitation: usize) -> Option<Stretch> {
        let life = self.lives.get(invitation)?;
        match timer {
            Timer::OfflineWindow | Timer::NoAck => life.made(Call::Send),
            Timer::Expiry => life.received,
            Timer::AcceptAck => life.made(Call::Accept),
            Timer::CancelBound => life.made(Call::Cancel),
            Timer::PresenceGrace => self.lost,
        }
    }

    /// Notes a window that is over before its failure can come (FAIL).
    pub(super) fn check_window(&mut self, step: &Step, expect: &Expect) {
        let (Some(CodeDemand::Is(code)), [callback]) = (&expect.code, &*expect.callbacks) else {
            return;
        };
        let causes = self.causes(*callback, *code, expect.invitation);
        let latest = self.takes(expect).most;
        let can_come = |(timer, ago): &(Timer, Stretch)| {
            let length = timer.of(&clocks());
            latest.saturating_add(ago.most) >= length.saturating_sub(tolerance(length))
        };
        let Some((timer, _)) = causes.first().copied() else {
            return;
        };
        if self.says_raw || causes.iter().any(can_come) {
            return;
        }
        let name = code.name(callback.side()).unwrap_or("?");
        let clock = timer.name();
        self.places
            .add(
                problem::NEVER_MET,
                step,
                format!("`{callback}` with `{name}` comes when `{clock}` is over, and this window ends before that"),
                "ends too early",
            )
            .help(format!("write `at: {clock}`"));
    }

    /// The clocks of which one must pass before a failure can come, and how long ago each was started at most.
    fn causes(
        &self,
        callback: Callback,
        code: FailureCode,
        invitation: usize,
    ) -> Vec<(Timer, Stretch)> {
        let after = |timer: Timer, call: Call| {
            let ago = self.lives.get(invitation)?.made(call)?;
            Some((timer, ago))
        };
        let by_send = |timer| after(timer, Call::Send);
        let by_accept = || after(Timer::AcceptAck, Call::Accept);
        let causes = match (callback.side(), code) {
            (Side::Local, FailureCode::REMOTE_OFFLINE) => [by_send(Timer::OfflineWindow), None],
            (Side::Local, FailureCode::REMOTE_NO_RESPONSE) => [by_send(Timer::NoAck), None],
            // The caller of an accept that failed ends with it too (AGR-6).
            (Side::Local, FailureCode::EXPIRE) => [by_send(Timer::Expiry), by_accept()],
            (Side::Remote, FailureCode::LOCAL_OFFLINE | FailureCode::ACCEPT_FAILURE) => {
                [by_accept(), None]
            }
            // So does the callee of what failed for the caller (FAIL-6).
            (Side::Remote, FailureCode::EXPIRE) => {
                [by_send(Timer::NoAck), by_send(Timer::OfflineWindow)]
            }
            (Side::Local | Side::Remote, _) => [None, None],
        };
        causes.into_iter().flatten().collect()
    }

    /// Notes a time without callbacks in which the caller must be told of an end (AGR-8).
    pub(super) fn check_never(
        &mut self,
        step: &Step,
        user: usize,
        callbacks: &[Callback],
        (invitation, span): (Option<usize>, Span),
    ) {
        let stays = self.sessions.get(user) == Some(&Session::In);
        if self.says_raw || !stays {
            return;
        }
        let time = Stretch::exactly(span);
        let mut lives = self.lives.iter().enumerate();
        let owed = lives.find(|(at, life)| {
            let asked = life.caller == user && invitation.is_none_or(|asked| asked == *at);
            let sent = life.due(callbacks).filter(|_| asked);
            sent.is_some_and(|ago| ago.and(time).least > longest_life())
        });
        let Some(owed) = owed.map(|(at, _)| at) else {
            return;
        };
        let (name, label) = (self.user_name(user), self.label(owed));
        let message = format!(
            "`{name}` must be told how `{label}` ends before so long a time is over (AGR-8)"
        );
        self.places
            .add(
                problem::NEVER_MET,
                step,
                message,
                "too long to hear nothing",
            )
            .help("watch for a shorter time, or expect the end");
    }
}

/// How much earlier than its moment something may come (FAIL).
fn tolerance(length: Duration) -> Duration {
    Duration::from_millis(50).max(length / 100)
}

/// How much later (FAIL).
fn lateness(length: Duration) -> Duration {
    length / 10 + Duration::from_secs(1)
}

/// How long after the send its caller is told of the end at the latest (AGR-8).
fn longest_life() -> Duration {
    let clocks = clocks();
    let life = clocks.no_ack.max(clocks.offline_window) + clocks.expiry + clocks.accept_ack;
    life + lateness(life)
}
