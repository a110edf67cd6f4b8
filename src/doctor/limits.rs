//! Whether texts of the largest size pass, and larger ones are refused by name (LIM-1 to LIM-3).

use std::borrow::Cow;
use std::time::Duration;

use ringcheck_reference::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX, USER_BYTES_MAX};
use ringcheck_reference::wire::{ClientFrame, ErrorCode, ServerFrame};

use super::line::Line;
use super::{Check, Grade};

/// What an invitation that was said and cancelled at once came to.
enum Answer {
    Taken,
    Refused(ErrorCode),
}

/// Invites somebody who is not there, with texts as long as they may be and longer, and cancels each at once.
pub(super) async fn look(line: &mut Line, user: &str) -> Check {
    let nobody = format!("{user}.nobody");
    let long = "n".repeat(USER_BYTES_MAX + 1);
    let (content, channel) = (TEXT_BYTES_MAX, CHANNEL_BYTES_MAX);
    let tries = [
        (
            "content of 8192 bytes and a channel id of 64",
            &nobody,
            content,
            channel,
            true,
        ),
        (
            "content of 8193 bytes",
            &nobody,
            content + 1,
            channel,
            false,
        ),
        (
            "a channel id of 65 bytes",
            &nobody,
            content,
            channel + 1,
            false,
        ),
        ("a user id of 65 bytes", &long, content, channel, false),
    ];
    let mut wrong = Vec::new();
    for (number, (what, callee, content, channel, passes)) in (1..).zip(tries) {
        let id = format!("{user}-{number}");
        let frame = ClientFrame::Invite {
            id: Cow::Borrowed(&id),
            callee: Cow::Borrowed(callee),
            content: Cow::Owned("c".repeat(content)),
            channel: Cow::Owned("r".repeat(channel)),
            age: Duration::ZERO,
        };
        match (invited(line, &frame, &id).await, passes) {
            (Ok(Answer::Taken), true) | (Ok(Answer::Refused(ErrorCode::InvalidField)), false) => {}
            (Ok(Answer::Taken), false) => wrong.push(format!("{what} passes")),
            (Ok(Answer::Refused(code)), _) => wrong.push(format!("{what} is refused as `{code}`")),
            (Err(error), _) => {
                wrong.push(format!("{what}: {error}"));
                break;
            }
        }
    }
    if wrong.is_empty() {
        let told = "8192 bytes of content and 64 of a channel id pass; more, and a user id of 65, are refused as `invalid_field`";
        return Check::good("limits", told);
    }
    Check::new("limits", Grade::Bad, wrong.join("; "))
        .hint("LIM-1 to LIM-3: bytes of UTF-8 count, and a refusal names the frame at fault")
}

/// Says an invitation and its cancel. A refused one is answered by an error that names it, before the cancel is; one that
/// was taken ends by the cancel.
async fn invited(line: &mut Line, frame: &ClientFrame<'_>, id: &str) -> Result<Answer, String> {
    let cancel = ClientFrame::Cancel {
        id: Cow::Borrowed(id),
    };
    line.say(&frame.encode()).await?;
    let answer = |frame: &ServerFrame<'_>| {
        if let ServerFrame::Error(refusal) = frame {
            return (refusal.id.as_deref() == Some(id)).then_some(Answer::Refused(refusal.code));
        }
        let ends = matches!(
            frame,
            ServerFrame::LocalCanceled { .. } | ServerFrame::LocalFailed { .. }
        );
        (ends && frame.id() == Some(id)).then_some(Answer::Taken)
    };
    let (answer, _) = line.ask(&cancel.encode(), answer).await?;
    if matches!(answer, Answer::Refused(_)) {
        // The cancel of what was never taken is refused as well, and that answer is nobody's.
        line.ask(&ClientFrame::Ping { seen: 0 }.encode(), |frame| {
            matches!(frame, ServerFrame::Pong).then_some(())
        })
        .await?;
    }
    Ok(answer)
}
