//! `ringcheck call`: a person at a terminal rings somebody, answers, and sees every callback; or a script does.

mod board;
mod deed;
mod login;
mod once;
mod prompt;
mod screen;
mod session;
mod shown;
mod typed;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use ringcheck_reference::wire::user_id_is_good;

use super::output::Output;
use super::reach::{AccessArgs, variable};
use super::{Failure, runtime};

/// Who to be, and where.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples, in two terminals beside `ringcheck serve`:
  ringcheck call --as alice        then type: ring bob Shall we?
  ringcheck call --as bob          then type: accept 1 On my way

The same in scripts, each of which ends when its call has ended:
  ringcheck call --as bob --answer accept --response \"On my way\" &
  ringcheck call --as alice --send bob --content \"Shall we?\" --wait accepted --timeout 30s

What a script gets: on standard output one line of three texts with tabs between, namely what became of the call, the
other user, and the words (the response for the caller, the content for the callee, the reason of a failure), or with
`--json` an object; on standard error every callback. And one of these exit codes:
  0  what was waited for came
  1  the call ended in another way; the line says which
  2  a flag or a text is wrong
  3  it did not come within --timeout, or the command was told to leave
  4  the server was not reached, refused the log-in, or was lost

A script leaves nothing ringing: a call that is still open when the caller leaves is cancelled.
A user id has one session: a log-in ends an earlier one of the same user.")]
pub(super) struct Args {
    /// The user id to log in with
    #[arg(long = "as", value_name = "USER", value_parser = user_id)]
    user: String,

    /// The server
    #[arg(long, default_value = "ws://127.0.0.1:7000", value_name = "ws://…")]
    target: String,

    /// The token to log in with, where the server wants one [env: RINGCHECK_TOKEN]
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["token_file", "token_key"])]
    token: Option<String>,

    /// Read the token from a file, again whenever it runs out
    #[arg(long, value_name = "FILE", conflicts_with = "token_key")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    access: AccessArgs,

    /// Keep what was typed in a file, for the next session
    #[arg(long, value_name = "FILE", conflicts_with = "once")]
    history: Option<PathBuf>,

    #[command(flatten)]
    once: deed::Flags,
}

impl Args {
    /// The token to log in with: the flag's, or else the environment's, or else one made with the key of the environment.
    fn token(&self) -> Result<Option<String>, Failure> {
        if let Some(path) = &self.token_file {
            return match std::fs::read_to_string(path) {
                Ok(token) => Ok(Some(token.trim().to_owned())),
                Err(error) => Err(Failure::Usage(format!(
                    "the token file `{}` cannot be read: {error}",
                    path.display()
                ))),
            };
        }
        match self.given_token() {
            Some(token) => Ok(Some(token)),
            None => Ok(self.access.access(&self.target)?.token(&self.user)),
        }
    }

    /// A token that was given as it is. A flag goes before the environment.
    fn given_token(&self) -> Option<String> {
        let from_environment = || variable("RINGCHECK_TOKEN")?.into_string().ok();
        match &self.token {
            Some(token) => Some(token.clone()),
            None if self.access.makes_tokens() => None,
            None => from_environment(),
        }
    }

    /// Whether asking again for a token may give another one.
    fn has_new_tokens(&self) -> bool {
        self.token_file.is_some() || self.given_token().is_none()
    }
}

/// A user id (LIM-3).
fn user_id(text: &str) -> Result<String, String> {
    if user_id_is_good(text) {
        return Ok(text.to_owned());
    }
    Err("expected 1 to 64 of: a-z A-Z 0-9 space ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { } | ~ ,".to_owned())
}

/// Runs the session until its end.
pub(super) fn call(args: &Args, output: &Output) -> Result<(), Failure> {
    match args.once.deed()? {
        None => runtime()?.block_on(session::session(args, output)),
        Some(deed) => runtime()?.block_on(once::once(args, &deed, output)),
    }
}
