//! The rules of the checker as data: a stable id, the requirement it guards, how strictly, and one sentence.

use super::requirements::Grade;

/// One thing that the checker looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable id, as `L21`.
    pub id: &'static str,
    /// The requirement it guards, as `ACC-2`.
    pub requirement: &'static str,
    /// Whether breaking it is a violation or a warning.
    pub grade: Grade,
    /// What it looks for.
    pub sentence: &'static str,
}

/// The rule of that id (`L21`) or guarding that requirement (`ACC-2`).
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.id == name || rule.requirement == name)
}

/// The table: a name for the code, the id, the requirement, the grade and the sentence.
macro_rules! rules {
    ($($name:ident $id:literal $requirement:literal $grade:ident $sentence:literal,)*) => {
        /// The name by which the checker's own code refers to a rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Id { $($name,)* }

        impl Id {
            /// The rule of that name.
            pub(super) fn rule(self) -> &'static Rule {
                match self {
                    $(Self::$name => &Rule {
                        id: $id, requirement: $requirement, grade: Grade::$grade, sentence: $sentence,
                    },)*
                }
            }
        }

        /// Every rule, in the order of the lifecycle document.
        pub const RULES: &[Rule] = &[$(Rule {
            id: $id, requirement: $requirement, grade: Grade::$grade, sentence: $sentence,
        },)*];
    };
}

rules! {
    Obj1 "L01" "OBJ-1" Must "An invitation is created before anything else happens to it, by its caller, logged in or not.",
    Obj2 "L02" "OBJ-2" Must "A callee hears of an invitation first by Received.",
    Obj3 "L03" "OBJ-3" Must "Nothing follows the ending callback of a side.",
    Obj4 "L04" "OBJ-4" Must "The state read in a callback is the number that the callback stands for on its side.",
    Obj5 "L05" "OBJ-5" Must "Received names the caller.",
    Obj6 "L06" "OBJ-6" Must "What is written after the send does not reach the callee.",
    Obj7 "L07" "OBJ-7" Must "A text left out or empty arrives as no text.",
    Send1 "L08" "SEND-1" Must "A callee that is there gets Received, and the caller ReceivedByPeer.",
    Send2 "L09" "SEND-2" Must "ReceivedByPeer comes only after the callee's device has it.",
    Send3 "L10" "SEND-3" Must "Content and channel id arrive as they were sent.",
    Send4 "L11" "SEND-4" Must "Received and ReceivedByPeer come once per invitation and session.",
    Send5 "L12" "SEND-5" Must "Only the caller and the named callee hear of an invitation.",
    Send6 "L13" "SEND-6" Must "A caller's invitations do not answer for one another.",
    Send7 "L14" "SEND-7" Must "Invitations in both directions do not answer for one another.",
    Send8 "L15" "SEND-8" Must "Inviting oneself is admitted and ends like any invitation.",
    Can1 "L16" "CAN-1" Must "A callee that is there hears of a cancel that won.",
    Can2 "L17" "CAN-2" Must "Nothing rings after a cancel has won.",
    Can3 "L18" "CAN-3" Must "The caller's side ends within the cancel bound.",
    Can4 "L19" "CAN-4" Must "A callee away during the cancel hears of it when it is back.",
    Acc1 "L20" "ACC-1" Must "An accept reaches the caller with its response, and its confirmation only the callee.",
    Acc2 "L21" "ACC-2" Must "The callee's accept is confirmed only once the caller has it.",
    Acc3 "L22" "ACC-3" Must "An accept that the caller's device does not ack fails with AcceptFailure (2) at the accept limit.",
    Acc4 "L23" "ACC-4" Must "An accept to a caller without session fails with LocalOffline (1) at the accept limit.",
    Acc5 "L24" "ACC-5" Must "After a failed accept the caller ends with Failure.",
    Ref1 "L25" "REF-1" Must "A refuse reaches the caller with its response, and its confirmation only the callee.",
    Ref2 "L26" "REF-2" Must "A refuse is confirmed without waiting for the caller's device.",
    Fail1 "L27" "FAIL-1" Must "A callee offline throughout fails the invitation with RemoteOffline (1) at the end of the window.",
    Fail2 "L28" "FAIL-2" Must "A callee that logs in within the window gets Received within 1 s.",
    Fail3 "L29" "FAIL-3" Must "Without a device ack the caller gets RemoteNoResponse (2) at the limit.",
    Fail4 "L30" "FAIL-4" Must "An invitation that nobody answers expires on both sides, not before send + expiry, not after ack + expiry.",
    Fail5 "L31" "FAIL-5" Must "A send without log-in, and no other, fails with NotLoggedIn (4) within 1 s.",
    Fail6 "L32" "FAIL-6" Must "What failed for the caller ends for the callee within 1 s, and rings no more.",
    Fail7 "L33" "FAIL-7" Must "Every code is one of its own domain.",
    Api1 "L34" "API-1" Must "The first send with good arguments is admitted.",
    Api2 "L35" "API-2" Must "A send refused for its arguments leaves the invitation idle.",
    Api3 "L36" "API-3" Must "A second send is AlreadySent.",
    Api4 "L37" "API-4" Must "A send after the end is AlreadyEnd.",
    Api5 "L38" "API-5" Must "A cancel before the send is NotStarted.",
    Api6 "L39" "API-6" Must "A cancel between send and end is admitted.",
    Api7 "L40" "API-7" Must "A cancel after the end is AlreadyEnd.",
    Api8 "L41" "API-8" Must "An accept while it rings is admitted.",
    Api9 "L42" "API-9" Must "A second accept is AlreadyAccept.",
    Api10 "L43" "API-10" Must "An accept after the accept was confirmed is AlreadyEnd, or AlreadyAccept in others.",
    Api11 "L44" "API-11" Must "An accept after another end is AlreadyEnd.",
    Api12 "L45" "API-12" Must "A refuse while it rings is admitted.",
    Api13 "L46" "API-13" Must "A refuse after an accept is AlreadyAccept, or AlreadyEnd in others.",
    Api14 "L47" "API-14" Must "A refuse after the end is AlreadyEnd.",
    Api15 "L48" "API-15" Must "An answer to what was never received, or to somebody else's, is NotStarted.",
    Api16 "L49" "API-16" Must "An answer refused for its response changes nothing.",
    Api17 "L50" "API-17" Should "A call comes back before the first callback it causes.",
    Ord1 "L51" "ORD-1" Must "The events of one client are serial: its clock never runs back, every result has its call.",
    Ord2 "L52" "ORD-2" Must "The send comes before Received, and Received before ReceivedByPeer.",
    Ord3 "L53" "ORD-3" Must "The cancel comes before both Canceled; the callee's comes first when the callee is there.",
    Ord4 "L54" "ORD-4" Must "The accept comes before both Accepted.",
    Ord5 "L55" "ORD-5" Must "The refuse comes before both Refused.",
    Ord6 "L56" "ORD-6" Must "ReceivedByPeer never follows the end.",
    Agr1 "L57" "AGR-1" Must "A caller's Accepted goes with the callee's Accepted.",
    Agr2 "L58" "AGR-2" Must "A caller's Refused goes with the callee's Refused.",
    Agr3 "L59" "AGR-3" Must "A caller's Canceled goes with the callee's Canceled, or with a callee that never received.",
    Agr4 "L60" "AGR-4" Must "A caller's Failure 1 or 2 goes with a callee that never received, or with Failure 3.",
    Agr5 "L61" "AGR-5" Must "A caller's Failure 3 goes with the callee's Failure 3.",
    Agr6 "L62" "AGR-6" Must "A caller's Failure 3 against an accept goes with the callee's Failure 1 or 2.",
    Agr7 "L63" "AGR-7" Must "A caller's Accepted goes with the callee's Failure 2 only if the caller's connection was lost after it.",
    Agr8 "L64" "AGR-8" Must "What was sent ends for the caller in bounded time.",
    Ses1 "L65" "SES-1" Must "A second log-in, and nothing else, ends the first with Aborted, RemoteLogin; nothing reaches it then.",
    Ses2 "L66" "SES-2" Must "A lost connection is Reconnecting, Interrupted.",
    Ses3 "L67" "SES-3" Must "After a return, what was missed arrives once.",
    Ses4 "L68" "SES-4" Must "After a log-out nothing reaches that session.",
    Ses5 "L69" "SES-5" Must "A caller that has gone leaves no callee ringing beyond the expiry.",
    Ses6 "L70" "SES-6" Must "Without a log-in nothing is admitted that needs one.",
    Lim1 "L71" "LIM-1" Must "Texts of up to 8,192 bytes are admitted, longer ones are InvalidArgument.",
    Lim2 "L72" "LIM-2" Must "Channel ids of up to 64 bytes are admitted, longer ones are InvalidArgument.",
    Lim3 "L73" "LIM-3" Must "Well-formed callee ids are admitted, others are InvalidArgument.",
}

/// A requirement that no history can show, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// The requirement's id.
    pub requirement: &'static str,
    /// Why no history shows it.
    pub reason: &'static str,
}

/// The requirements that no rule guards.
pub const UNSEEN: &[Unseen] = &[
    Unseen {
        requirement: "SES-7",
        reason: "a history holds no tokens, so it does not show which log-in deserved to be refused",
    },
    Unseen {
        requirement: "LIM-4",
        reason: "the bounds are the reference's own; a history shows neither queues nor frames",
    },
    Unseen {
        requirement: "LIM-5",
        reason: "the rate limit is a setting that a history does not carry",
    },
];
