//! The requirements of the lifecycle document, by id, in its order.

/// How strictly a requirement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Breaking it is a violation.
    Must,
    /// Breaking it is a warning.
    Should,
}

/// A requirement of the lifecycle document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Its id, as `ACC-2`.
    pub id: &'static str,
    /// How strictly it binds.
    pub grade: Grade,
    /// What it demands.
    pub sentence: &'static str,
}

/// The requirement of that id.
pub fn requirement(id: &str) -> Option<&'static Requirement> {
    REQUIREMENTS.iter().find(|requirement| requirement.id == id)
}

/// Every requirement.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "OBJ-1",
        grade: Grade::Must,
        sentence: "A local invitation begins at createLocalInvitation. It needs no login.",
    },
    Requirement {
        id: "OBJ-2",
        grade: Grade::Must,
        sentence: "A remote invitation begins at remoteInvitationReceived; only the library creates one.",
    },
    Requirement {
        id: "OBJ-3",
        grade: Grade::Must,
        sentence: "Each side's life ends with exactly one ending callback. No callback for that invitation on that side follows it.",
    },
    Requirement {
        id: "OBJ-4",
        grade: Grade::Must,
        sentence: "When a callback runs, the invitation's state already shows the new value.",
    },
    Requirement {
        id: "OBJ-5",
        grade: Grade::Must,
        sentence: "Local fields: callee id (fixed at creation), content and channel id (caller writes, before send), response (callee's, read-only), state. Remote fields: caller id, content, channel id (read-only), response (callee writes, before accept or refuse), state.",
    },
    Requirement {
        id: "OBJ-6",
        grade: Grade::Must,
        sentence: "Changing content or channel id after send changes nothing on the wire.",
    },
    Requirement {
        id: "OBJ-7",
        grade: Grade::Must,
        sentence: "Missing text and empty text are the same.",
    },
    Requirement {
        id: "SEND-1",
        grade: Grade::Must,
        sentence: "sendLocalInvitation: the callee gets remoteInvitationReceived, then the caller gets localInvitationReceivedByPeer.",
    },
    Requirement {
        id: "SEND-2",
        grade: Grade::Must,
        sentence: "localInvitationReceivedByPeer follows the callee's device ack. A server that merely stored or forwarded the invitation does not cause it.",
    },
    Requirement {
        id: "SEND-3",
        grade: Grade::Must,
        sentence: "Content and channel id arrive unchanged, byte for byte.",
    },
    Requirement {
        id: "SEND-4",
        grade: Grade::Must,
        sentence: "At most one Received and one ReceivedByPeer per invitation and session; repeats of the same id on the wire are absorbed.",
    },
    Requirement {
        id: "SEND-5",
        grade: Grade::Must,
        sentence: "Nobody but the named callee hears of it.",
    },
    Requirement {
        id: "SEND-6",
        grade: Grade::Must,
        sentence: "A caller may hold many invitations at once, to many callees and to the same callee; each is independent, found by its own id, never by the pair of users.",
    },
    Requirement {
        id: "SEND-7",
        grade: Grade::Must,
        sentence: "Two users inviting each other at once are two independent invitations. There is no implicit busy, merge or glare rule.",
    },
    Requirement {
        id: "SEND-8",
        grade: Grade::Must,
        sentence: "Inviting oneself is an ordinary invitation.",
    },
    Requirement {
        id: "CAN-1",
        grade: Grade::Must,
        sentence: "cancelLocalInvitation: the callee gets remoteInvitationCanceled and the remote life ends; then the caller gets localInvitationCanceled and the local life ends.",
    },
    Requirement {
        id: "CAN-2",
        grade: Grade::Must,
        sentence: "Cancel before the callee's device ack, or while the callee is offline, succeeds; resending stops; the callee hears nothing later (no Received after a cancel has won).",
    },
    Requirement {
        id: "CAN-3",
        grade: Grade::Must,
        sentence: "The caller's Canceled is not held hostage by an unreachable callee: at most 10 s after the cancel.",
    },
    Requirement {
        id: "CAN-4",
        grade: Grade::Must,
        sentence: "A callee that had it and was unreachable during the cancel gets Canceled on its return while its session lives.",
    },
    Requirement {
        id: "ACC-1",
        grade: Grade::Must,
        sentence: "acceptRemoteInvitation: the callee gets remoteInvitationAccepted, the caller localInvitationAccepted with the callee's response; both lives end.",
    },
    Requirement {
        id: "ACC-2",
        grade: Grade::Must,
        sentence: "Three-way: callee accepts, caller is told, caller's device acks, callee is confirmed. remoteInvitationAccepted never precedes the caller's device ack.",
    },
    Requirement {
        id: "ACC-3",
        grade: Grade::Must,
        sentence: "Ack missing 5 s after the accept although the caller has a session: remoteInvitationFailure AcceptFailure (2).",
    },
    Requirement {
        id: "ACC-4",
        grade: Grade::Must,
        sentence: "Caller has no session at the accept and does not return within 5 s: remoteInvitationFailure LocalOffline (1).",
    },
    Requirement {
        id: "ACC-5",
        grade: Grade::Must,
        sentence: "After ACC-3 or ACC-4 a caller that had not taken the accept ends with Failure, never with Accepted.",
    },
    Requirement {
        id: "REF-1",
        grade: Grade::Must,
        sentence: "refuseRemoteInvitation: the callee gets remoteInvitationRefused, the caller localInvitationRefused with the response; both lives end.",
    },
    Requirement {
        id: "REF-2",
        grade: Grade::Must,
        sentence: "The refuse waits for no device ack of the caller; it does wait for the arbiter's decision (section 9).",
    },
    Requirement {
        id: "FAIL-1",
        grade: Grade::Must,
        sentence: "Callee offline for the whole offline_window: localInvitationFailure RemoteOffline (1) at its end.",
    },
    Requirement {
        id: "FAIL-2",
        grade: Grade::Must,
        sentence: "Callee logs in within the window: it gets Received within 1 s, and the ordinary life goes on.",
    },
    Requirement {
        id: "FAIL-3",
        grade: Grade::Must,
        sentence: "Callee online, no device ack within no_ack: localInvitationFailure RemoteNoResponse (2).",
    },
    Requirement {
        id: "FAIL-4",
        grade: Grade::Must,
        sentence: "Acked and then neither answered nor cancelled: at expiry both sides get Failure Expire (3). The sources disagree on the anchor (send, ack, receipt): the checker accepts send+60 s to ack+60 s and names the reading that fits.",
    },
    Requirement {
        id: "FAIL-5",
        grade: Grade::Must,
        sentence: "Send while not logged in: localInvitationFailure NotLoggedIn (4) within 1 s; the call itself succeeds. Silence is the violation; a failing call is tolerated in others.",
    },
    Requirement {
        id: "FAIL-6",
        grade: Grade::Must,
        sentence: "A callee that holds an invitation which failed for the caller (its ack was lost, say) ends too, with Failure Expire, within 1 s of being reachable. Nothing rings after the invitation ended.",
    },
    Requirement {
        id: "FAIL-7",
        grade: Grade::Must,
        sentence: "Error codes are reported with their domain: number 3 is \"already ended\" for a call, \"expired\" in a failure.",
    },
    Requirement {
        id: "API-1",
        grade: Grade::Must,
        sentence: "send in state Idle, arguments good: result 0.",
    },
    Requirement {
        id: "API-2",
        grade: Grade::Must,
        sentence: "send in state Idle, content over the limit, bad callee id or channel id: result 1, stays Idle.",
    },
    Requirement {
        id: "API-3",
        grade: Grade::Must,
        sentence: "send in state SentToRemote, ReceivedByRemote: result 5.",
    },
    Requirement {
        id: "API-4",
        grade: Grade::Must,
        sentence: "send in state any ended state: result 3.",
    },
    Requirement {
        id: "API-5",
        grade: Grade::Must,
        sentence: "cancel in state Idle: result 2.",
    },
    Requirement {
        id: "API-6",
        grade: Grade::Must,
        sentence: "cancel in state SentToRemote, ReceivedByRemote: result 0, then CAN-1.",
    },
    Requirement {
        id: "API-7",
        grade: Grade::Must,
        sentence: "cancel in state any ended state: result 3.",
    },
    Requirement {
        id: "API-8",
        grade: Grade::Must,
        sentence: "accept in state InvitationReceived: result 0, then ACC-1.",
    },
    Requirement {
        id: "API-9",
        grade: Grade::Must,
        sentence: "accept in state AcceptSentToLocal: result 4.",
    },
    Requirement {
        id: "API-10",
        grade: Grade::Must,
        sentence: "accept in state Accepted: result 3 (4 tolerated in others).",
    },
    Requirement {
        id: "API-11",
        grade: Grade::Must,
        sentence: "accept in state Refused, Canceled, Failure: result 3.",
    },
    Requirement {
        id: "API-12",
        grade: Grade::Must,
        sentence: "refuse in state InvitationReceived: result 0, then REF-1.",
    },
    Requirement {
        id: "API-13",
        grade: Grade::Must,
        sentence: "refuse in state AcceptSentToLocal: result 4 (3 tolerated in others).",
    },
    Requirement {
        id: "API-14",
        grade: Grade::Must,
        sentence: "refuse in state any ended state: result 3.",
    },
    Requirement {
        id: "API-15",
        grade: Grade::Must,
        sentence: "accept, refuse in state never received, or an id of somebody else's: result 2.",
    },
    Requirement {
        id: "API-16",
        grade: Grade::Must,
        sentence: "accept, refuse in state response over the limit: result 1, state unchanged.",
    },
    Requirement {
        id: "API-17",
        grade: Grade::Should,
        sentence: "A call completes before the first callback it causes.",
    },
    Requirement {
        id: "ORD-1",
        grade: Grade::Must,
        sentence: "Callbacks of one client are serial: one total order per side.",
    },
    Requirement {
        id: "ORD-2",
        grade: Grade::Must,
        sentence: "send() before Received before ReceivedByPeer.",
    },
    Requirement {
        id: "ORD-3",
        grade: Grade::Must,
        sentence: "cancel() before RemoteCanceled; RemoteCanceled before LocalCanceled when the callee had it and is reachable.",
    },
    Requirement {
        id: "ORD-4",
        grade: Grade::Must,
        sentence: "accept() before LocalAccepted and RemoteAccepted. The order of those two across devices is not judged (the guide lists Remote first, the handshake implies Local first).",
    },
    Requirement {
        id: "ORD-5",
        grade: Grade::Must,
        sentence: "refuse() before LocalRefused and RemoteRefused; across devices not judged.",
    },
    Requirement {
        id: "ORD-6",
        grade: Grade::Must,
        sentence: "ReceivedByPeer may be missing when an ending overtakes it on a lossy path; it never follows the ending.",
    },
    Requirement {
        id: "AGR-1",
        grade: Grade::Must,
        sentence: "If the caller ended with Accepted, the callee ended with Accepted.",
    },
    Requirement {
        id: "AGR-2",
        grade: Grade::Must,
        sentence: "If the caller ended with Refused, the callee ended with Refused.",
    },
    Requirement {
        id: "AGR-3",
        grade: Grade::Must,
        sentence: "If the caller ended with Canceled, the callee ended with Canceled, or never received.",
    },
    Requirement {
        id: "AGR-4",
        grade: Grade::Must,
        sentence: "If the caller ended with Failure 1 or 2, the callee ended with never received, or Failure 3 (FAIL-6).",
    },
    Requirement {
        id: "AGR-5",
        grade: Grade::Must,
        sentence: "If the caller ended with Failure 3, the callee ended with Failure 3.",
    },
    Requirement {
        id: "AGR-6",
        grade: Grade::Must,
        sentence: "If the caller ended with Failure 3, the callee ended with Failure 1 or 2 (ACC-3 to ACC-5).",
    },
    Requirement {
        id: "AGR-7",
        grade: Grade::Must,
        sentence: "If the caller ended with Accepted, the callee ended with Failure 2, excused only if the caller's connection was lost between its Accepted and its ack reaching the server.",
    },
    Requirement {
        id: "AGR-8",
        grade: Grade::Must,
        sentence: "Every invitation that was sent ends on the caller's side within no_ack + expiry + accept_ack + tolerance. A caller left ringing is a violation.",
    },
    Requirement {
        id: "SES-1",
        grade: Grade::Must,
        sentence: "A user id has one live session. A second login ends the first: connection state Aborted (5), reason RemoteLogin (8); it must log in again to go on.",
    },
    Requirement {
        id: "SES-2",
        grade: Grade::Must,
        sentence: "Connection lost: state Reconnecting (4), reason Interrupted (5); the client reconnects by itself with back-off and resumes. For presence_grace the user counts as online.",
    },
    Requirement {
        id: "SES-3",
        grade: Grade::Must,
        sentence: "On resume, what was missed arrives once, in order; what has ended meanwhile does not ring (FAIL-6, CAN-4).",
    },
    Requirement {
        id: "SES-4",
        grade: Grade::Must,
        sentence: "Logout: the user is offline at once; no further callbacks on that side; the peers' invitations run their ordinary clocks.",
    },
    Requirement {
        id: "SES-5",
        grade: Grade::Must,
        sentence: "A caller that vanishes leaves no callee ringing for longer than expiry.",
    },
    Requirement {
        id: "SES-6",
        grade: Grade::Must,
        sentence: "Send, cancel, accept and refuse need a login; creating does not.",
    },
    Requirement {
        id: "SES-7",
        grade: Grade::Must,
        sentence: "Login with a bad, expired or foreign token is refused with a typed error.",
    },
    Requirement {
        id: "LIM-1",
        grade: Grade::Must,
        sentence: "Content and response: at most 8,192 bytes of UTF-8. 8,192 passes, 8,193 is InvalidArgument.",
    },
    Requirement {
        id: "LIM-2",
        grade: Grade::Must,
        sentence: "Channel id: at most 64 bytes.",
    },
    Requirement {
        id: "LIM-3",
        grade: Grade::Must,
        sentence: "User id: 1 to 64 bytes; a-z A-Z 0-9 space and ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { } | ~ , and not the text null.",
    },
    Requirement {
        id: "LIM-4",
        grade: Grade::Must,
        sentence: "Every queue, frame, session count and table in the reference has a bound; hitting it gives a typed error or a typed close, and what was admitted before is kept.",
    },
    Requirement {
        id: "LIM-5",
        grade: Grade::Must,
        sentence: "Rate limit per session: off by default; one setting gives the carrier's 180 messages per 3 s.",
    },
];
