//! `ringcheck call`: a person at a terminal rings somebody, answers, and sees every callback.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args as ClapArgs;
use ringcheck_reference::client::{
    CallResult, Client, ConnectionState, Event, InvitationId, LocalCallback, RemoteCallback,
};
use tokio::sync::{mpsc, watch};

use super::output::Output;
use super::{Failure, runtime};
use crate::target::Unreachable;

/// Who to be, and where.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example, in two terminals beside `ringcheck serve`:
  ringcheck call --as alice        then type: ring bob Shall we?
  ringcheck call --as bob          then type: accept 1 On my way")]
pub(super) struct Args {
    /// The user id to log in with
    #[arg(long = "as", value_name = "USER")]
    user: String,

    /// The server
    #[arg(long, default_value = "ws://127.0.0.1:7000", value_name = "ws://…")]
    target: String,

    /// The token to log in with, where the server wants one
    #[arg(
        long,
        env = "RINGCHECK_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    token: Option<String>,
}

/// How long the client tries to log in.
const LOGIN_WITHIN: Duration = Duration::from_secs(10);

const HELP: &str = "\
  ring USER [CONTENT]       ring somebody
  cancel [N]                cancel an invitation of yours
  accept [N] [RESPONSE]     accept an invitation to you
  refuse [N] [RESPONSE]     refuse an invitation to you
  list                      show the open invitations
  quit                      log out and leave
Without a number the newest that fits is meant.";

/// The invitations of a terminal by the numbers it shows.
#[derive(Debug, Default)]
struct Board {
    numbers: BTreeMap<usize, (InvitationId, bool)>,
}

impl Board {
    /// The number of an invitation on that side, a new one if it has none.
    fn number(&mut self, id: &InvitationId, local: bool) -> usize {
        let known = self
            .numbers
            .iter()
            .find(|(_, known)| (&known.0, known.1) == (id, local))
            .map(|(number, _)| *number);
        known.unwrap_or_else(|| {
            let number = self
                .numbers
                .last_key_value()
                .map_or(1, |(last, _)| last + 1);
            self.numbers.insert(number, (id.clone(), local));
            number
        })
    }
}

/// Runs the session until the input ends.
pub(super) fn call(args: &Args, output: &Output) -> Result<(), Failure> {
    runtime()?.block_on(session(args, output))
}

async fn session(args: &Args, output: &Output) -> Result<(), Failure> {
    let board = Arc::new(Mutex::new(Board::default()));
    let (told, mut tellings) = watch::channel(ConnectionState::Connecting);
    let (observed, printer) = (board.clone(), *output);
    let observer = move |event: &Event| {
        printer.data(&plain(&shown(event, &observed)));
        if let Event::Connection { state, .. } = event {
            told.send_replace(*state);
        }
    };
    let client = Client::start(&args.target, observer).map_err(|error| Unreachable::Url {
        url: args.target.clone(),
        reason: error.to_string(),
    })?;
    client.login(&args.user, args.token.as_deref());
    let settled = |state: &ConnectionState| *state != ConnectionState::Connecting;
    let arrived = tellings.wait_for(settled).await;
    if !arrived.is_ok_and(|state| *state == ConnectionState::Connected) {
        let state = "the log-in was refused, or took too long";
        let (url, within) = (args.target.clone(), LOGIN_WITHIN);
        return Err(Unreachable::NoLogin { url, within, state }.into());
    }
    output.tell(&format!(
        "logged in as {}; `help` shows what you can type",
        args.user
    ));
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        if line.trim() == "quit" {
            break;
        }
        obey(&line, &client, &board, output);
    }
    client.logout();
    client.close().await;
    Ok(())
}

/// The lines of standard input. Reading blocks, so it has a thread of its own, which ends with the process.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn obey(line: &str, client: &Client, board: &Mutex<Board>, output: &Output) {
    let (verb, rest) = line
        .trim()
        .split_once(char::is_whitespace)
        .unwrap_or_else(|| (line.trim(), ""));
    let rest = rest.trim();
    match verb {
        "" => {}
        "help" => output.tell(HELP),
        "list" => list(client, board, output),
        "ring" => {
            let (callee, content) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let id = client.create_local_invitation(callee, content.trim(), "");
            let number = board
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .number(&id, true);
            output.data(&format!("{number}: ringing {callee}"));
            let result = client.send_local_invitation(&id);
            tell_result("ring", number, result, output);
            if result != CallResult::Ok {
                client.discard(&id);
            }
        }
        "cancel" | "accept" | "refuse" => {
            let Some((number, id, words)) = chosen(rest, verb == "cancel", client, board) else {
                return output.tell(&format!(
                    "nothing to {verb}; `list` shows the open invitations"
                ));
            };
            let result = match verb {
                "cancel" => client.cancel_local_invitation(&id),
                "accept" => client.accept_remote_invitation(&id, words),
                _ => client.refuse_remote_invitation(&id, words),
            };
            tell_result(verb, number, result, output);
        }
        other => output.tell(&format!(
            "`{other}` is not a command; `help` shows what you can type"
        )),
    }
}

/// The invitation that is meant, and the words after its number: the one of that number, or else the newest open one.
fn chosen<'a>(
    rest: &'a str,
    local: bool,
    client: &Client,
    board: &Mutex<Board>,
) -> Option<(usize, InvitationId, &'a str)> {
    let numbers = numbers(board);
    let (first, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if let Ok(number) = first.parse::<usize>() {
        // A number is meant, even one that nothing has: not the newest instead.
        let (id, _) = numbers.get(&number)?;
        return Some((number, id.clone(), words.trim()));
    }
    let newest = numbers
        .iter()
        .rev()
        .find(|(_, (id, is_local))| *is_local == local && is_open(client, id, local));
    newest.map(|(number, (id, _))| (*number, id.clone(), rest))
}

/// The invitations as they are now. The board is not held while the client is asked: an event holds them the other way
/// round.
fn numbers(board: &Mutex<Board>) -> BTreeMap<usize, (InvitationId, bool)> {
    board
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .numbers
        .clone()
}

fn is_open(client: &Client, id: &InvitationId, local: bool) -> bool {
    if local {
        client
            .local(id)
            .is_some_and(|local| !local.state.is_ended())
    } else {
        client
            .remote(id)
            .is_some_and(|remote| !remote.state.is_ended())
    }
}

fn list(client: &Client, board: &Mutex<Board>, output: &Output) {
    for (number, (id, local)) in &numbers(board) {
        if !is_open(client, id, *local) {
            continue;
        }
        if let Some(local) = client.local(id).filter(|_| *local) {
            output.data(&format!("{number}: to {}, {:?}", local.callee, local.state));
        } else if let Some(remote) = client.remote(id) {
            output.data(&format!(
                "{number}: from {}, {:?}",
                remote.caller, remote.state
            ));
        }
    }
}

fn tell_result(verb: &str, number: usize, result: CallResult, output: &Output) {
    if result != CallResult::Ok {
        output.tell(&format!(
            "{number}: {verb} was not admitted: {result:?} ({})",
            result as u8
        ));
    }
}

/// A peer's text for a terminal: control characters are written out, so that nobody can paint on another's screen.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}

fn shown(event: &Event, board: &Mutex<Board>) -> String {
    let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        Event::Local { id, callback, .. } => {
            let number = board.number(id, true);
            match callback {
                LocalCallback::ReceivedByPeer => format!("{number}: localInvitationReceivedByPeer"),
                LocalCallback::Accepted { response } => {
                    format!("{number}: localInvitationAccepted {response}")
                }
                LocalCallback::Refused { response } => {
                    format!("{number}: localInvitationRefused {response}")
                }
                LocalCallback::Canceled => format!("{number}: localInvitationCanceled"),
                LocalCallback::Failure(why) => {
                    format!("{number}: localInvitationFailure {why:?} ({})", *why as u8)
                }
            }
        }
        Event::Remote { id, callback, .. } => {
            let number = board.number(id, false);
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
                    format!("{number}: remoteInvitationReceived from {caller}: {content}{channel}")
                }
                RemoteCallback::Accepted => format!("{number}: remoteInvitationAccepted"),
                RemoteCallback::Refused => format!("{number}: remoteInvitationRefused"),
                RemoteCallback::Canceled => format!("{number}: remoteInvitationCanceled"),
                RemoteCallback::Failure(why) => {
                    format!("{number}: remoteInvitationFailure {why:?} ({})", *why as u8)
                }
            }
        }
        Event::Connection { state, reason } => format!("connection: {state:?} ({reason:?})"),
        Event::TokenExpiring { lasts } => format!("the token runs out in {lasts:?}"),
        Event::TokenRenewed { lasts } => format!("the new token lasts {lasts:?}"),
        Event::Refused { code, message } => {
            format!("the server refused a frame: {code}: {message}")
        }
    }
}
