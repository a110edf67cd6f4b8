//! Events as lines for a terminal.

use console::Style;
use ringcheck_reference::client::{Event, LocalCallback, RemoteCallback};

/// How a line feels, which becomes a colour. The words say it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// It rings.
    Ringing,
    /// It was accepted.
    Good,
    /// It was refused or cancelled.
    Over,
    /// It failed.
    Bad,
}

/// The name of a callback, what it carries, and how that feels.
pub(super) fn local(callback: &LocalCallback) -> (&'static str, String, Mood) {
    match callback {
        LocalCallback::ReceivedByPeer => (
            "localInvitationReceivedByPeer",
            String::new(),
            Mood::Ringing,
        ),
        LocalCallback::Accepted { response } => {
            ("localInvitationAccepted", response.clone(), Mood::Good)
        }
        LocalCallback::Refused { response } => {
            ("localInvitationRefused", response.clone(), Mood::Over)
        }
        LocalCallback::Canceled => ("localInvitationCanceled", String::new(), Mood::Over),
        LocalCallback::Failure(why) => (
            "localInvitationFailure",
            format!("{why:?} ({})", *why as u8),
            Mood::Bad,
        ),
    }
}

/// As [`local`], of a remote invitation.
pub(super) fn remote(callback: &RemoteCallback) -> (&'static str, String, Mood) {
    match callback {
        RemoteCallback::Received {
            caller,
            content,
            channel,
        } => {
            let channel = if channel.is_empty() {
                String::new()
            } else {
                format!(" (channel {channel})")
            };
            (
                "remoteInvitationReceived",
                format!("from {caller}: {content}{channel}"),
                Mood::Ringing,
            )
        }
        RemoteCallback::Accepted => ("remoteInvitationAccepted", String::new(), Mood::Good),
        RemoteCallback::Refused => ("remoteInvitationRefused", String::new(), Mood::Over),
        RemoteCallback::Canceled => ("remoteInvitationCanceled", String::new(), Mood::Over),
        RemoteCallback::Failure(why) => (
            "remoteInvitationFailure",
            format!("{why:?} ({})", *why as u8),
            Mood::Bad,
        ),
    }
}

/// An event as a line; `number` is what its invitation is shown with.
pub(super) fn line(event: &Event, number: usize, color: bool) -> String {
    let (name, carries, mood) = match event {
        Event::Local { callback, .. } => local(callback),
        Event::Remote { callback, .. } => remote(callback),
        Event::Connection { state, reason } => {
            return format!("connection: {state:?} ({reason:?})");
        }
        Event::TokenExpiring { lasts } => return format!("the token runs out in {lasts:?}"),
        Event::TokenRenewed { lasts } => return format!("the new token lasts {lasts:?}"),
        Event::Wire { note } => return format!("connection: {}", plain(note)),
        Event::Refused { code, message } => {
            return plain(&format!("the server refused a frame: {code}: {message}"));
        }
    };
    let name = style(mood).force_styling(color).apply_to(name);
    format!("{number}: {name} {}", plain(&carries))
        .trim_end()
        .to_owned()
}

fn style(mood: Mood) -> Style {
    match mood {
        Mood::Ringing => Style::new().cyan().bold(),
        Mood::Good => Style::new().green().bold(),
        Mood::Over => Style::new().yellow(),
        Mood::Bad => Style::new().red().bold(),
    }
}

/// A peer's text for a terminal: what would move the cursor, change colours or the order of the line is written out, so
/// that nobody can paint on another's screen.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_reordering(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Marks, embeddings and isolates of bidirectional text, and the separators of lines and paragraphs: invisible, and able
/// to make one text look like another.
fn is_reordering(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringcheck_reference::client::LocalState;

    fn accepted(response: &str) -> Event {
        Event::Local {
            id: "i-1".into(),
            callback: LocalCallback::Accepted {
                response: response.to_owned(),
            },
            state: LocalState::AcceptedByRemote,
        }
    }

    #[test]
    fn colour_is_on_the_name_alone_and_only_where_it_is_wanted() {
        let event = accepted("On my way");
        assert_eq!(
            line(&event, 1, false),
            "1: localInvitationAccepted On my way"
        );
        assert_eq!(
            line(&event, 1, true),
            "1: \u{1b}[32m\u{1b}[1mlocalInvitationAccepted\u{1b}[0m On my way"
        );
    }

    #[test]
    fn nothing_that_paints_or_reorders_comes_through() {
        let event = accepted("a\u{1b}[2Jb\r\nc\u{7}\u{9b}31m\u{202e}live\u{2028}x");
        let shown = line(&event, 1, false);
        assert_eq!(
            shown,
            "1: localInvitationAccepted a\\u{1b}[2Jb\\r\\nc\\u{7}\\u{9b}31m\\u{202e}live\\u{2028}x"
        );
    }

    #[test]
    fn texts_of_every_script_are_shown_as_they_are() {
        for text in ["Grüße", "走吧?", "👩‍🚀 ok", "مرحبا"] {
            assert_eq!(plain(text), text);
        }
    }
}
