//! One call without a person: a script sends or answers, waits for what is to come, and gets an exit code.

use std::time::Duration;

use ringcheck_reference::client::{
    CallResult, Client, ConnectionState, Event, InvitationId, LocalCallback, RemoteCallback,
};
use serde::Serialize;
use tokio::time::Instant;

use super::board::Side;
use super::deed::{Answer, Deed, Outcome, Part};
use super::login::{log_in, log_out, renew};
use super::shown;
use crate::cli::output::Output;
use crate::cli::{Failure, leave};

/// How long a leaving caller waits for the end of what it has cancelled.
const FAREWELL: Duration = Duration::from_secs(1);

/// What is known of the one call.
#[derive(Debug, Default)]
struct Seen {
    id: Option<InvitationId>,
    peer: String,
    content: String,
    channel: String,
    last: Option<Last>,
    took: Duration,
}

/// The last callback of the call.
#[derive(Debug)]
struct Last {
    callback: &'static str,
    outcome: Outcome,
    /// The response, or why it failed.
    words: String,
}

impl Seen {
    fn outcome(&self) -> Option<Outcome> {
        self.last.as_ref().map(|last| last.outcome)
    }

    fn has_ended(&self) -> bool {
        self.outcome().is_some_and(Outcome::is_end)
    }
}

/// Why the waiting is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The call came so far as was waited for, or ended.
    Came,
    /// The time is up.
    TimeUp,
    /// The process was told to leave.
    Told,
    /// The session is gone.
    Lost,
}

/// Plays the one part, waits, and tells.
pub(super) async fn once(args: &super::Args, deed: &Deed, output: &Output) -> Result<(), Failure> {
    let show = |event: &Event| output.tell(&shown::line(event, 1, output.color()));
    let until = Instant::now() + deed.timeout;
    let (client, events) = log_in(args, Some(deed.timeout), show).await?;
    let mut stage = Stage {
        args,
        deed,
        client,
        events,
        until,
        seen: Seen::default(),
        began: Instant::now(),
        output: *output,
    };
    stage.begin()?;
    let mut over = stage.wait().await;
    if over == Over::TimeUp && stage.client.connection_state() != ConnectionState::Connected {
        over = Over::Lost;
    }
    if over != Over::Lost && stage.farewell().await {
        over = Over::Came;
    }
    let report = stage.report(&args.user, over);
    log_out(stage.client, stage.events).await;
    let line = if deed.json {
        serde_json::to_string(&report).unwrap_or_default()
    } else {
        report.line()
    };
    output.result(&line)?;
    report.verdict(over, deed, output)
}

struct Stage<'a> {
    args: &'a super::Args,
    deed: &'a Deed,
    client: Client,
    events: tokio::sync::mpsc::Receiver<Event>,
    /// When the time is up.
    until: Instant,
    seen: Seen,
    began: Instant,
    output: Output,
}

impl Stage<'_> {
    fn begin(&mut self) -> Result<(), Failure> {
        let Part::Send {
            callee,
            content,
            channel,
        } = &self.deed.part
        else {
            return Ok(());
        };
        let id = self
            .client
            .create_local_invitation(callee, content, channel);
        let result = self.client.send_local_invitation(&id);
        if result != CallResult::Ok {
            let text = format!("the call was not admitted: {result:?} ({})", result as u8);
            return Err(Failure::Usage(text));
        }
        self.began = Instant::now();
        self.seen = Seen {
            id: Some(id),
            peer: callee.clone(),
            content: content.clone(),
            channel: channel.clone(),
            ..Seen::default()
        };
        Ok(())
    }

    /// Waits until there is nothing more to wait for.
    async fn wait(&mut self) -> Over {
        let time_up = tokio::time::sleep_until(self.until);
        let told = leave::told();
        tokio::pin!(time_up, told);
        let mut act_at = match self.deed.part {
            Part::Send { .. } => self.deed.ring_for.map(|time| self.began + time),
            Part::Answer { .. } => None,
        };
        loop {
            let act = async {
                match act_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                event = self.events.recv() => {
                    let Some(event) = event else { return Over::Lost };
                    let rings = self.take(&event);
                    renew(self.args, &self.client, &event, self.output);
                    if rings && self.deed.side() == Side::Remote {
                        act_at = Some(self.began + self.deed.ring_for.unwrap_or_default());
                    }
                    if let Some(over) = self.is_over(&event) {
                        return over;
                    }
                }
                () = act => {
                    act_at = None;
                    self.act();
                }
                () = &mut time_up => return Over::TimeUp,
                () = &mut told => return Over::Told,
            }
        }
    }

    /// Shows an event, and notes it if it is of our call. Whether the call has begun to ring here.
    fn take(&mut self, event: &Event) -> bool {
        self.output
            .tell(&shown::line(event, 1, self.output.color()));
        let (id, last, received) = match (self.deed.side(), event) {
            (Side::Local, Event::Local { id, callback, .. }) => (id, local(callback), None),
            (Side::Remote, Event::Remote { id, callback, .. }) => {
                let received = match callback {
                    RemoteCallback::Received {
                        caller,
                        content,
                        channel,
                    } => Some((caller, content, channel)),
                    RemoteCallback::Accepted
                    | RemoteCallback::Refused
                    | RemoteCallback::Canceled
                    | RemoteCallback::Failure(_) => None,
                };
                (id, remote(callback), received)
            }
            (Side::Local | Side::Remote, _) => return false,
        };
        let mut rings = false;
        if let (None, Some((caller, content, channel))) = (&self.seen.id, received) {
            rings = true;
            self.began = Instant::now();
            self.seen.id = Some(id.clone());
            caller.clone_into(&mut self.seen.peer);
            content.clone_into(&mut self.seen.content);
            channel.clone_into(&mut self.seen.channel);
        }
        if self.seen.id.as_ref() == Some(id) {
            self.seen.last = Some(last);
            self.seen.took = self.began.elapsed();
        }
        rings
    }

    fn is_over(&self, event: &Event) -> Option<Over> {
        if let Event::Connection { state, .. } = event {
            return match state {
                ConnectionState::Disconnected | ConnectionState::Aborted => Some(Over::Lost),
                ConnectionState::Connecting
                | ConnectionState::Connected
                | ConnectionState::Reconnecting => None,
            };
        }
        let came = self.seen.outcome()?;
        (came.is_end() || self.deed.wait.is_met_by(came)).then_some(Over::Came)
    }

    /// What falls due after the ringing: the callee's answer, the caller's cancel. Both may come too late, which the
    /// callback of the end tells.
    fn act(&self) {
        let Some(id) = &self.seen.id else { return };
        match &self.deed.part {
            Part::Send { .. } => {
                self.client.cancel_local_invitation(id);
            }
            Part::Answer { answer, response } => match answer {
                Answer::Accept => {
                    self.client.accept_remote_invitation(id, response);
                }
                Answer::Refuse => {
                    self.client.refuse_remote_invitation(id, response);
                }
                Answer::None => {}
            },
        }
    }

    /// Leaves nothing ringing: a call of ours that is open is cancelled, and its end awaited for a moment. Whether
    /// another end than that was faster.
    async fn farewell(&mut self) -> bool {
        let Some(id) = self.seen.id.clone() else {
            return false;
        };
        if self.seen.has_ended() || self.deed.side() == Side::Remote {
            return false;
        }
        let is_met = self.is_met();
        let before = self.seen.last.take();
        self.client.cancel_local_invitation(&id);
        let until = Instant::now() + FAREWELL;
        while let Ok(Some(event)) = tokio::time::timeout_at(until, self.events.recv()).await {
            self.take(&event);
            if self.seen.has_ended() {
                break;
            }
        }
        match self.seen.outcome() {
            Some(Outcome::Accepted | Outcome::Refused | Outcome::Failed) if !is_met => true,
            _ => {
                self.seen.last = before;
                false
            }
        }
    }

    /// Whether what was waited for has come.
    fn is_met(&self) -> bool {
        let came = self.seen.outcome();
        came.is_some_and(|came| self.deed.wait.is_met_by(came))
    }

    fn report(&self, user: &str, over: Over) -> Report {
        let id = self.seen.id.as_deref();
        let response = match self.deed.side() {
            Side::Local => id
                .and_then(|id| self.client.local(id))
                .map(|it| it.response),
            Side::Remote => id
                .and_then(|id| self.client.remote(id))
                .map(|it| it.response),
        };
        let last = self.seen.last.as_ref();
        let failed = last.filter(|last| last.outcome == Outcome::Failed);
        Report {
            user: user.to_owned(),
            side: match self.deed.side() {
                Side::Local => "local",
                Side::Remote => "remote",
            },
            peer: self.seen.peer.clone(),
            invitation: id.map(str::to_owned),
            content: self.seen.content.clone(),
            channel: self.seen.channel.clone(),
            response: response.unwrap_or_default(),
            waited_for: self.deed.wait,
            outcome: match (over, last) {
                (Over::Came, Some(last)) => last.outcome,
                (Over::Lost, _) => Outcome::Lost,
                (Over::Came | Over::TimeUp | Over::Told, _) => Outcome::Timeout,
            },
            callback: last.map(|last| last.callback),
            failure: failed.map(|last| last.words.clone()),
            after_ms: u64::try_from(self.seen.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a script is told.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(rename = "as")]
    user: String,
    side: &'static str,
    peer: String,
    invitation: Option<String>,
    content: String,
    channel: String,
    response: String,
    waited_for: Outcome,
    outcome: Outcome,
    /// The last callback of the call.
    callback: Option<&'static str>,
    failure: Option<String>,
    /// When that came: after the send at a caller, after the call at a callee.
    after_ms: u64,
}

impl Report {
    /// Three texts with tabs between. A tab within one is written out.
    fn line(&self) -> String {
        let words = match (&self.failure, self.side) {
            (Some(failure), _) => failure,
            (None, "local") => &self.response,
            (None, _) => &self.content,
        };
        let texts = [self.outcome.word(), &self.peer, words];
        texts.map(shown::plain).join("\t")
    }

    fn verdict(&self, over: Over, deed: &Deed, output: &Output) -> Result<(), Failure> {
        let (wanted, came) = (deed.wait.word(), self.outcome.word());
        match over {
            Over::Came if deed.wait.is_met_by(self.outcome) => Ok(()),
            Over::Came => {
                output.tell(&format!("the call was to be {wanted}; it came to: {came}"));
                Err(Failure::Findings)
            }
            Over::TimeUp => {
                let within = humantime::format_duration(deed.timeout);
                output.tell(&format!(
                    "error: `{wanted}` did not come within {within}\nhint: --timeout"
                ));
                Err(Failure::Incomplete)
            }
            Over::Told => {
                output.tell(&format!("error: told to leave before `{wanted}` came"));
                Err(Failure::Incomplete)
            }
            Over::Lost => {
                output.tell(&format!(
                    "error: the session was lost before `{wanted}` came"
                ));
                Err(Failure::TargetDied)
            }
        }
    }
}

fn local(callback: &LocalCallback) -> Last {
    let (callback_name, words, _) = shown::local(callback);
    Last {
        callback: callback_name,
        outcome: match callback {
            LocalCallback::ReceivedByPeer => Outcome::Received,
            LocalCallback::Accepted { .. } => Outcome::Accepted,
            LocalCallback::Refused { .. } => Outcome::Refused,
            LocalCallback::Canceled => Outcome::Canceled,
            LocalCallback::Failure(_) => Outcome::Failed,
        },
        words,
    }
}

fn remote(callback: &RemoteCallback) -> Last {
    let (callback_name, words, _) = shown::remote(callback);
    Last {
        callback: callback_name,
        outcome: match callback {
            RemoteCallback::Received { .. } => Outcome::Received,
            RemoteCallback::Accepted => Outcome::Accepted,
            RemoteCallback::Refused => Outcome::Refused,
            RemoteCallback::Canceled => Outcome::Canceled,
            RemoteCallback::Failure(_) => Outcome::Failed,
        },
        words,
    }
}
