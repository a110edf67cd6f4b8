//! What a participant is told, from a step of the plan.

use super::stage::Stage;
use crate::history::Call;
use crate::scenario::plan::{Act, SessionChange, Step, Texts};
use crate::target::Command;

/// The command that a step is with its user, if it is one.
pub(super) fn command(stage: &mut Stage<'_>, step: &Step) -> Option<(usize, Command)> {
    match &step.act {
        Act::Call {
            user,
            call,
            invitation,
            texts,
            ..
        } => Some((*user, called(stage, *call, *invitation, texts))),
        Act::Write {
            user,
            invitation,
            texts: Texts { content, channel },
        } => {
            let command = Command::Write {
                invitation: stage.id(*invitation),
                content: content.as_ref().map(|text| stage.passing(text)),
                channel: channel.as_ref().map(|text| stage.passing(text)),
            };
            Some((*user, command))
        }
        Act::Session { user, change } => {
            let command = match change {
                SessionChange::Login => Command::Login,
                SessionChange::Logout => Command::Logout,
                SessionChange::Drop => Command::Drop,
                SessionChange::Reconnect => Command::Reconnect,
                SessionChange::Interrupt => Command::Interrupt,
                SessionChange::Hold(way) => Command::Hold(*way),
                SessionChange::Release(way) => Command::Release(*way),
            };
            Some((*user, command))
        }
        Act::Expect(_)
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

fn called(stage: &mut Stage<'_>, call: Call, invitation: usize, texts: &Texts) -> Command {
    let id = stage.id(invitation);
    let content = texts.content.as_ref().map(|text| stage.passing(text));
    let content = content.unwrap_or_default();
    match call {
        Call::Create => Command::Create {
            callee: stage.callee_id(invitation),
            content,
            channel: texts
                .channel
                .as_ref()
                .map_or_else(String::new, |text| stage.passing(text)),
        },
        Call::Send => Command::Send(id),
        Call::Cancel => Command::Cancel(id),
        Call::Accept => Command::Accept {
            invitation: id,
            response: content,
        },
        Call::Refuse => Command::Refuse {
            invitation: id,
            response: content,
        },
    }
}
