//! The two automata of an invitation, one arrow each in one `match`, and the results of calls per state.

use super::rules::Id;
use crate::history::{Call, CallCode, Callback, FailureCode};

/// Names and positions for the values of an enum of states or steps.
macro_rules! listed {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

listed! {
    /// A state of the caller's side, as far as a history can tell states apart.
    LocalState {
        /// Not created.
        Absent = "Absent",
        /// Created, not sent.
        Idle = "Idle",
        /// Sent; the callee's device has not answered.
        SentToRemote = "SentToRemote",
        /// The callee's device has it.
        ReceivedByRemote = "ReceivedByRemote",
        /// A cancel was admitted and is undecided. The caller still reads one of the two before.
        CancelSent = "CancelSent",
        /// Ended: accepted.
        AcceptedByRemote = "AcceptedByRemote",
        /// Ended: refused.
        RefusedByRemote = "RefusedByRemote",
        /// Ended: cancelled.
        Canceled = "Canceled",
        /// Ended: failed.
        Failure = "Failure",
    }
}

listed! {
    /// A state of the callee's side, as far as a history can tell states apart.
    RemoteState {
        /// Not received.
        Absent = "Absent",
        /// It rings.
        InvitationReceived = "InvitationReceived",
        /// An accept was admitted and is unconfirmed.
        AcceptSentToLocal = "AcceptSentToLocal",
        /// A refuse was admitted and is unconfirmed. The callee still reads `InvitationReceived`.
        RefuseSent = "RefuseSent",
        /// Ended: refused.
        Refused = "Refused",
        /// Ended: accepted.
        Accepted = "Accepted",
        /// Ended: cancelled.
        Canceled = "Canceled",
        /// Ended: failed.
        Failure = "Failure",
    }
}

listed! {
    /// What can happen to the caller's side: a call that is admitted, or a callback.
    LocalStep {
        /// `createLocalInvitation`.
        Create = "create",
        /// `sendLocalInvitation`.
        Send = "send",
        /// `cancelLocalInvitation`.
        Cancel = "cancel",
        /// The callee's device has it.
        ReceivedByPeer = "localInvitationReceivedByPeer",
        /// Accepted.
        Accepted = "localInvitationAccepted",
        /// Refused.
        Refused = "localInvitationRefused",
        /// Cancelled.
        Canceled = "localInvitationCanceled",
        /// Failure 1.
        RemoteOffline = "localInvitationFailure (1)",
        /// Failure 2.
        RemoteNoResponse = "localInvitationFailure (2)",
        /// Failure 3.
        Expired = "localInvitationFailure (3)",
        /// Failure 4.
        NotLoggedIn = "localInvitationFailure (4)",
        /// A failure with a code of no domain; FAIL-7 reports the code, the side ends all the same.
        FailureUnknown = "localInvitationFailure (unknown)",
    }
}

listed! {
    /// What can happen to the callee's side: a callback, or a call that is admitted.
    RemoteStep {
        /// It rings.
        Received = "remoteInvitationReceived",
        /// `acceptRemoteInvitation`.
        Accept = "accept",
        /// `refuseRemoteInvitation`.
        Refuse = "refuse",
        /// Confirmed.
        Accepted = "remoteInvitationAccepted",
        /// Confirmed.
        Refused = "remoteInvitationRefused",
        /// The caller cancelled.
        Canceled = "remoteInvitationCanceled",
        /// Failure 1.
        LocalOffline = "remoteInvitationFailure (1)",
        /// Failure 2.
        AcceptFailure = "remoteInvitationFailure (2)",
        /// Failure 3.
        Expired = "remoteInvitationFailure (3)",
        /// A failure with a code of no domain; FAIL-7 reports the code, the side ends all the same.
        FailureUnknown = "remoteInvitationFailure (unknown)",
    }
}

/// What every state must be able to do for the sets and tables below.
pub(super) trait State: Copy + Eq + 'static {
    type Step: Copy + 'static;
    const STATES: &'static [Self];
    const STEPS: &'static [Self::Step];
    fn bit(self) -> u16;
    /// The next state, or the rule that forbids the step here.
    fn after(self, step: Self::Step) -> Result<Self, Id>;
    fn step_name(step: Self::Step) -> &'static str;
    fn state_name(self) -> &'static str;
}

impl State for LocalState {
    type Step = LocalStep;
    const STATES: &'static [Self] = Self::ALL;
    const STEPS: &'static [LocalStep] = LocalStep::ALL;

    fn bit(self) -> u16 {
        1 << self as u16
    }

    fn after(self, step: LocalStep) -> Result<Self, Id> {
        local_after(self, step)
    }

    fn step_name(step: LocalStep) -> &'static str {
        step.name()
    }

    fn state_name(self) -> &'static str {
        self.name()
    }
}

impl State for RemoteState {
    type Step = RemoteStep;
    const STATES: &'static [Self] = Self::ALL;
    const STEPS: &'static [RemoteStep] = RemoteStep::ALL;

    fn bit(self) -> u16 {
        1 << self as u16
    }

    fn after(self, step: RemoteStep) -> Result<Self, Id> {
        remote_after(self, step)
    }

    fn step_name(step: RemoteStep) -> &'static str {
        step.name()
    }

    fn state_name(self) -> &'static str {
        self.name()
    }
}

/// Every arrow of the caller's side, and the rule against each step that is none.
fn local_after(state: LocalState, step: LocalStep) -> Result<LocalState, Id> {
    use LocalState as S;
    use LocalStep as E;
    Ok(match (state, step) {
        (S::Absent, E::Create) => S::Idle,
        (S::Idle, E::Send) => S::SentToRemote,
        (S::SentToRemote | S::ReceivedByRemote | S::CancelSent, E::Cancel) => S::CancelSent,
        (S::SentToRemote, E::ReceivedByPeer) => S::ReceivedByRemote,
        // The device ack and the cancel cross.
        (S::CancelSent, E::ReceivedByPeer) => S::CancelSent,
        (S::SentToRemote | S::ReceivedByRemote | S::CancelSent, E::Accepted) => S::AcceptedByRemote,
        (S::SentToRemote | S::ReceivedByRemote | S::CancelSent, E::Refused) => S::RefusedByRemote,
        (S::CancelSent, E::Canceled) => S::Canceled,
        (
            S::SentToRemote | S::CancelSent,
            E::RemoteOffline | E::RemoteNoResponse | E::NotLoggedIn,
        )
        | (S::SentToRemote | S::ReceivedByRemote | S::CancelSent, E::Expired | E::FailureUnknown) => {
            S::Failure
        }

        // Only creating makes one.
        (
            S::Absent,
            E::Send
            | E::Cancel
            | E::ReceivedByPeer
            | E::Accepted
            | E::Refused
            | E::Canceled
            | E::RemoteOffline
            | E::RemoteNoResponse
            | E::Expired
            | E::NotLoggedIn
            | E::FailureUnknown,
        ) => return Err(Id::Obj1),
        (
            S::Idle
            | S::SentToRemote
            | S::ReceivedByRemote
            | S::CancelSent
            | S::AcceptedByRemote
            | S::RefusedByRemote
            | S::Canceled
            | S::Failure,
            E::Create,
        ) => return Err(Id::Obj1),
        // Nothing was sent.
        (S::Idle, E::Cancel) => return Err(Id::Api5),
        (S::Idle, E::ReceivedByPeer) => return Err(Id::Ord2),
        (S::Idle, E::Accepted) => return Err(Id::Ord4),
        (S::Idle, E::Refused) => return Err(Id::Ord5),
        (S::Idle | S::SentToRemote | S::ReceivedByRemote, E::Canceled) => {
            return Err(Id::Ord3);
        }
        (S::Idle | S::ReceivedByRemote, E::RemoteOffline) => return Err(Id::Fail1),
        (S::Idle | S::ReceivedByRemote, E::RemoteNoResponse) => return Err(Id::Fail3),
        (S::Idle, E::Expired | E::FailureUnknown) => return Err(Id::Fail4),
        (S::Idle | S::ReceivedByRemote, E::NotLoggedIn) => return Err(Id::Fail5),
        // Once only.
        (S::SentToRemote | S::ReceivedByRemote | S::CancelSent, E::Send) => {
            return Err(Id::Api3);
        }
        (S::ReceivedByRemote, E::ReceivedByPeer) => return Err(Id::Send4),
        // The life has ended.
        (S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure, E::Send) => {
            return Err(Id::Api4);
        }
        (S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure, E::Cancel) => {
            return Err(Id::Api7);
        }
        (
            S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure,
            E::ReceivedByPeer,
        ) => return Err(Id::Ord6),
        (
            S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure,
            E::Accepted
            | E::Refused
            | E::Canceled
            | E::RemoteOffline
            | E::RemoteNoResponse
            | E::Expired
            | E::NotLoggedIn
            | E::FailureUnknown,
        ) => return Err(Id::Obj3),
    })
}

/// Every arrow of the callee's side, and the rule against each step that is none.
fn remote_after(state: RemoteState, step: RemoteStep) -> Result<RemoteState, Id> {
    use RemoteState as S;
    use RemoteStep as E;
    Ok(match (state, step) {
        (S::Absent, E::Received) => S::InvitationReceived,
        // Which of two crossing answers wins is the arbiter's to say.
        (S::InvitationReceived | S::RefuseSent, E::Accept) => S::AcceptSentToLocal,
        (S::InvitationReceived | S::RefuseSent, E::Refuse) => S::RefuseSent,
        (S::AcceptSentToLocal, E::Accepted) => S::Accepted,
        (S::RefuseSent, E::Refused) => S::Refused,
        (S::InvitationReceived | S::AcceptSentToLocal | S::RefuseSent, E::Canceled) => S::Canceled,
        (S::AcceptSentToLocal, E::LocalOffline | E::AcceptFailure)
        | (
            S::InvitationReceived | S::AcceptSentToLocal | S::RefuseSent,
            E::Expired | E::FailureUnknown,
        ) => S::Failure,

        // Only Received makes one.
        (
            S::Absent,
            E::Accepted
            | E::Refused
            | E::Canceled
            | E::LocalOffline
            | E::AcceptFailure
            | E::Expired
            | E::FailureUnknown,
        ) => return Err(Id::Obj2),
        (S::Absent, E::Accept | E::Refuse) => return Err(Id::Api15),
        // Once only.
        (S::InvitationReceived | S::AcceptSentToLocal | S::RefuseSent, E::Received) => {
            return Err(Id::Send4);
        }
        (S::AcceptSentToLocal, E::Accept) => return Err(Id::Api9),
        (S::AcceptSentToLocal, E::Refuse) => return Err(Id::Api13),
        // Nobody asked for it.
        (S::InvitationReceived | S::RefuseSent, E::Accepted) => return Err(Id::Ord4),
        (S::InvitationReceived | S::AcceptSentToLocal, E::Refused) => return Err(Id::Ord5),
        (S::InvitationReceived | S::RefuseSent, E::LocalOffline) => return Err(Id::Acc4),
        (S::InvitationReceived | S::RefuseSent, E::AcceptFailure) => return Err(Id::Acc3),
        // The life has ended.
        (S::Accepted, E::Accept) => return Err(Id::Api10),
        (S::Refused | S::Canceled | S::Failure, E::Accept) => return Err(Id::Api11),
        (S::Refused | S::Accepted | S::Canceled | S::Failure, E::Refuse) => {
            return Err(Id::Api14);
        }
        (
            S::Refused | S::Accepted | S::Canceled | S::Failure,
            E::Received
            | E::Accepted
            | E::Refused
            | E::Canceled
            | E::LocalOffline
            | E::AcceptFailure
            | E::Expired
            | E::FailureUnknown,
        ) => return Err(Id::Obj3),
    })
}

/// Which step of its side a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A step of the caller's side.
    Local(LocalStep),
    /// A step of the callee's side.
    Remote(RemoteStep),
}

/// The step that a callback with that code is.
pub(super) fn told(callback: Callback, code: Option<FailureCode>) -> Told {
    match (callback, code.map_or(0, |code| code.0)) {
        (Callback::LocalReceivedByPeer, _) => Told::Local(LocalStep::ReceivedByPeer),
        (Callback::LocalAccepted, _) => Told::Local(LocalStep::Accepted),
        (Callback::LocalRefused, _) => Told::Local(LocalStep::Refused),
        (Callback::LocalCanceled, _) => Told::Local(LocalStep::Canceled),
        (Callback::LocalFailure, 1) => Told::Local(LocalStep::RemoteOffline),
        (Callback::LocalFailure, 2) => Told::Local(LocalStep::RemoteNoResponse),
        (Callback::LocalFailure, 3) => Told::Local(LocalStep::Expired),
        (Callback::LocalFailure, 4) => Told::Local(LocalStep::NotLoggedIn),
        (Callback::LocalFailure, 0 | 5..) => Told::Local(LocalStep::FailureUnknown),
        (Callback::RemoteReceived, _) => Told::Remote(RemoteStep::Received),
        (Callback::RemoteAccepted, _) => Told::Remote(RemoteStep::Accepted),
        (Callback::RemoteRefused, _) => Told::Remote(RemoteStep::Refused),
        (Callback::RemoteCanceled, _) => Told::Remote(RemoteStep::Canceled),
        (Callback::RemoteFailure, 1) => Told::Remote(RemoteStep::LocalOffline),
        (Callback::RemoteFailure, 2) => Told::Remote(RemoteStep::AcceptFailure),
        (Callback::RemoteFailure, 3) => Told::Remote(RemoteStep::Expired),
        (Callback::RemoteFailure, 0 | 4..) => Told::Remote(RemoteStep::FailureUnknown),
    }
}

/// The number of the state that a callback shows (OBJ-4). 3 and 4 mean opposite things on the two sides.
pub fn state_number(callback: Callback) -> u8 {
    match callback {
        Callback::RemoteReceived => 1,
        Callback::LocalReceivedByPeer => 2,
        Callback::LocalAccepted | Callback::RemoteRefused => 3,
        Callback::LocalRefused | Callback::RemoteAccepted => 4,
        Callback::LocalCanceled | Callback::RemoteCanceled => 5,
        Callback::LocalFailure | Callback::RemoteFailure => 6,
    }
}

/// What a call may return in a state: the row of section 7 and its codes, the others tolerated beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) rule: Id,
    pub(super) codes: &'static [CallCode],
}

const fn row(rule: Id, codes: &'static [CallCode]) -> Row {
    Row { rule, codes }
}

const OK: CallCode = CallCode::OK;
const INVALID: CallCode = CallCode::INVALID_ARGUMENT;
const NOT_STARTED: CallCode = CallCode::NOT_STARTED;
const END: CallCode = CallCode::ALREADY_END;
const ACCEPT: CallCode = CallCode::ALREADY_ACCEPT;
const SENT: CallCode = CallCode::ALREADY_SENT;

/// The row for a send or cancel; `good` says whether the arguments keep their limits. `None` for the callee's calls.
pub(super) fn local_row(state: LocalState, call: Call, good: bool) -> Option<Row> {
    use LocalState as S;
    Some(match (state, call) {
        (S::Idle, Call::Send) if good => row(Id::Api1, &[OK]),
        (S::Idle, Call::Send) => row(Id::Api2, &[INVALID]),
        (S::SentToRemote | S::ReceivedByRemote, Call::Send) => row(Id::Api3, &[SENT]),
        // The cancel may have been decided already.
        (S::CancelSent, Call::Send) => row(Id::Api3, &[SENT, END]),
        (S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure, Call::Send) => {
            row(Id::Api4, &[END])
        }
        (S::Idle, Call::Cancel) => row(Id::Api5, &[NOT_STARTED]),
        (S::SentToRemote | S::ReceivedByRemote, Call::Cancel) => row(Id::Api6, &[OK]),
        (S::CancelSent, Call::Cancel) => row(Id::Api6, &[OK, END]),
        (S::AcceptedByRemote | S::RefusedByRemote | S::Canceled | S::Failure, Call::Cancel) => {
            row(Id::Api7, &[END])
        }
        (S::Absent, Call::Send | Call::Cancel) => return None,
        (
            S::Absent
            | S::Idle
            | S::SentToRemote
            | S::ReceivedByRemote
            | S::CancelSent
            | S::AcceptedByRemote
            | S::RefusedByRemote
            | S::Canceled
            | S::Failure,
            Call::Create | Call::Accept | Call::Refuse,
        ) => return None,
    })
}

/// The row for an accept or refuse; `good` says whether the response keeps its limit. `None` for the caller's calls.
pub(super) fn remote_row(state: RemoteState, call: Call, good: bool) -> Option<Row> {
    use RemoteState as S;
    Some(match (state, call) {
        (S::Absent, Call::Accept | Call::Refuse) => row(Id::Api15, &[NOT_STARTED]),
        (S::InvitationReceived, Call::Accept | Call::Refuse) if !good => row(Id::Api16, &[INVALID]),
        // The refuse may have been decided already.
        (S::RefuseSent, Call::Accept | Call::Refuse) if !good => row(Id::Api16, &[INVALID, END]),
        (S::InvitationReceived, Call::Accept) => row(Id::Api8, &[OK]),
        (S::RefuseSent, Call::Accept) => row(Id::Api8, &[OK, END]),
        (S::AcceptSentToLocal, Call::Accept) => row(Id::Api9, &[ACCEPT]),
        (S::Accepted, Call::Accept) => row(Id::Api10, &[END, ACCEPT]),
        (S::Refused | S::Canceled | S::Failure, Call::Accept) => row(Id::Api11, &[END]),
        (S::InvitationReceived, Call::Refuse) => row(Id::Api12, &[OK]),
        (S::RefuseSent, Call::Refuse) => row(Id::Api12, &[OK, END]),
        (S::AcceptSentToLocal, Call::Refuse) => row(Id::Api13, &[ACCEPT, END]),
        (S::Refused | S::Accepted | S::Canceled | S::Failure, Call::Refuse) => {
            row(Id::Api14, &[END])
        }
        (
            S::Absent
            | S::InvitationReceived
            | S::AcceptSentToLocal
            | S::RefuseSent
            | S::Refused
            | S::Accepted
            | S::Canceled
            | S::Failure,
            Call::Create | Call::Send | Call::Cancel,
        ) => return None,
    })
}
