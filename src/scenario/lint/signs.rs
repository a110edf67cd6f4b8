//! What steps can hold that a requirement needs: calls, results, callbacks, sessions, the network.

use crate::history::{Call, CallCode, Callback, FailureCode, Side};
use crate::scenario::plan::{
    Act, Callee, CodeDemand, Expect, Scenario, SessionChange, Span, Step, Text, Texts, Timer, User,
    Window,
};

/// Something that steps can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A call.
    Calls(Call),
    /// A call of which this result is right.
    Returns(Call, CallCode),
    /// A callback that must, must not or may come.
    Tells(Callback),
    /// A failure of that side, with this code or any.
    Fails(Side, FailureCode),
    /// A text that is written into an invitation after it was created.
    Writes,
    /// A content or channel id that must arrive.
    Carries,
    /// Two invitations.
    Several,
    /// An invitation to oneself.
    ToOneself,
    /// A user beside the caller and the callee, or a time in which nothing is to come.
    Bystander,
    /// A user who logs in while the steps are taken.
    Login,
    /// A user who is not logged in for a while.
    Absence,
    /// A connection that is lost.
    Cut,
    /// Frames that are held, lost or late.
    Delay,
    /// A second device.
    Device,
    /// A user id of a chosen shape.
    ChosenId,
    /// A content or response near or over its limit (LIM-1).
    LongText,
    /// A channel id near or over its limit (LIM-2).
    LongChannel,
    /// A time that is told in parts of a clock (FAIL).
    Runs(Timer),
}

use Sign::{
    Absence, Bystander, Calls, Carries, ChosenId, Cut, Delay, Device, Fails, Login, LongChannel,
    LongText, Returns, Runs, Several, Tells, ToOneself, Writes,
};

/// A sign in words, as in "it needs a `cancel`".
pub(super) fn words(sign: Sign) -> String {
    match sign {
        Calls(call) => format!("the call `{call}`"),
        Returns(call, code) => {
            let code = CallCode::NAMES.get(usize::from(code.0)).unwrap_or(&"?");
            format!("the call `{call}` with `result: {code}`")
        }
        Tells(callback) => format!("a step about `{callback}`"),
        Fails(side, code) => {
            let code = code.name(side).unwrap_or("?");
            format!("a step about `{}` with `{code}`", failure(side))
        }
        Writes => "the step `write`".to_owned(),
        Carries => "a content or channel that is expected".to_owned(),
        Several => "two invitations".to_owned(),
        ToOneself => "an invitation to oneself".to_owned(),
        Bystander => "a user who takes no part, or a `never`".to_owned(),
        Login => "the step `login`".to_owned(),
        Absence => "a user who is logged out".to_owned(),
        Cut => "a connection that is lost".to_owned(),
        Delay => "frames that are held, lost or late".to_owned(),
        Device => "a second device that logs in".to_owned(),
        ChosenId => "a user id of a chosen shape".to_owned(),
        LongText => "a content or response near its limit".to_owned(),
        LongChannel => "a channel near its limit".to_owned(),
        Runs(timer) => format!("a time of the clock `{}`", timer.name()),
    }
}

fn failure(side: Side) -> Callback {
    match side {
        Side::Local => Callback::LocalFailure,
        Side::Remote => Callback::RemoteFailure,
    }
}

/// Every step of a scenario, those in operators among them.
fn flat(steps: &[Step]) -> Vec<&Step> {
    let mut all = Vec::new();
    for step in steps {
        match &step.act {
            Act::AnyOrder(inner) | Act::Together(inner) => all.extend(flat(inner)),
            Act::Race(race) => {
                all.extend(flat(&race.steps));
                let outcomes = race.outcomes.iter();
                all.extend(outcomes.flat_map(|outcome| flat(&outcome.expects)));
            }
            Act::Call { .. }
            | Act::Write { .. }
            | Act::Session { .. }
            | Act::Expect(_)
            | Act::Never { .. }
            | Act::Allow { .. }
            | Act::Connection { .. }
            | Act::Wait(_)
            | Act::Raw { .. } => all.push(step),
        }
    }
    all
}

/// Whether a scenario holds something.
pub(super) fn holds(case: &Scenario, sign: Sign) -> bool {
    let steps = flat(&case.steps);
    let mut acts = steps.iter().map(|step| &step.act);
    match sign {
        Calls(wanted) => acts.any(|act| matches!(act, Act::Call { call, .. } if *call == wanted)),
        Returns(wanted, code) => acts.any(|act| {
            matches!(act, Act::Call { call, results, .. } if *call == wanted && results.contains(&code))
        }),
        Tells(callback) => acts.any(|act| tells(act, callback)),
        Fails(side, code) => acts.any(|act| {
            tells(act, failure(side))
                && !matches!(act, Act::Expect(Expect { code: Some(CodeDemand::Is(is)), .. }) if *is != code)
        }),
        Writes => acts.any(|act| matches!(act, Act::Write { .. })),
        Carries => acts.any(|act| {
            matches!(act, Act::Expect(Expect { content, channel, saves, .. })
                if content.is_some() || channel.is_some() || !saves.is_empty())
        }),
        Bystander => {
            case.users.len() > 2 || acts.any(|act| matches!(act, Act::Never { .. }))
        }
        Login => acts.any(|act| changes(act, &[SessionChange::Login])),
        Absence => {
            case.users.iter().any(|user| !user.online)
                || acts.any(|act| changes(act, &[SessionChange::Logout]))
        }
        Cut => acts.any(|act| {
            let cuts = [SessionChange::Drop, SessionChange::Interrupt];
            changes(act, &cuts) || matches!(act, Act::Raw { .. })
        }),
        Delay => acts.any(|act| {
            matches!(act, Act::Raw { .. } | Act::Session { change: SessionChange::Hold(_), .. })
        }),
        LongText => acts.any(|act| texts(act).0.iter().any(|text| is_long(text, 8_192))),
        Runs(timer) => acts.any(|act| runs(act, timer)),
        LongChannel => acts.any(|act| texts(act).1.iter().any(|text| is_long(text, 64))),
        Several | ToOneself | Device | ChosenId => is_peopled(case, sign),
    }
}

/// Whether its users and invitations are such.
fn is_peopled(case: &Scenario, sign: Sign) -> bool {
    let owner = |user: usize| {
        let found = case.users.get(user);
        found.and_then(|user| user.same_as).unwrap_or(user)
    };
    let pairs: Vec<(usize, usize)> = case
        .invitations
        .iter()
        .filter_map(|invitation| match invitation.callee {
            Callee::User(callee) => Some((owner(invitation.caller), owner(callee))),
            Callee::Id(_) => None,
        })
        .collect();
    match sign {
        Several => case.invitations.len() > 1,
        ToOneself => pairs.iter().any(|(caller, callee)| caller == callee),
        Device => case.users.iter().any(|user| user.same_as.is_some()),
        ChosenId => {
            // A name is a part of the id.
            let shaped = |user: &User| {
                let is_odd = |c: char| !c.is_ascii_lowercase();
                user.bytes.is_some() || !user.suffix.is_empty() || user.name.contains(is_odd)
            };
            let written = |callee: &Callee| matches!(callee, Callee::Id(_));
            case.users.iter().any(shaped) || case.invitations.iter().any(|it| written(&it.callee))
        }
        Calls(_) | Returns(..) | Tells(_) | Fails(..) | Writes | Carries | Bystander | Login
        | Absence | Cut | Delay | LongText | LongChannel | Runs(_) => false,
    }
}

/// Whether a step is about a callback: it must, must not or may come.
fn tells(act: &Act, callback: Callback) -> bool {
    match act {
        Act::Expect(expect) => expect.callbacks.contains(&callback),
        Act::Never { callbacks, .. } => callbacks.is_empty() || callbacks.contains(&callback),
        Act::Allow { callbacks, .. } => callbacks.contains(&callback),
        Act::Call { .. }
        | Act::Write { .. }
        | Act::Session { .. }
        | Act::Connection { .. }
        | Act::Wait(_)
        | Act::AnyOrder(_)
        | Act::Together(_)
        | Act::Race(_)
        | Act::Raw { .. } => false,
    }
}

/// Whether a step counts time in parts of a clock.
fn runs(act: &Act, timer: Timer) -> bool {
    let of = |span: &Span| matches!(span, Span::Of(moment) if moment.timer == timer);
    match act {
        Act::Expect(expect) => match expect.window {
            Window::Within(span) => of(&span),
            Window::At { moment, .. } => moment.timer == timer,
        },
        Act::Never { span, .. } => of(span),
        Act::Wait(pause) => of(&pause.least) || of(&pause.most),
        Act::Call { .. }
        | Act::Write { .. }
        | Act::Session { .. }
        | Act::Allow { .. }
        | Act::Connection { .. }
        | Act::AnyOrder(_)
        | Act::Together(_)
        | Act::Race(_)
        | Act::Raw { .. } => false,
    }
}

fn changes(act: &Act, wanted: &[SessionChange]) -> bool {
    matches!(act, Act::Session { change, .. } if wanted.contains(change))
}

/// The contents and responses of a step, and its channel ids.
fn texts(act: &Act) -> (Vec<&Text>, Vec<&Text>) {
    match act {
        Act::Call {
            texts: Texts { content, channel },
            ..
        }
        | Act::Write {
            texts: Texts { content, channel },
            ..
        } => (content.iter().collect(), channel.iter().collect()),
        Act::Session { .. }
        | Act::Expect(_)
        | Act::Never { .. }
        | Act::Allow { .. }
        | Act::Connection { .. }
        | Act::Wait(_)
        | Act::AnyOrder(_)
        | Act::Together(_)
        | Act::Race(_)
        | Act::Raw { .. } => (Vec::new(), Vec::new()),
    }
}

/// Whether a text has as many bytes as a limit, or nearly, or more; of a saved one that is not known.
fn is_long(text: &Text, limit: usize) -> bool {
    text.written().is_none_or(|text| text.len() + 4 > limit)
}
