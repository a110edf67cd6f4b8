//! Requirements that a scenario claims to cover, and that its steps cannot exercise.

use super::says_raw;
use super::signs::Sign::{
    Absence, Bystander, Calls, Carries, ChosenId, Cut, Delay, Device, Fails, Login, LongChannel,
    LongText, Returns, Runs, Several, Tells, ToOneself, Writes,
};
use super::signs::{Sign, holds, words};
use crate::history::{Call, CallCode, Callback, FailureCode, Side};
use crate::scenario::plan::{Scenario, Timer};
use crate::scenario::problem::{self, Log, Problem};

const ACCEPT: &[Sign] = &[Calls(Call::Accept)];
const CANCEL: &[Sign] = &[Calls(Call::Cancel)];
const REFUSE: &[Sign] = &[Calls(Call::Refuse)];
const SEND: &[Sign] = &[Calls(Call::Send)];
const ACCEPTED: &[Sign] = &[
    Tells(Callback::LocalAccepted),
    Tells(Callback::RemoteAccepted),
];
const REFUSED: &[Sign] = &[
    Tells(Callback::LocalRefused),
    Tells(Callback::RemoteRefused),
];
const CANCELED: &[Sign] = &[
    Tells(Callback::LocalCanceled),
    Tells(Callback::RemoteCanceled),
];
const RECEIVED: &[Sign] = &[
    Tells(Callback::RemoteReceived),
    Tells(Callback::LocalReceivedByPeer),
];
const ENDED: &[Sign] = &[
    Tells(Callback::LocalAccepted),
    Tells(Callback::LocalRefused),
    Tells(Callback::LocalCanceled),
    Tells(Callback::LocalFailure),
    Tells(Callback::RemoteAccepted),
    Tells(Callback::RemoteRefused),
    Tells(Callback::RemoteCanceled),
    Tells(Callback::RemoteFailure),
];
const LOCAL_ENDED: &[Sign] = &[
    Tells(Callback::LocalAccepted),
    Tells(Callback::LocalRefused),
    Tells(Callback::LocalCanceled),
    Tells(Callback::LocalFailure),
];
const FAILED: &[Sign] = &[
    Tells(Callback::LocalFailure),
    Tells(Callback::RemoteFailure),
];
const EXPIRED: &[Sign] = &[
    Fails(Side::Local, FailureCode::EXPIRE),
    Fails(Side::Remote, FailureCode::EXPIRE),
    Runs(Timer::Expiry),
];
const UNREACHED: &[Sign] = &[
    Fails(Side::Local, FailureCode::REMOTE_OFFLINE),
    Runs(Timer::OfflineWindow),
];
const UNANSWERED: &[Sign] = &[
    Fails(Side::Local, FailureCode::REMOTE_NO_RESPONSE),
    Runs(Timer::NoAck),
];
const UNCONFIRMED: &[Sign] = &[
    Fails(Side::Remote, FailureCode::ACCEPT_FAILURE),
    Fails(Side::Remote, FailureCode::LOCAL_OFFLINE),
    Runs(Timer::AcceptAck),
];
const TROUBLED: &[Sign] = &[Cut, Delay, Absence];

/// For each requirement, groups of signs: of every group the steps must hold one. Those that are not here can be met in ways
/// that steps do not tell.
const NEEDED: &[(&str, &[&[Sign]])] = &[
    ("OBJ-1", &[&[Calls(Call::Create)]]),
    ("OBJ-2", &[&[Tells(Callback::RemoteReceived)]]),
    ("OBJ-3", &[ENDED]),
    ("OBJ-6", &[&[Writes]]),
    ("SEND-1", &[SEND, RECEIVED]),
    ("SEND-2", &[SEND]),
    ("SEND-3", &[SEND, &[Carries]]),
    ("SEND-4", &[SEND]),
    ("SEND-5", &[SEND, &[Bystander]]),
    ("SEND-6", &[SEND, &[Several]]),
    ("SEND-7", &[SEND, &[Several]]),
    ("SEND-8", &[&[ToOneself]]),
    ("CAN-1", &[CANCEL, CANCELED]),
    ("CAN-2", &[CANCEL]),
    ("CAN-3", &[CANCEL, &[Tells(Callback::LocalCanceled)]]),
    (
        "CAN-4",
        &[CANCEL, &[Tells(Callback::RemoteCanceled)], TROUBLED],
    ),
    ("ACC-1", &[ACCEPT, ACCEPTED]),
    ("ACC-2", &[ACCEPT]),
    ("ACC-3", &[ACCEPT, UNCONFIRMED]),
    ("ACC-4", &[ACCEPT, TROUBLED]),
    ("ACC-5", &[ACCEPT, FAILED]),
    ("REF-1", &[REFUSE, REFUSED]),
    ("REF-2", &[REFUSE]),
    ("FAIL-1", &[SEND, UNREACHED]),
    ("FAIL-2", &[SEND, &[Login, Cut]]),
    ("FAIL-3", &[SEND, UNANSWERED]),
    ("FAIL-4", &[SEND, EXPIRED]),
    (
        "FAIL-5",
        &[
            SEND,
            &[Fails(Side::Local, FailureCode::NOT_LOGGED_IN)],
            &[Absence],
        ],
    ),
    ("FAIL-6", &[SEND, TROUBLED]),
    ("API-1", &[SEND]),
    (
        "API-2",
        &[&[Returns(Call::Send, CallCode::INVALID_ARGUMENT)]],
    ),
    ("API-3", &[&[Returns(Call::Send, CallCode::ALREADY_SENT)]]),
    ("API-4", &[&[Returns(Call::Send, CallCode::ALREADY_END)]]),
    ("API-5", &[&[Returns(Call::Cancel, CallCode::NOT_STARTED)]]),
    ("API-6", &[CANCEL]),
    ("API-7", &[&[Returns(Call::Cancel, CallCode::ALREADY_END)]]),
    ("API-8", &[ACCEPT]),
    (
        "API-9",
        &[&[Returns(Call::Accept, CallCode::ALREADY_ACCEPT)]],
    ),
    ("API-10", &[&[Returns(Call::Accept, CallCode::ALREADY_END)]]),
    ("API-11", &[&[Returns(Call::Accept, CallCode::ALREADY_END)]]),
    ("API-12", &[REFUSE]),
    (
        "API-13",
        &[&[
            Returns(Call::Refuse, CallCode::ALREADY_ACCEPT),
            Returns(Call::Refuse, CallCode::ALREADY_END),
        ]],
    ),
    ("API-14", &[&[Returns(Call::Refuse, CallCode::ALREADY_END)]]),
    (
        "API-15",
        &[&[
            Returns(Call::Accept, CallCode::NOT_STARTED),
            Returns(Call::Refuse, CallCode::NOT_STARTED),
        ]],
    ),
    (
        "API-16",
        &[&[
            Returns(Call::Accept, CallCode::INVALID_ARGUMENT),
            Returns(Call::Refuse, CallCode::INVALID_ARGUMENT),
        ]],
    ),
    ("ORD-2", &[SEND, RECEIVED]),
    ("ORD-3", &[CANCELED]),
    ("ORD-4", &[ACCEPTED]),
    ("ORD-5", &[REFUSED]),
    ("ORD-6", &[SEND, LOCAL_ENDED]),
    ("AGR-1", &[ACCEPT, ACCEPTED]),
    ("AGR-2", &[REFUSE, REFUSED]),
    ("AGR-3", &[CANCEL, &[Tells(Callback::LocalCanceled)]]),
    (
        "AGR-4",
        &[
            SEND,
            &[
                Fails(Side::Local, FailureCode::REMOTE_OFFLINE),
                Fails(Side::Local, FailureCode::REMOTE_NO_RESPONSE),
            ],
        ],
    ),
    ("AGR-5", &[SEND, EXPIRED]),
    (
        "AGR-6",
        &[ACCEPT, &[Fails(Side::Local, FailureCode::EXPIRE)]],
    ),
    ("AGR-7", &[ACCEPT, TROUBLED]),
    ("AGR-8", &[SEND, LOCAL_ENDED]),
    ("SES-1", &[&[Device]]),
    ("SES-2", &[&[Cut]]),
    ("SES-3", &[TROUBLED]),
    ("SES-4", &[&[Absence]]),
    ("SES-5", &[SEND, TROUBLED]),
    ("SES-6", &[&[Absence]]),
    ("LIM-1", &[&[LongText]]),
    ("LIM-2", &[&[LongChannel]]),
    ("LIM-3", &[&[ChosenId]]),
];

/// The requirements that the cases of a file cover by their head and that no steps of any can exercise, at their places.
///
/// `text` must be the text the cases were loaded from.
pub fn lint_covers(cases: &[Scenario], text: &str) -> Vec<Problem> {
    let Some(first) = cases.first() else {
        return Vec::new();
    };
    let mut log = Log::new(&first.file, text);
    // Of frames of one's own making nothing is claimed.
    if cases.iter().flat_map(|case| &case.steps).any(says_raw) {
        return Vec::new();
    }
    for id in &first.covers {
        let needed = NEEDED.iter().find(|(known, _)| known == id);
        let mut groups = needed.map_or(&[][..], |(_, groups)| groups).iter();
        let lacks = |group: &&&[Sign]| {
            let mut cases = cases.iter();
            !cases.any(|case| group.iter().any(|sign| holds(case, *sign)))
        };
        let Some(group) = groups.find(lacks) else {
            continue;
        };
        let needed: Vec<String> = group.iter().map(|sign| words(*sign)).collect();
        let message = format!("no step exercises `{id}`: it needs {}", needed.join(" or "));
        let span = place(text, id);
        log.add(
            problem::NOT_EXERCISED,
            &span,
            message,
            "cannot be exercised",
        )
        .help("leave it out, or add what it needs");
    }
    log.into_problems()
}

/// Where the head names a requirement. An id that a row fills in stands elsewhere.
fn place(text: &str, id: &str) -> std::ops::Range<usize> {
    let head = text.find("covers:").unwrap_or_default();
    let rest = text.get(head..).unwrap_or_default();
    let is_whole = |at: &usize| {
        let after = rest.get(at + id.len()..).unwrap_or_default();
        !after.starts_with(|c: char| c.is_ascii_digit())
    };
    let found = rest.match_indices(id).map(|(at, _)| at).find(is_whole);
    match found {
        Some(at) => head + at..head + at + id.len(),
        None => head..head + "covers".len(),
    }
}
