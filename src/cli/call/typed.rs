//! What a person types: a line in, a command out, and the words that Tab can finish.

use std::collections::BTreeSet;

/// A line that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing at all.
    Nothing,
    /// Ring a user.
    Ring {
        /// Whom.
        callee: String,
        /// What to show there.
        content: String,
    },
    /// Cancel an invitation of one's own.
    Cancel(Option<usize>),
    /// Accept an invitation.
    Accept(Option<usize>, String),
    /// Refuse an invitation.
    Refuse(Option<usize>, String),
    /// Show the open invitations.
    List,
    /// Log in again.
    Login,
    /// Log out and stay.
    Logout,
    /// Show what can be typed.
    Help,
    /// Log out and leave.
    Quit,
}

/// What can be typed, for the help and for Tab: the command, what follows it, what it does.
pub(super) const COMMANDS: [(&str, &str, &str); 9] = [
    ("ring", "USER [CONTENT]", "ring somebody"),
    ("cancel", "[N]", "cancel an invitation of yours"),
    ("accept", "[N] [RESPONSE]", "accept an invitation to you"),
    ("refuse", "[N] [RESPONSE]", "refuse an invitation to you"),
    ("list", "", "show the open invitations"),
    ("login", "", "log in again, after the session was ended"),
    ("logout", "", "log out and stay"),
    ("help", "", "show this"),
    ("quit", "", "log out and leave"),
];

/// What `help` shows.
pub(super) fn help() -> String {
    let mut lines: Vec<String> = COMMANDS
        .iter()
        .map(|(command, rest, does)| format!("  {:<26}{does}", format!("{command} {rest}")))
        .collect();
    lines.push(
        "N is the number that an invitation is shown with; without it, the newest.\n\
         A user id with a space stands in double quotes."
            .to_owned(),
    );
    lines.join("\n")
}

/// Understands a line, or says why not.
pub(super) fn parse(line: &str) -> Result<Typed, String> {
    let (verb, rest) = first_word(line);
    Ok(match verb {
        "" => Typed::Nothing,
        "ring" => {
            let (callee, content) = user(rest)?;
            if callee.is_empty() {
                return Err("`ring` whom? as `ring bob Shall we?`".to_owned());
            }
            Typed::Ring {
                callee: callee.to_owned(),
                content: content.to_owned(),
            }
        }
        "cancel" => Typed::Cancel(numbered(rest).0),
        "accept" => {
            let (number, response) = numbered(rest);
            Typed::Accept(number, response.to_owned())
        }
        "refuse" => {
            let (number, response) = numbered(rest);
            Typed::Refuse(number, response.to_owned())
        }
        "list" => Typed::List,
        "login" => Typed::Login,
        "logout" => Typed::Logout,
        "help" => Typed::Help,
        "quit" => Typed::Quit,
        other => {
            return Err(format!(
                "`{other}` is not a command; `help` shows what you can type"
            ));
        }
    })
}

/// The first word of a line, and the rest without the blanks around it.
fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(char::is_whitespace)
        .map_or((line, ""), |(first, rest)| (first, rest.trim_start()))
}

/// A user id, quoted if it has a blank, and the rest. No user id has a quote in it (LIM-3).
fn user(rest: &str) -> Result<(&str, &str), String> {
    let Some(quoted) = rest.strip_prefix('"') else {
        return Ok(first_word(rest));
    };
    quoted
        .split_once('"')
        .map(|(user, rest)| (user, rest.trim_start()))
        .ok_or_else(|| "the user id ends without its second `\"`".to_owned())
}

/// The number of an invitation, if one comes first, and the words after it.
fn numbered(rest: &str) -> (Option<usize>, &str) {
    let (first, words) = first_word(rest);
    match first.parse() {
        Ok(number) => (Some(number), words),
        Err(_) => (None, rest),
    }
}

/// What Tab knows: it follows what has been seen.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// User ids that were seen or typed.
    pub(super) users: BTreeSet<String>,
    /// Numbers of open invitations to others.
    pub(super) outgoing: Vec<usize>,
    /// Numbers of open invitations to us.
    pub(super) incoming: Vec<usize>,
}

/// User ids that Tab knows at most: strangers can invent them.
const USERS_MAX: usize = 1_000;

impl Known {
    /// Keeps a user id for later.
    pub(super) fn saw(&mut self, user: &str) {
        if self.users.len() < USERS_MAX && !self.users.contains(user) {
            self.users.insert(user.to_owned());
        }
    }

    /// Where the word under the cursor begins, and what it could become. `line` ends at the cursor.
    pub(super) fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let begin = line.len() - line.trim_start().len();
        let Some((verb, rest)) = line
            .get(begin..)
            .and_then(|typed| typed.split_once(char::is_whitespace))
        else {
            let verbs = COMMANDS.iter().map(|(verb, rest, _)| {
                let blank = if rest.is_empty() { "" } else { " " };
                format!("{verb}{blank}")
            });
            return (begin, fitting(verbs, line.get(begin..).unwrap_or_default()));
        };
        let word = rest.trim_start();
        let at = line.len() - word.len();
        let name = word.strip_prefix('"');
        let quoted = name.is_some_and(|name| !name.contains('"'));
        if word.contains(char::is_whitespace) && !quoted {
            // What comes next is for the other one to read.
            return (line.len(), Vec::new());
        }
        let numbers = |numbers: &[usize]| {
            let all = numbers.iter().map(|number| format!("{number} "));
            fitting(all, word)
        };
        let words = match verb {
            "ring" => {
                let beginning = name.unwrap_or(word);
                let fits = self.users.iter().filter(|user| user.starts_with(beginning));
                fits.map(|user| quote(user, quoted)).collect()
            }
            "cancel" => numbers(&self.outgoing),
            "accept" | "refuse" => numbers(&self.incoming),
            _ => Vec::new(),
        };
        (at, words)
    }
}

/// A user id as `ring` reads it, with a blank after it.
fn quote(user: &str, quoted: bool) -> String {
    if quoted || user.contains(char::is_whitespace) {
        format!("\"{user}\" ")
    } else {
        format!("{user} ")
    }
}

fn fitting(words: impl Iterator<Item = String>, beginning: &str) -> Vec<String> {
    words.filter(|word| word.starts_with(beginning)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(callee: &str, content: &str) -> Result<Typed, String> {
        Ok(Typed::Ring {
            callee: callee.to_owned(),
            content: content.to_owned(),
        })
    }

    #[test]
    fn a_line_is_a_verb_a_number_and_words() {
        assert_eq!(parse("  "), Ok(Typed::Nothing));
        assert_eq!(parse("ring bob  Shall we? "), ring("bob", "Shall we?"));
        assert_eq!(parse("ring bob"), ring("bob", ""));
        assert_eq!(parse("cancel"), Ok(Typed::Cancel(None)));
        assert_eq!(parse("cancel 12"), Ok(Typed::Cancel(Some(12))));
        assert_eq!(
            parse("accept 1 On my way"),
            Ok(Typed::Accept(Some(1), "On my way".to_owned()))
        );
        assert_eq!(
            parse("refuse Not now"),
            Ok(Typed::Refuse(None, "Not now".to_owned()))
        );
        assert_eq!(parse("list"), Ok(Typed::List));
        assert_eq!(parse("quit"), Ok(Typed::Quit));
    }

    #[test]
    fn a_user_id_with_a_blank_stands_in_quotes() {
        assert_eq!(parse("ring \"al ice\" Hello"), ring("al ice", "Hello"));
        assert!(parse("ring \"al ice").unwrap_err().contains("second"));
    }

    #[test]
    fn a_line_that_is_not_understood_says_what_to_type() {
        assert!(parse("ring").unwrap_err().contains("ring bob"));
        assert!(parse("dial bob").unwrap_err().contains("help"));
    }

    #[test]
    fn tab_finishes_commands_users_and_numbers() {
        let mut known = Known::default();
        for user in ["bob", "bobby", "carol", "al ice"] {
            known.saw(user);
        }
        (known.outgoing, known.incoming) = (vec![1, 12], vec![3]);
        let complete = |line: &str| known.complete(line);
        assert_eq!(complete("ri"), (0, vec!["ring ".to_owned()]));
        assert_eq!(complete("  lo"), (2, vec!["login".into(), "logout".into()]));
        assert_eq!(
            complete("ring bo"),
            (5, vec!["bob ".into(), "bobby ".into()])
        );
        assert_eq!(complete("ring \"al"), (5, vec!["\"al ice\" ".into()]));
        assert_eq!(complete("ring al"), (5, vec!["\"al ice\" ".into()]));
        assert_eq!(complete("cancel 1"), (7, vec!["1 ".into(), "12 ".into()]));
        assert_eq!(complete("accept "), (7, vec!["3 ".into()]));
        assert_eq!(complete("accept 3 bo").1, Vec::<String>::new());
        assert_eq!(complete("ring bob ca").1, Vec::<String>::new());
        assert_eq!(complete("").1.len(), COMMANDS.len());
    }

    #[test]
    fn strangers_cannot_fill_the_memory_with_user_ids() {
        let mut known = Known::default();
        for n in 0..2 * USERS_MAX {
            known.saw(&format!("stranger-{n}"));
        }
        assert_eq!(known.users.len(), USERS_MAX);
    }

    #[test]
    fn the_help_names_every_command() {
        for (command, _, does) in COMMANDS {
            assert!(help().contains(command) && help().contains(does));
        }
    }
}
