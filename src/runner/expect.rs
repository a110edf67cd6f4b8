//! Expectations against the record: first in, first out per user and invitation, in a window of time.

use std::time::{Duration, Instant};

use super::play::Stop;
use super::punctual::LATE_MAX;
use super::save::save;
use super::stage::Stage;
use crate::history::{
    Call, Callback, Clocks, ConnectionState, FailureCode, InvitationId, Passed, Payload, What,
};
use crate::scenario::plan::{Act, CodeDemand, Expect, Moment, Step, Timer, Window};
use crate::target::Entry;

/// The least by which a clock may be early or late without being wrong (FAIL).
const TOLERANCE_MIN: Duration = Duration::from_millis(50);

/// What a clock may be late beyond its tenth (FAIL).
const LATE: Duration = Duration::from_secs(1);

/// Waits for all of the expectations, in any order.
pub(super) async fn expect_all(
    stage: &mut Stage<'_>,
    clocks: &Clocks,
    steps: &[Step],
) -> Result<(), Stop> {
    let began = stage.recorder.now();
    let mut open: Vec<(&Step, &Expect, (Duration, Duration))> = Vec::new();
    for step in steps {
        if let Act::Expect(expect) = &step.act {
            open.push((step, expect, window(stage, clocks, step, expect, began)?));
        }
    }
    while let Some(until) = open.iter().map(|(_, _, (_, until))| *until).max() {
        let met = stage.wait_for(until, |stage| next_met(stage, &open)).await;
        let Some(place) = met.transpose()? else {
            let (step, expect, _) = open.remove(0);
            let message = format!("{}; got nothing", wanted(stage, clocks, expect));
            return Err(Stop::Demand {
                place: (step.line, step.column),
                message,
            });
        };
        let (step, expect, (from, until)) = open.remove(place);
        check_time(stage, clocks, step, expect, (from, until), began)?;
    }
    Ok(())
}

/// The earliest and the latest time at which the callback is right.
pub(super) fn window(
    stage: &Stage<'_>,
    clocks: &Clocks,
    step: &Step,
    expect: &Expect,
    began: Duration,
) -> Result<(Duration, Duration), Stop> {
    match expect.window {
        Window::Within(span) => Ok((Duration::ZERO, began + span.of(clocks))),
        Window::At {
            moment,
            early,
            late,
        } => {
            let length = moment.of(clocks);
            let Some(from) = anchor(stage, moment, expect) else {
                let message = format!("the clock `{}` has not begun", timer_name(moment.timer));
                return Err(Stop::Demand {
                    place: (step.line, step.column),
                    message,
                });
            };
            let early =
                early.map_or_else(|| TOLERANCE_MIN.max(length / 100), |span| span.of(clocks));
            let late = late.map_or_else(|| length / 10 + LATE, |span| span.of(clocks));
            Ok(((from + length).saturating_sub(early), from + length + late))
        }
    }
}

/// Where the lifecycle starts a clock (FAIL).
fn anchor(stage: &Stage<'_>, moment: Moment, expect: &Expect) -> Option<Duration> {
    let invitation = stage.id(expect.invitation);
    match moment.timer {
        Timer::OfflineWindow | Timer::NoAck => stage.last_call(Call::Send, &invitation),
        Timer::Expiry => stage.first_received(&invitation),
        Timer::AcceptAck => stage.last_call(Call::Accept, &invitation),
        Timer::CancelBound => stage.last_call(Call::Cancel, &invitation),
        Timer::PresenceGrace => stage.last_loss(),
    }
}

fn timer_name(timer: Timer) -> &'static str {
    Timer::ALL
        .iter()
        .find(|(_, known)| *known == timer)
        .map_or("?", |(name, _)| name)
}

type Open<'a> = (&'a Step, &'a Expect, (Duration, Duration));

/// The place among the open expectations of one that is met, if one is; an error if what came contradicts all of them.
fn next_met(stage: &mut Stage<'_>, open: &[Open<'_>]) -> Option<Result<usize, Stop>> {
    for (_, expect, _) in open {
        let Some((entry, callback, with, code)) = head(stage, expect.user, expect.invitation)
        else {
            continue;
        };
        let rivals = || {
            open.iter().enumerate().filter(|(_, (_, rival, _))| {
                (rival.user, rival.invitation) == (expect.user, expect.invitation)
            })
        };
        let named = rivals().find(|(_, (_, rival, _))| rival.callbacks.contains(&callback));
        if let Some((place, (step, rival, _))) = named {
            account(stage, entry);
            return Some(match difference(stage, rival, callback, &with, code) {
                None => save(stage, step, rival, entry).map(|()| place),
                Some(message) => {
                    stage.blamed = Some(entry);
                    Err(Stop::Wrong {
                        place: (step.line, step.column),
                        message,
                    })
                }
            });
        }
        if stage
            .allowed
            .contains(&(expect.user, callback, expect.invitation))
        {
            account(stage, entry);
            // Something has moved; look again from the start.
            return next_met(stage, open);
        }
        let (step, ..) = rivals().next().map(|(_, open)| *open)?;
        let wanted: Vec<String> = rivals()
            .flat_map(|(_, (_, rival, _))| &rival.callbacks)
            .map(|callback| format!("`{callback}`"))
            .collect();
        let message = format!(
            "expected {} at `{}` of `{}`; got `{callback}`",
            wanted.join(" or "),
            stage.name(expect.user),
            stage.label(expect.invitation),
        );
        stage.blamed = Some(entry);
        return Some(Err(Stop::Demand {
            place: (step.line, step.column),
            message,
        }));
    }
    None
}

/// The oldest callback of a user about an invitation that is not accounted for.
fn head(
    stage: &Stage<'_>,
    user: usize,
    invitation: usize,
) -> Option<(usize, Callback, Passed, Option<FailureCode>)> {
    let id = stage.id(invitation);
    let open = stage.entries.iter().zip(&stage.accounted).enumerate();
    open.filter(|(_, (entry, accounted))| entry.participant == user && !**accounted)
        .find_map(|(place, (entry, _))| match &entry.event.what {
            What::CalledBack {
                callback,
                invitation,
                with,
                code,
                ..
            } if *invitation == id => Some((place, *callback, with.clone(), *code)),
            What::Called { .. }
            | What::Returned { .. }
            | What::CalledBack { .. }
            | What::Connection { .. }
            | What::Wire { .. } => None,
        })
}

fn account(stage: &mut Stage<'_>, entry: usize) {
    if let Some(accounted) = stage.accounted.get_mut(entry) {
        *accounted = true;
    }
}

/// What a callback carries that it should not, in words.
pub(super) fn difference(
    stage: &Stage<'_>,
    expect: &Expect,
    callback: Callback,
    with: &Passed,
    code: Option<FailureCode>,
) -> Option<String> {
    let at = format!(
        "`{callback}` at `{}` of `{}`",
        stage.name(expect.user),
        stage.label(expect.invitation)
    );
    let texts = [
        ("content", &expect.content, &with.content),
        ("channel", &expect.channel, &with.channel),
        ("response", &expect.response, &with.response),
    ];
    for (field, wanted, came) in texts {
        if let Some(wanted) = wanted
            .as_ref()
            .map(|text| Payload::of(&stage.filled(text)))
            .filter(|wanted| wanted != came)
        {
            return Some(format!("expected {at} with {field} {wanted}; got {came}"));
        }
    }
    let name = |code: FailureCode| {
        format!(
            "{} ({})",
            code.name(callback.side()).unwrap_or("unknown"),
            code.0
        )
    };
    let wanted = match expect.code.as_ref()? {
        CodeDemand::Is(wanted) if Some(*wanted) == code => return None,
        CodeDemand::Is(wanted) => name(*wanted),
        CodeDemand::Saved(saved) => {
            let wanted = stage.saved.get(saved)?;
            // The same number means another thing on the other side (FAIL-7).
            if code.and_then(|code| code.name(callback.side())) == Some(wanted) {
                return None;
            }
            wanted.clone()
        }
    };
    let came = code.map_or_else(|| "no code".to_owned(), name);
    Some(format!("expected {at} with code `{wanted}`; got `{came}`"))
}

/// What an expectation asks for, in words.
pub(super) fn wanted(stage: &Stage<'_>, clocks: &Clocks, expect: &Expect) -> String {
    let names: Vec<String> = expect
        .callbacks
        .iter()
        .map(|callback| format!("`{callback}`"))
        .collect();
    let when = match expect.window {
        Window::Within(span) => format!("within {:?}", span.of(clocks)),
        Window::At { moment, .. } => {
            format!(
                "at {} × `{}` ({:?})",
                moment.factor,
                timer_name(moment.timer),
                moment.of(clocks)
            )
        }
    };
    format!(
        "expected {} at `{}` of `{}` {when}",
        names.join(" or "),
        stage.name(expect.user),
        stage.label(expect.invitation)
    )
}

/// Whether the callback that was accounted for last for this expectation came in its window.
fn check_time(
    stage: &Stage<'_>,
    clocks: &Clocks,
    step: &Step,
    expect: &Expect,
    (from, until): (Duration, Duration),
    began: Duration,
) -> Result<(), Stop> {
    let id = stage.id(expect.invitation);
    let came = stage
        .entries
        .iter()
        .zip(&stage.accounted)
        .rev()
        .find_map(|(entry, accounted)| {
            let of_it = matches!(&entry.event.what, What::CalledBack { callback, invitation, .. }
            if *invitation == id && expect.callbacks.contains(callback));
            (*accounted && of_it && entry.participant == expect.user).then_some(entry.event.at)
        });
    let Some(at) = came else { return Ok(()) };
    in_time(stage, clocks, step, expect, (from, until), (began, at))
}

/// Whether a callback that came `at` a time came in its window.
pub(super) fn in_time(
    stage: &Stage<'_>,
    clocks: &Clocks,
    step: &Step,
    expect: &Expect,
    (from, until): (Duration, Duration),
    (began, at): (Duration, Duration),
) -> Result<(), Stop> {
    let fault = if at < from {
        format!("{:?} too early", from - at)
    } else if at > until {
        format!("{:?} too late", at - until)
    } else {
        return Ok(());
    };
    let message = format!(
        "{}; it came {fault}, {:?} after the step began",
        wanted(stage, clocks, expect),
        at.saturating_sub(began)
    );
    Err(Stop::Demand {
        place: (step.line, step.column),
        message,
    })
}

/// Watches for a while that a user is not called back.
pub(super) async fn check_silence(
    stage: &mut Stage<'_>,
    place: (usize, usize),
    (user, callbacks, invitation): (usize, &[Callback], Option<usize>),
    span: Duration,
) -> Result<(), Stop> {
    let id = invitation.map(|invitation| stage.id(invitation));
    let until = stage.recorder.now() + span;
    stage.read();
    // What came while the runner slept is read when it wakes; only who sleeps at the end can miss something.
    let end = Instant::now() + span.saturating_sub(LATE_MAX);
    let before = stage.entries.len();
    let watched = stage.connection(user) == Some(ConnectionState::Connected);
    let came = stage
        .wait_for(until, |stage| {
            stage
                .entries
                .iter()
                .zip(&stage.accounted)
                .enumerate()
                .find_map(|(at, (entry, accounted))| match &entry.event.what {
                    What::CalledBack {
                        callback,
                        invitation,
                        ..
                    } if entry.participant == user
                        && !accounted
                        && !(at < before && is_allowed(stage, entry))
                        && (callbacks.is_empty() || callbacks.contains(callback))
                        && id.as_ref().is_none_or(|id| id == invitation) =>
                    {
                        Some(*callback)
                    }
                    What::Called { .. }
                    | What::Returned { .. }
                    | What::CalledBack { .. }
                    | What::Connection { .. }
                    | What::Wire { .. } => None,
                })
        })
        .await;
    let name = stage.name(user);
    if let Some(callback) = came {
        let message =
            format!("expected nothing of the kind at `{name}` for {span:?}; got `{callback}`");
        return Err(Stop::Demand { place, message });
    }
    let of_user = |entry: &&Entry| entry.participant == user;
    let mut since = stage.entries.iter().skip(before).filter(of_user);
    let message = if watched
        && since.any(|entry| matches!(entry.event.what, What::Connection { .. }))
    {
        format!(
            "the connection of `{name}` was lost while nothing was to come, so that proves nothing"
        )
    } else if let Some(late) = stage.late_since(end) {
        format!(
            "the runner was {late:.0?} late at the end of the time in which nothing was to come at `{name}`, so that proves nothing"
        )
    } else {
        return Ok(());
    };
    Err(Stop::Blind { place, message })
}

/// A callback that nobody expected or allowed, in words (closed world).
pub(super) fn unasked(stage: &Stage<'_>) -> Option<String> {
    let unasked = |(entry, accounted): &(&Entry, &bool)| !**accounted && !is_allowed(stage, entry);
    let mut entries = stage.entries.iter().zip(&stage.accounted).filter(unasked);
    entries.find_map(|(entry, _)| {
        let (callback, invitation) = called_back(entry)?;
        let place = place_of(stage, invitation);
        let label = place.map_or(&**invitation, |place| stage.label(place));
        let name = stage.name(entry.participant);
        Some(format!(
            "expected no more callbacks; got `{callback}` at `{name}` of `{label}`, which no step asks for"
        ))
    })
}

/// Whether an entry is a callback that a step before allows.
fn is_allowed(stage: &Stage<'_>, entry: &Entry) -> bool {
    let place = called_back(entry)
        .and_then(|(callback, invitation)| Some((callback, place_of(stage, invitation)?)));
    place.is_some_and(|(callback, place)| {
        stage
            .allowed
            .contains(&(entry.participant, callback, place))
    })
}

/// The place of an invitation in the scenario.
fn place_of(stage: &Stage<'_>, invitation: &InvitationId) -> Option<usize> {
    let mut known = stage.invitations.iter();
    known.position(|known| known.as_ref() == Some(invitation))
}

fn called_back(entry: &Entry) -> Option<(Callback, &InvitationId)> {
    match &entry.event.what {
        What::CalledBack {
            callback,
            invitation,
            ..
        } => Some((*callback, invitation)),
        What::Called { .. }
        | What::Returned { .. }
        | What::Connection { .. }
        | What::Wire { .. } => None,
    }
}
