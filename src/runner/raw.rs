//! Raw steps: frames meddled with, and things said that are none.

use super::play::Stop;
use super::stage::Stage;
use crate::history::{Clocks, What};
use crate::scenario::plan::{Answer, Meddling, Raw, Span};
use crate::target::{Command, Meddled, RawCommand};

/// Why a scenario with raw steps is not played on a target that has none.
pub(super) const NEEDED: &str =
    "not played: it has raw steps, and the target has no hand on the frames";

/// Takes a raw step, and waits for what the target must answer.
pub(super) async fn take(
    stage: &mut Stage<'_>,
    clocks: &Clocks,
    place: (usize, usize),
    (user, raw): (usize, &Raw),
    (answer, within): (Option<&Answer>, Span),
) -> Result<(), Stop> {
    let command = match raw {
        Raw::Meddle { way, frames, how } => RawCommand::Meddle {
            way: *way,
            frames: frames.clone(),
            how: match how {
                Meddling::Lose => Meddled::Lose,
                Meddling::Duplicate => Meddled::Duplicate,
                Meddling::Reorder => Meddled::Reorder,
                Meddling::Delay(by) => Meddled::Delay(by.least.of(clocks), by.most.of(clocks)),
            },
            seed: stage.chance.u64(..),
        },
        Raw::Mend(way) => RawCommand::Mend(*way),
        Raw::Say(frame) => RawCommand::Say(frame.map(|text| stage.filled(text))),
    };
    stage.read();
    let before = stage.entries.len();
    stage.perform(user, Command::Raw(command));
    let Some(answer) = answer else {
        return Ok(());
    };
    let (within, wanted) = (within.of(clocks), note(answer));
    let until = stage.recorder.now() + within;
    let came = |stage: &Stage<'_>| -> Vec<String> {
        let own = stage.entries.iter().skip(before);
        own.filter(|entry| entry.participant == user)
            .filter_map(|entry| match &entry.event.what {
                What::Wire { note } => Some(note.to_string()),
                What::Called { .. }
                | What::Returned { .. }
                | What::CalledBack { .. }
                | What::Connection { .. } => None,
            })
            .filter(|note| note.starts_with("error ") || note.starts_with("closed "))
            .collect()
    };
    let answered = |stage: &mut Stage<'_>| came(stage).into_iter().next();
    let got = stage.wait_for(until, answered).await;
    if got.as_deref() == Some(&*wanted) {
        return Ok(());
    }
    let got = got.map_or_else(|| "nothing".to_owned(), |got| format!("`{got}`"));
    let name = stage.name(user);
    Err(Stop::Demand {
        place,
        message: format!("expected `{wanted}` at `{name}` within {within:?}; got {got}"),
    })
}

/// An answer as a participant records it.
fn note(answer: &Answer) -> String {
    match answer {
        Answer::Error(code) => format!("error {code}"),
        Answer::Close(code) => format!("closed {code}"),
    }
}
