//! A scenario in which nothing can be misspelt any more: what the runner plays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use super::text::{Part, Piece, Save, Text};
use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, FailureCode,
};

/// One call flow with what it demands.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file it was read from.
    pub file: PathBuf,
    /// What it promises, in words.
    pub name: String,
    /// The requirements it exercises, by id.
    pub covers: Vec<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Who takes part; steps name them by index.
    pub users: Vec<User>,
    /// The invitations, in order of creation; steps name them by index.
    pub invitations: Vec<Invitation>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name in the file.
    pub name: String,
    /// The user whose id this one logs in with: a second device (SES-1).
    pub same_as: Option<usize>,
    /// Text to append to the id on the wire (LIM-3).
    pub suffix: String,
    /// How many bytes the id on the wire is padded to (LIM-3).
    pub bytes: Option<usize>,
    /// Whether the user is logged in before the first step.
    pub online: bool,
}

/// An invitation that a `create` step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its label in the file.
    pub label: String,
    /// Who creates it.
    pub caller: usize,
    /// Whom it names.
    pub callee: Callee,
}

/// Whom an invitation names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// A participant.
    User(usize),
    /// An id written out or saved, sent as it is: for ids that must be refused, and to ring whoever rang.
    Id(Text),
}

/// One step and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in the file, from 1.
    pub column: usize,
    /// Where it is written, if that is in a file that the scenario includes at the place above.
    pub origin: Option<Origin>,
    /// What to do or to wait for.
    pub act: Act,
}

/// The place of a step in a file of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: Arc<Path>,
    /// Its text.
    pub text: Arc<str>,
    /// The line in it, from 1.
    pub line: usize,
    /// The column in it, from 1.
    pub column: usize,
}

impl Step {
    /// The callback that must come, with its step, if that is what the step waits for.
    pub fn expect(&self) -> Option<(&Self, &Expect)> {
        match &self.act {
            Act::Expect(expect) => Some((self, expect)),
            Act::Call { .. }
            | Act::Write { .. }
            | Act::Session { .. }
            | Act::Never { .. }
            | Act::Allow { .. }
            | Act::Connection { .. }
            | Act::Wait(_)
            | Act::AnyOrder(_)
            | Act::Together(_)
            | Act::Race(_)
            | Act::Raw { .. } => None,
        }
    }
}

/// What one step does or waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A user makes a call on an invitation.
    Call {
        /// Who.
        user: usize,
        /// Which call.
        call: Call,
        /// On which invitation.
        invitation: usize,
        /// The texts passed: content and channel of a create, response of an accept or refuse (in `content`).
        texts: Texts,
        /// The results that are right; empty means Ok.
        results: Vec<CallCode>,
    },
    /// The caller writes new content or channel id into an invitation (OBJ-6).
    Write {
        /// Who.
        user: usize,
        /// Into which invitation.
        invitation: usize,
        /// What; `None` leaves a text as it is.
        texts: Texts,
    },
    /// A user changes its session.
    Session {
        /// Who.
        user: usize,
        /// How.
        change: SessionChange,
    },
    /// A user is called back, in a window of time.
    Expect(Expect),
    /// A user is *not* called back for a while.
    Never {
        /// Who.
        user: usize,
        /// Which callbacks; empty means any.
        callbacks: Vec<Callback>,
        /// About which invitation; `None` means any.
        invitation: Option<usize>,
        /// For how long.
        span: Span,
    },
    /// A user may be called back from here on, without having to.
    Allow {
        /// Who.
        user: usize,
        /// Which callbacks.
        callbacks: Vec<Callback>,
        /// About which invitation.
        invitation: usize,
    },
    /// A user's connection reaches a state.
    Connection {
        /// Who.
        user: usize,
        /// Which state.
        state: ConnectionState,
        /// For which reason; `None` means any.
        reason: Option<ConnectionReason>,
        /// Within how long.
        within: Span,
    },
    /// Nothing for a while.
    Wait(Pause),
    /// Expectations that may be met in any order.
    AnyOrder(Vec<Step>),
    /// Calls released at once, in parallel.
    Together(Vec<Step>),
    /// Calls that cross, and every outcome that is right.
    Race(Race),
    /// A step that only somebody with a hand on the frames can take: *raw*. A target that cannot says so.
    Raw {
        /// At whose connection.
        user: usize,
        /// What.
        raw: Raw,
        /// What the target must answer, if that is demanded.
        answer: Option<Answer>,
        /// Within how long.
        within: Span,
    },
}

/// What a raw step does to a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// Something happens to frames until that is mended or the connection is lost.
    Meddle {
        /// To those that go that way.
        way: Way,
        /// Of these types; empty means all.
        frames: Vec<String>,
        /// What happens.
        how: Meddling,
    },
    /// The frames that go that way go through as they are again.
    Mend(Way),
    /// Something is sent as it is.
    Say(RawFrame<Text>),
}

/// What happens to a frame on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meddling {
    /// It never arrives.
    Lose,
    /// It arrives twice.
    Duplicate,
    /// It is overtaken by the next one.
    Reorder,
    /// It arrives so much later.
    Delay(Pause),
}

/// Something sent as it is, whose texts are of the type `T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawFrame<T = String> {
    /// A text message.
    Text(T),
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message of bytes that need not be UTF-8.
    Utf8(Vec<u8>),
    /// Bytes beneath the messages.
    Stream(Vec<u8>),
    /// The first half of a text message, after which the connection ends.
    Truncated(T),
}

impl<T> RawFrame<T> {
    /// The same with its text made another.
    pub fn map<U>(&self, text: impl FnOnce(&T) -> U) -> RawFrame<U> {
        match self {
            Self::Text(own) => RawFrame::Text(text(own)),
            Self::Truncated(own) => RawFrame::Truncated(text(own)),
            Self::Binary(bytes) => RawFrame::Binary(bytes.clone()),
            Self::Utf8(bytes) => RawFrame::Utf8(bytes.clone()),
            Self::Stream(bytes) => RawFrame::Stream(bytes.clone()),
        }
    }
}

/// What a target answers to what is no good frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An error of that code.
    Error(String),
    /// A close with that code.
    Close(u16),
}

impl Scenario {
    /// Whether some step is raw: not every target can play it.
    pub fn is_raw(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step.act, Act::Raw { .. }))
    }
}

/// Calls that cross, and the joint outcomes of which the users must agree on one (AGR).
#[derive(Debug, Clone, PartialEq)]
pub struct Race {
    /// What crosses.
    pub steps: Vec<Step>,
    /// How long after one another the steps are taken; `None` means released at once, in parallel.
    pub apart: Option<Pause>,
    /// What may come of it.
    pub outcomes: Vec<JointOutcome>,
}

/// One way in which a race may end: what every user hears then.
#[derive(Debug, Clone, PartialEq)]
pub struct JointOutcome {
    /// Its name in the file.
    pub name: String,
    /// Expectations; those of one user about one invitation are met in their order.
    pub expects: Vec<Step>,
}

/// A wait: a length of time, or one between two that the run's seed decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pause {
    /// At least so long.
    pub least: Span,
    /// At most so long; as long as `least` where nothing is left to the seed.
    pub most: Span,
}

/// A change of a user's session or connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionChange {
    /// Log in, and wait until that has succeeded.
    Login,
    /// Log out.
    Logout,
    /// Cut the connection and keep it down.
    Drop,
    /// Let a dropped connection come back, and wait until it has.
    Reconnect,
    /// Cut the connection once; the client comes back by itself (SES-2).
    Interrupt,
    /// Let the frames that go that way wait; a connection that is lost takes them along.
    Hold(Way),
    /// Let the frames that go that way go on, those that waited first.
    Release(Way),
}

/// A direction of a user's connection, as the user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What the user's client sends.
    Sent,
    /// What the user's client is sent.
    Heard,
}

impl Way {
    /// Both, by the names that scenarios use.
    pub const ALL: [(&'static str, Self); 2] = [("sent", Self::Sent), ("heard", Self::Heard)];
}

/// Texts of a step; `None` was not written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The content of a create, or the response of an accept or refuse.
    pub content: Option<Text>,
    /// The channel id of a create.
    pub channel: Option<Text>,
}

/// A callback that must come.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// To whom.
    pub user: usize,
    /// One of these.
    pub callbacks: Vec<Callback>,
    /// About which invitation.
    pub invitation: usize,
    /// The content it must carry.
    pub content: Option<Text>,
    /// The channel id it must carry.
    pub channel: Option<Text>,
    /// The response it must carry.
    pub response: Option<Text>,
    /// The failure code it must carry.
    pub code: Option<CodeDemand>,
    /// What of it later steps use.
    pub saves: Vec<Save>,
    /// When.
    pub window: Window,
}

/// Which failure code a callback must carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeDemand {
    /// This one.
    Is(FailureCode),
    /// The one whose name was saved under this name.
    Saved(String),
}

/// When a callback must come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Window {
    /// At most so long after the step began.
    Within(Span),
    /// At a moment of one of the lifecycle's clocks, counted from where that clock starts (FAIL).
    At {
        /// The moment.
        moment: Moment,
        /// How much earlier is still right; `None` means 50 ms or 1 %, whichever is more.
        early: Option<Span>,
        /// How much later is still right; `None` means 10 % and 1 s.
        late: Option<Span>,
    },
}

/// What `within` is when it is left out.
pub const WITHIN: Span = Span::Fixed(Duration::from_secs(3));

/// A length of time, fixed or in proportion to one of the target's clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span {
    /// So long.
    Fixed(Duration),
    /// A part or multiple of a clock.
    Of(Moment),
}

/// A part or multiple of one of the target's clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Which clock.
    pub timer: Timer,
    /// How many times it; 1 is the clock itself.
    pub factor: f64,
}

/// The clocks of the lifecycle, by the names that scenarios use (FAIL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// `offline_window`, from the send.
    OfflineWindow,
    /// `no_ack`, from the send.
    NoAck,
    /// `expiry`, from the callee's device ack.
    Expiry,
    /// `accept_ack`, from the accept.
    AcceptAck,
    /// `cancel_bound`, from the cancel.
    CancelBound,
    /// `presence_grace`, from the loss of the connection.
    PresenceGrace,
}

impl Timer {
    /// Every clock with its name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("offline_window", Self::OfflineWindow),
        ("no_ack", Self::NoAck),
        ("expiry", Self::Expiry),
        ("accept_ack", Self::AcceptAck),
        ("cancel_bound", Self::CancelBound),
        ("presence_grace", Self::PresenceGrace),
    ];

    /// The name that scenarios use.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, timer)| *timer == self);
        named.map_or("?", |(name, _)| name)
    }

    /// How long that clock runs on a target.
    pub fn of(self, clocks: &Clocks) -> Duration {
        match self {
            Self::OfflineWindow => clocks.offline_window,
            Self::NoAck => clocks.no_ack,
            Self::Expiry => clocks.expiry,
            Self::AcceptAck => clocks.accept_ack,
            Self::CancelBound => clocks.cancel_bound,
            Self::PresenceGrace => clocks.presence_grace,
        }
    }
}

impl Moment {
    /// How long that is on a target.
    pub fn of(self, clocks: &Clocks) -> Duration {
        self.timer.of(clocks).mul_f64(self.factor)
    }
}

impl Pause {
    /// How long that is on a target, where `share` of what is between the two lengths is taken: from 0 to 1.
    pub fn of(self, clocks: &Clocks, share: f64) -> Duration {
        let (least, most) = (self.least.of(clocks), self.most.of(clocks));
        least + most.saturating_sub(least).mul_f64(share)
    }
}

impl Span {
    /// How long that is on a target.
    pub fn of(self, clocks: &Clocks) -> Duration {
        match self {
            Self::Fixed(duration) => duration,
            Self::Of(moment) => moment.of(clocks),
        }
    }
}
