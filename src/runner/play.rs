//! One scenario against a target: every step done or waited for, then a short silence, then the judge.

use std::time::Duration;

use tokio::time::Instant;

use super::command::command;
use super::expect::{check_silence, expect_all};
use super::outcome::{Outcome, Trouble, Verdict};
use super::punctual::Punctuality;
use super::race::settle;
use super::raw;
use super::stage::Stage;
use super::verdict::{self, Ending};
use crate::history::{Call, CallCode, Clocks, ConnectionReason, ConnectionState, What};
use crate::scenario::plan::{Act, Pause, Scenario, SessionChange, Step};
use crate::target::{Cast, Command};

/// How long a log-in or a reconnect may take before the target counts as broken.
const LOGIN_WITHIN: Duration = Duration::from_secs(10);

/// How long a call may take to come back.
const RETURN_WITHIN: Duration = Duration::from_secs(5);

/// How long nothing may come after the last step (closed world).
pub(super) const QUIET: Duration = Duration::from_millis(100);

/// Why a scenario stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A demand of the step at that line and column was not met.
    Demand {
        place: (usize, usize),
        message: String,
    },
    /// A demand was not met in a way that no delay explains: the callback came, and with something else.
    Wrong {
        place: (usize, usize),
        message: String,
    },
    /// Not enough could be seen to say whether it was met.
    Blind {
        place: (usize, usize),
        message: String,
    },
    /// The target broke.
    Target(String),
}

/// Plays a scenario and judges it. `prefix` makes the user ids its own, and `seed` decides what it leaves to chance.
pub async fn play(
    scenario: &Scenario,
    cast: &dyn Cast,
    clocks: &Clocks,
    (prefix, seed): (&str, u64),
) -> Outcome {
    play_watched(scenario, cast, clocks, (prefix, seed), None).await
}

/// As [`play`], with what depends on time left open where the runner itself was late.
pub(super) async fn play_watched(
    scenario: &Scenario,
    cast: &dyn Cast,
    clocks: &Clocks,
    (prefix, seed): (&str, u64),
    punctuality: Option<&Punctuality>,
) -> Outcome {
    let began = Instant::now();
    if scenario.is_raw() && !cast.is_raw() {
        return Outcome::not_played(scenario, clocks, raw::NEEDED);
    }
    let mut stage = Stage::new(scenario, cast, (prefix, seed), punctuality);
    let ending = perform(&mut stage, clocks).await;
    let late = stage.late_since(stage.began);
    if let Ending::Stopped(Stop::Demand { .. } | Stop::Wrong { .. }) = &ending {
        let until = stage.recorder.now() + linger(clocks);
        stage
            .wait_for(until, |stage| stage.is_settled().then_some(()))
            .await;
        // The other side may be told a moment later of what it never heard begin.
        let quiet = stage.recorder.now() + QUIET;
        stage.wait_for(quiet, |_| None::<()>).await;
    }
    let end = stage.recorder.now();
    stage.read();
    for user in 0..stage.participants.len() {
        stage.perform(user, Command::Logout);
    }
    verdict::judge(&stage, clocks, end, (ending, late), began.elapsed())
}

/// How long to go on watching after a demand was not met: what the lifecycle owes falls due meanwhile, and the judge can
/// say which rule was broken.
fn linger(clocks: &Clocks) -> Duration {
    const LATE: Duration = Duration::from_millis(1_300);
    let life = clocks.no_ack.max(clocks.offline_window) + clocks.expiry + clocks.accept_ack;
    (life.mul_f64(1.1) + LATE).min(LINGER_MAX)
}

/// More nobody wants to wait for a scenario that has failed already.
const LINGER_MAX: Duration = Duration::from_secs(12);

async fn perform(stage: &mut Stage<'_>, clocks: &Clocks) -> Ending {
    let scenario = stage.scenario;
    if let Err(stop) = log_in_all(stage).await {
        return Ending::Stopped(stop);
    }
    for step in &scenario.steps {
        if let Err(stop) = take(stage, clocks, step).await {
            return Ending::Stopped(stop);
        }
    }
    let until = stage.recorder.now() + QUIET;
    stage.wait_for(until, |_| None::<()>).await;
    match super::expect::unasked(stage) {
        Some(message) => {
            let place = scenario
                .steps
                .last()
                .map_or((1, 1), |step| (step.line, step.column));
            Ending::Stopped(Stop::Demand { place, message })
        }
        None => Ending::Whole,
    }
}

async fn log_in_all(stage: &mut Stage<'_>) -> Result<(), Stop> {
    let online: Vec<usize> = (0..)
        .zip(&stage.scenario.users)
        .filter(|(_, user)| user.online)
        .map(|(i, _)| i)
        .collect();
    for user in &online {
        stage.perform(*user, Command::Login);
    }
    for user in online {
        connected(stage, user).await?;
    }
    Ok(())
}

async fn connected(stage: &mut Stage<'_>, user: usize) -> Result<(), Stop> {
    let until = stage.recorder.now() + LOGIN_WITHIN;
    let arrived = |stage: &mut Stage<'_>| {
        (stage.connection(user) == Some(ConnectionState::Connected)).then_some(())
    };
    match stage.wait_for(until, arrived).await {
        Some(()) => Ok(()),
        None => Err(Stop::Target(format!(
            "`{}` was not connected within {LOGIN_WITHIN:?}; its connection is {}",
            stage.name(user),
            stage
                .connection(user)
                .map_or("untold", ConnectionState::name),
        ))),
    }
}

/// Waits until the user's connection has changed since the entry `before`.
async fn left(stage: &mut Stage<'_>, user: usize, before: usize) -> Result<(), Stop> {
    let until = stage.recorder.now() + LOGIN_WITHIN;
    let changed = |stage: &mut Stage<'_>| {
        let news = stage
            .entries
            .iter()
            .skip(before)
            .filter(|entry| entry.participant == user);
        news.map(|entry| &entry.event.what)
            .any(|what| matches!(what, What::Connection { .. }))
            .then_some(())
    };
    match stage.wait_for(until, changed).await {
        Some(()) => Ok(()),
        None => Err(Stop::Target(format!(
            "the connection of `{}` did not end within {LOGIN_WITHIN:?}",
            stage.name(user)
        ))),
    }
}

async fn take(stage: &mut Stage<'_>, clocks: &Clocks, step: &Step) -> Result<(), Stop> {
    let place = (step.line, step.column);
    match &step.act {
        Act::Call {
            user,
            call,
            results,
            ..
        } => {
            let before = stage.entries.len();
            if let Some((user, command)) = command(stage, step) {
                stage.perform(user, command);
            }
            returned(stage, place, before, (*user, *call), results).await?;
            note_created(stage, step);
            Ok(())
        }
        Act::Write { .. } => {
            if let Some((user, command)) = command(stage, step) {
                stage.perform(user, command);
            }
            Ok(())
        }
        Act::Session { user, change } => session(stage, step, *user, *change).await,
        Act::Expect(_) => expect_all(stage, clocks, std::slice::from_ref(step)).await,
        Act::AnyOrder(steps) => expect_all(stage, clocks, steps).await,
        Act::Never {
            user,
            callbacks,
            invitation,
            span,
        } => {
            check_silence(
                stage,
                place,
                (*user, callbacks, *invitation),
                span.of(clocks),
            )
            .await
        }
        Act::Allow {
            user,
            callbacks,
            invitation,
        } => {
            stage.allowed.extend(
                callbacks
                    .iter()
                    .map(|callback| (*user, *callback, *invitation)),
            );
            Ok(())
        }
        Act::Connection {
            user,
            state,
            reason,
            within,
        } => reaches(stage, place, *user, (*state, *reason), within.of(clocks)).await,
        Act::Wait(pause) => {
            wait(stage, clocks, *pause).await;
            Ok(())
        }
        Act::Together(steps) => together(stage, steps).await,
        Act::Race(race) => {
            let began = stage.recorder.now();
            match race.apart {
                None => together(stage, &race.steps).await?,
                Some(pause) => apart(stage, clocks, &race.steps, pause).await?,
            }
            settle(stage, clocks, place, race, began).await
        }
        Act::Raw {
            user,
            raw,
            answer,
            within,
        } => {
            raw::take(
                stage,
                clocks,
                place,
                (*user, raw),
                (answer.as_ref(), *within),
            )
            .await
        }
    }
}

/// Changes a user's session, and waits until the change has been told: what the next steps do must find it so.
async fn session(
    stage: &mut Stage<'_>,
    step: &Step,
    user: usize,
    change: SessionChange,
) -> Result<(), Stop> {
    stage.read();
    let before = stage.entries.len();
    let was_connected = stage.connection(user) == Some(ConnectionState::Connected);
    if let Some((user, command)) = command(stage, step) {
        stage.perform(user, command);
    }
    match change {
        SessionChange::Login | SessionChange::Reconnect => connected(stage, user).await,
        SessionChange::Logout | SessionChange::Drop | SessionChange::Interrupt if was_connected => {
            left(stage, user, before).await
        }
        SessionChange::Logout
        | SessionChange::Drop
        | SessionChange::Interrupt
        | SessionChange::Hold(_)
        | SessionChange::Release(_) => Ok(()),
    }
}

/// Waits until a user's connection is in a state, for a reason if one is given.
async fn reaches(
    stage: &mut Stage<'_>,
    place: (usize, usize),
    user: usize,
    (state, reason): (ConnectionState, Option<ConnectionReason>),
    span: Duration,
) -> Result<(), Stop> {
    let until = stage.recorder.now() + span;
    let good = |stage: &mut Stage<'_>| {
        stage
            .last_connection(user)
            .filter(|(seen, why)| *seen == state && reason.is_none_or(|reason| reason == *why))
    };
    if stage.wait_for(until, good).await.is_some() {
        return Ok(());
    }
    let wanted = reason.map_or_else(|| state.to_string(), |reason| format!("{state}, {reason}"));
    let came = stage.last_connection(user).map_or_else(
        || "nothing".to_owned(),
        |(state, reason)| format!("{state}, {reason}"),
    );
    let name = stage.name(user);
    let message = format!(
        "expected the connection of `{name}` to be `{wanted}` within {span:?}; got `{came}`"
    );
    Err(Stop::Demand { place, message })
}

/// Lets a time pass that the seed may decide.
async fn wait(stage: &mut Stage<'_>, clocks: &Clocks, pause: Pause) {
    let until = stage.recorder.now() + pause.of(clocks, stage.chance.f64());
    stage.wait_for(until, |_| None::<()>).await;
}

/// Takes the steps one after the other with a pause between them, then waits for their results.
async fn apart(
    stage: &mut Stage<'_>,
    clocks: &Clocks,
    steps: &[Step],
    pause: Pause,
) -> Result<(), Stop> {
    let before = stage.entries.len();
    for (place, step) in steps.iter().enumerate() {
        if place > 0 {
            wait(stage, clocks, pause).await;
        }
        if let Some((user, command)) = command(stage, step) {
            stage.perform(user, command);
        }
    }
    all_returned(stage, steps, before).await
}

/// Releases the steps at once, as the target can, then waits for their results.
async fn together(stage: &mut Stage<'_>, steps: &[Step]) -> Result<(), Stop> {
    let before = stage.entries.len();
    let mut commands: Vec<(usize, Command)> = Vec::with_capacity(steps.len());
    for step in steps {
        commands.extend(command(stage, step));
    }
    stage.cast.release(&mut stage.participants, commands);
    all_returned(stage, steps, before).await
}

/// Waits for the results of the calls made since the entry `before`.
async fn all_returned(stage: &mut Stage<'_>, steps: &[Step], before: usize) -> Result<(), Stop> {
    for step in steps {
        if let Act::Call {
            user,
            call,
            results,
            ..
        } = &step.act
        {
            returned(
                stage,
                (step.line, step.column),
                before,
                (*user, *call),
                results,
            )
            .await?;
            note_created(stage, step);
        }
    }
    Ok(())
}

/// Waits for a call made after the entry `before` to come back, and compares its result.
async fn returned(
    stage: &mut Stage<'_>,
    place: (usize, usize),
    before: usize,
    (user, call): (usize, Call),
    results: &[CallCode],
) -> Result<(), Stop> {
    let until = stage.recorder.now() + RETURN_WITHIN;
    let back =
        |stage: &mut Stage<'_>| {
            let found =
                stage.entries.iter().enumerate().skip(before).find_map(
                    |(place, entry)| match entry.event.what {
                        What::Returned {
                            call: made, code, ..
                        } if made == call
                            && entry.participant == user
                            && !stage.accounted.get(place).copied().unwrap_or(true) =>
                        {
                            Some((place, code))
                        }
                        What::Called { .. }
                        | What::Returned { .. }
                        | What::CalledBack { .. }
                        | What::Connection { .. }
                        | What::Wire { .. } => None,
                    },
                );
            found.map(|(place, code)| {
                if let Some(accounted) = stage.accounted.get_mut(place) {
                    *accounted = true;
                }
                code
            })
        };
    let Some(code) = stage.wait_for(until, back).await else {
        return Err(Stop::Target(format!(
            "`{call}` of `{}` did not come back within {RETURN_WITHIN:?}",
            stage.name(user)
        )));
    };
    let right = if results.is_empty() {
        &[CallCode::OK]
    } else {
        results
    };
    if right.contains(&code) {
        return Ok(());
    }
    let wanted: Vec<String> = right.iter().map(|code| format!("`{code}`")).collect();
    let message = format!(
        "expected `{call}` of `{}` to return {}; got `{code}`",
        stage.name(user),
        wanted.join(" or ")
    );
    Err(Stop::Demand { place, message })
}

/// Remembers the id of an invitation that a step has created.
fn note_created(stage: &mut Stage<'_>, step: &Step) {
    let Act::Call {
        user,
        call: Call::Create,
        invitation,
        ..
    } = step.act
    else {
        return;
    };
    let created = stage
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.event.what {
            What::Returned {
                call: Call::Create,
                invitation,
                ..
            } if entry.participant == user
                && !stage
                    .invitations
                    .iter()
                    .flatten()
                    .any(|known| known == invitation) =>
            {
                Some(invitation.clone())
            }
            What::Called { .. }
            | What::Returned { .. }
            | What::CalledBack { .. }
            | What::Connection { .. }
            | What::Wire { .. } => None,
        });
    if let Some(place) = stage.invitations.get_mut(invitation) {
        *place = created;
    }
}

impl Stop {
    /// How it counts, and how it is told.
    pub(super) fn told(self, requirement: &str) -> (Verdict, Trouble) {
        let trouble = |rule: &str, message, place| Trouble {
            rule: rule.to_owned(),
            requirement: requirement.to_owned(),
            message,
            place,
            allowed: Vec::new(),
        };
        match self {
            Self::Demand { place, message } | Self::Wrong { place, message } => {
                (Verdict::Failed, trouble("scenario", message, Some(place)))
            }
            Self::Blind { place, message } => (
                Verdict::Inconclusive,
                trouble("scenario", message, Some(place)),
            ),
            Self::Target(message) => (Verdict::Error, trouble("target", message, None)),
        }
    }
}
