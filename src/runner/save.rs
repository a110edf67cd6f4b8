//! Values that steps save of the callbacks that they have met.

use super::play::Stop;
use super::stage::Stage;
use crate::history::{Payload, What};
use crate::scenario::plan::{Expect, Part, Step};

/// Saves what an expectation asks for of the callback at that place of the record, which met it.
pub(super) fn save(
    stage: &mut Stage<'_>,
    step: &Step,
    expect: &Expect,
    entry: usize,
) -> Result<(), Stop> {
    for save in &expect.saves {
        let Some(value) = value(stage, save.part, entry) else {
            let message = format!(
                "expected a {} that can be saved as `{}`; nobody in the scenario has passed the text that came, and no more \
                 than its beginning is recorded",
                save.part.name(),
                save.name
            );
            return Err(Stop::Wrong {
                place: (step.line, step.column),
                message,
            });
        };
        stage.saved.insert(save.name.clone(), value);
    }
    Ok(())
}

/// That part of the callback at a place of the record.
fn value(stage: &Stage<'_>, part: Part, entry: usize) -> Option<String> {
    let What::CalledBack {
        callback,
        invitation,
        with,
        code,
        ..
    } = &stage.entries.get(entry)?.event.what
    else {
        return None;
    };
    match part {
        Part::Content => whole(stage, &with.content),
        Part::Channel => whole(stage, &with.channel),
        Part::Response => whole(stage, &with.response),
        Part::Caller => with.peer.as_deref().map(str::to_owned),
        Part::Code => {
            let code = (*code)?;
            let name = code.name(callback.side());
            Some(name.map_or_else(|| code.0.to_string(), str::to_owned))
        }
        Part::Id => Some(invitation.to_string()),
    }
}

/// A text of which the record may have only the beginning. It is found among those that the users passed; where it is none
/// of them the target has changed it (SEND-3).
fn whole(stage: &Stage<'_>, text: &Payload) -> Option<String> {
    let recorded = text.whole().map(str::to_owned);
    recorded.or_else(|| {
        let mut passed = stage.passed.iter();
        passed.find(|passed| Payload::of(passed) == *text).cloned()
    })
}
