//! Participants that are reference clients over WebSocket.

use std::sync::Arc;
use std::time::Duration;

use ringcheck_reference::client::{
    CallResult, Client, ConnectionReason as Reason, ConnectionState as State, Event, LocalCallback,
    Meddling, Raw, RemoteCallback,
};
use ringcheck_reference::fault::Fault;
use ringcheck_reference::limits::Anchor as ReferenceAnchor;

use super::{Access, Cast, Command, Meddled, Participant, RawCommand, Recorder};
use crate::history::{
    Anchor, Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, FailureCode,
    InvitationId, Passed, Payload, UserId, What,
};
use crate::scenario::plan::{RawFrame, Way};

/// A server at a URL, reached by reference clients.
#[derive(Debug, Clone)]
pub struct Reach {
    url: String,
    clocks: Clocks,
    access: Access,
    /// A deviation of the clients that play.
    fault: Option<Fault>,
}

/// Why a target cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The URL is not one of a WebSocket server.
    #[error("`{url}` is not a target: {reason}\nhint: write it as `ws://127.0.0.1:7000`")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A clock that no run can wait for.
    #[error(
        "the target `{url}` announces a clock of {clock:?}, longer than a day\nhint: play against a server with shorter clocks"
    )]
    Clocks {
        /// The URL.
        url: String,
        /// The longest of its clocks.
        clock: Duration,
    },
    /// Nobody there, or not somebody who speaks the protocol.
    #[error(
        "the target `{url}` could not be connected within {within:?}: {reason}\nhint: start one with `ringcheck serve`"
    )]
    NoConnection {
        /// The URL.
        url: String,
        /// How long was tried.
        within: Duration,
        /// What went wrong last.
        reason: String,
    },
    /// Somebody whose certificate is not believed, or who does not speak the protocol: trying again is of no use.
    #[error(
        "the target `{url}` cannot be connected: {reason}\nhint: `--tls-ca FILE` names an issuer of certificates that this system does not know; `ws://` is for servers without TLS, `wss://` for those with it"
    )]
    ShutOut {
        /// The URL.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// Somebody who does not let us in.
    #[error(
        "the target `{url}` refused the log-in: {reason}\nhint: `--token-key FILE` makes a token for each user, where the target wants them"
    )]
    Refused {
        /// The URL.
        url: String,
        /// What it said.
        reason: String,
    },
    /// Nobody who lets a user log in.
    #[error(
        "the target `{url}` let nobody log in within {within:?}: {state}\nhint: start one with `ringcheck serve`"
    )]
    NoLogin {
        /// The URL.
        url: String,
        /// How long was tried.
        within: Duration,
        /// How far it got.
        state: &'static str,
    },
}

/// How a log-in that tries a target goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Arrival {
    Under,
    There,
    Refused(String),
}

/// How long a target may take to let the first user in.
const LOGIN_WITHIN: Duration = Duration::from_secs(5);

/// The longest clock with which a run makes sense.
const CLOCK_MAX: Duration = Duration::from_secs(24 * 3600);

impl Reach {
    /// Logs a user in to see that the server is there, and asks for its clocks.
    ///
    /// # Errors
    /// [`Unreachable`], within five seconds.
    pub async fn probe(url: &str, user: &str, access: &Access) -> Result<Self, Unreachable> {
        let (changed, mut changes) = tokio::sync::watch::channel(Arrival::Under);
        let mut refused = None;
        let observer = move |event: &Event| match event {
            Event::Refused { message, .. } => refused = Some(message.clone()),
            Event::Connection {
                state: State::Connected,
                ..
            } => drop(changed.send_replace(Arrival::There)),
            Event::Connection {
                reason: Reason::LoginFailure,
                ..
            } => {
                let why = refused.take().unwrap_or_default();
                changed.send_replace(Arrival::Refused(why));
            }
            Event::Connection { .. }
            | Event::Local { .. }
            | Event::Remote { .. }
            | Event::Wire { .. }
            | Event::TokenExpiring { .. }
            | Event::TokenRenewed { .. } => {}
        };
        let client = access
            .client(url, observer)
            .map_err(|error| Unreachable::Url {
                url: url.to_owned(),
                reason: error.to_string(),
            })?;
        client.login(user, access.token(user).as_deref());
        let over = |arrival: &Arrival| *arrival != Arrival::Under;
        let arrival = tokio::time::timeout(LOGIN_WITHIN, changes.wait_for(over)).await;
        let arrival = match arrival {
            Ok(Ok(arrival)) => arrival.clone(),
            Ok(Err(_)) | Err(_) => Arrival::Under,
        };
        let (clocks, trouble) = (client.clocks(), client.trouble());
        client.logout();
        client.close().await;
        let (url, within) = (url.to_owned(), LOGIN_WITHIN);
        match (arrival, clocks.as_ref().map(announced)) {
            (Arrival::Refused(why), _) if why.is_empty() => {
                let reason = trouble.unwrap_or_else(|| "the log-in failed".to_owned());
                Err(Unreachable::ShutOut { url, reason })
            }
            (Arrival::Refused(reason), _) => Err(Unreachable::Refused { url, reason }),
            (Arrival::There, Some(clocks)) if clocks.longest() > CLOCK_MAX => {
                let clock = clocks.longest();
                Err(Unreachable::Clocks { url, clock })
            }
            (Arrival::There, Some(clocks)) => Ok(Self {
                access: access.clone(),
                ..Self::assumed(&url, clocks)
            }),
            (Arrival::Under | Arrival::There, _) => Err(match trouble {
                Some(reason) => Unreachable::NoConnection {
                    url,
                    within,
                    reason,
                },
                None => {
                    let state = "no log-in was answered";
                    Unreachable::NoLogin { url, within, state }
                }
            }),
        }
    }

    /// A server that is taken for granted, with clocks that it is not asked for.
    pub fn assumed(url: &str, clocks: Clocks) -> Self {
        Self {
            url: url.to_owned(),
            clocks,
            access: Access::default(),
            fault: None,
        }
    }

    /// The same server, played by clients with a deviation: for checking the judge.
    pub fn bent(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The limits it promised.
    pub fn clocks(&self) -> Clocks {
        self.clocks
    }
}

impl Cast for Reach {
    fn is_raw(&self) -> bool {
        true
    }

    fn participant(
        &self,
        user: &str,
        index: usize,
        recorder: Arc<Recorder>,
    ) -> Box<dyn Participant> {
        let user: UserId = Arc::from(user);
        let (writer, name) = (recorder.clone(), user.clone());
        let observer = move |event: &Event| {
            if let Some(what) = seen_event(event) {
                writer.record(index, &name, what);
            }
        };
        // The probe has shown that the URL is good.
        let client = match self.fault {
            None => self.access.client(&self.url, observer),
            Some(fault) => Client::deviant(&self.url, fault, observer),
        }
        .ok();
        Box::new(ReferenceParticipant {
            client,
            access: self.access.clone(),
            user,
            index,
            recorder,
        })
    }
}

struct ReferenceParticipant {
    client: Option<Client>,
    access: Access,
    user: UserId,
    index: usize,
    recorder: Arc<Recorder>,
}

impl Participant for ReferenceParticipant {
    fn perform(&mut self, command: Command) {
        let Some(client) = &self.client else { return };
        match command {
            Command::Login => client.login(&self.user, self.access.token(&self.user).as_deref()),
            Command::Logout => client.logout(),
            Command::Drop => {
                client.hold_down(true);
                client.cut();
            }
            Command::Reconnect => client.hold_down(false),
            Command::Interrupt => client.cut(),
            Command::Hold(Way::Sent) => client.hold_sent(true),
            Command::Hold(Way::Heard) => client.hold_heard(true),
            Command::Raw(raw) => self.raw(client, raw),
            Command::Release(Way::Sent) => client.hold_sent(false),
            Command::Release(Way::Heard) => client.hold_heard(false),
            Command::Write {
                invitation,
                content,
                channel,
            } => {
                if let Some(content) = content {
                    client.set_content(&invitation, &content);
                }
                if let Some(channel) = channel {
                    client.set_channel(&invitation, &channel);
                }
            }
            Command::Create {
                callee,
                content,
                channel,
            } => self.create(client, &callee, &content, &channel),
            Command::Send(invitation) => {
                let with = client
                    .local(&invitation)
                    .map_or_else(Passed::default, |local| Passed {
                        peer: Some(Arc::from(local.callee)),
                        content: Payload::of(&local.content),
                        channel: Payload::of(&local.channel),
                        response: Payload::default(),
                    });
                self.call(Call::Send, &invitation, with, |calls| {
                    calls.send_local_invitation(&invitation)
                });
            }
            Command::Cancel(invitation) => {
                self.call(Call::Cancel, &invitation, Passed::default(), |calls| {
                    calls.cancel_local_invitation(&invitation)
                });
            }
            Command::Accept {
                invitation,
                response,
            } => {
                self.call(Call::Accept, &invitation, words(&response), |calls| {
                    calls.accept_remote_invitation(&invitation, &response)
                });
            }
            Command::Refuse {
                invitation,
                response,
            } => {
                self.call(Call::Refuse, &invitation, words(&response), |calls| {
                    calls.refuse_remote_invitation(&invitation, &response)
                });
            }
        }
    }
}

impl ReferenceParticipant {
    /// Takes a raw step, and records it: the diagram shows what was done to whom.
    fn raw(&self, client: &Client, raw: RawCommand) {
        self.record(What::Wire {
            note: told(&raw).into(),
        });
        match raw {
            RawCommand::Meddle {
                way,
                frames,
                how,
                seed,
            } => {
                let how = match how {
                    Meddled::Lose => Meddling::Lose,
                    Meddled::Duplicate => Meddling::Duplicate,
                    Meddled::Reorder => Meddling::Reorder,
                    Meddled::Delay(least, most) => Meddling::Delay { least, most },
                };
                match way {
                    Way::Sent => client.meddle_sent(frames, how, seed),
                    Way::Heard => client.meddle_heard(frames, how, seed),
                }
            }
            RawCommand::Mend(way) => client.mend(way == Way::Sent),
            RawCommand::Say(frame) => client.say_raw(match frame {
                RawFrame::Text(text) => Raw::Text(text),
                RawFrame::Binary(bytes) => Raw::Binary(bytes),
                RawFrame::Utf8(bytes) => Raw::Utf8(bytes),
                RawFrame::Stream(bytes) => Raw::Stream(bytes),
                RawFrame::Truncated(text) => Raw::Truncated(text),
            }),
        }
    }

    fn create(&self, client: &Client, callee: &str, content: &str, channel: &str) {
        client.locked(|calls| {
            let invitation = calls.create_local_invitation(callee, content, channel);
            let with = Passed {
                peer: Some(Arc::from(callee)),
                content: Payload::of(content),
                channel: Payload::of(channel),
                response: Payload::default(),
            };
            self.record(What::Called {
                call: Call::Create,
                invitation: invitation.clone(),
                with,
            });
            self.record(What::Returned {
                call: Call::Create,
                invitation,
                code: CallCode::OK,
            });
        });
    }

    /// Makes a call and records it with its result, under the client's lock: no callback can come in between.
    fn call(
        &self,
        call: Call,
        invitation: &InvitationId,
        with: Passed,
        make: impl FnOnce(&mut ringcheck_reference::client::Calls<'_>) -> CallResult,
    ) {
        let Some(client) = &self.client else { return };
        client.locked(|calls| {
            self.record(What::Called {
                call,
                invitation: invitation.clone(),
                with,
            });
            let code = CallCode(make(calls) as u8);
            self.record(What::Returned {
                call,
                invitation: invitation.clone(),
                code,
            });
        });
    }

    fn record(&self, what: What) {
        self.recorder.record(self.index, &self.user, what);
    }
}

fn words(response: &str) -> Passed {
    Passed {
        response: Payload::of(response),
        ..Passed::default()
    }
}

/// A raw step in a few words.
fn told(raw: &RawCommand) -> String {
    let way = |way: &Way| match way {
        Way::Sent => "sent",
        Way::Heard => "heard",
    };
    match raw {
        RawCommand::Meddle {
            way: to,
            frames,
            how,
            ..
        } => {
            let verb = match how {
                Meddled::Lose => "lose",
                Meddled::Duplicate => "duplicate",
                Meddled::Reorder => "reorder",
                Meddled::Delay(..) => "delay",
            };
            format!("{verb} {} {}", way(to), frames.join(", "))
        }
        RawCommand::Mend(to) => format!("mend {}", way(to)),
        RawCommand::Say(frame) => match frame {
            RawFrame::Text(text) => format!("raw text, {} bytes", text.len()),
            RawFrame::Binary(bytes) => format!("raw binary, {} bytes", bytes.len()),
            RawFrame::Utf8(bytes) => format!("raw text of {} bytes", bytes.len()),
            RawFrame::Stream(bytes) => format!("raw stream, {} bytes", bytes.len()),
            RawFrame::Truncated(text) => format!("half of a text of {} bytes", text.len()),
        },
    }
}

/// A client's event as a history has it.
pub(crate) fn seen_event(event: &Event) -> Option<What> {
    Some(match event {
        Event::Local {
            id,
            callback,
            state,
        } => {
            let (callback, with, code) = match callback {
                LocalCallback::ReceivedByPeer => {
                    (Callback::LocalReceivedByPeer, Passed::default(), None)
                }
                LocalCallback::Accepted { response } => {
                    (Callback::LocalAccepted, words(response), None)
                }
                LocalCallback::Refused { response } => {
                    (Callback::LocalRefused, words(response), None)
                }
                LocalCallback::Canceled => (Callback::LocalCanceled, Passed::default(), None),
                LocalCallback::Failure(code) => {
                    (Callback::LocalFailure, Passed::default(), Some(*code as u8))
                }
            };
            called_back(id, callback, with, code, *state as u8)
        }
        Event::Remote {
            id,
            callback,
            state,
        } => {
            let (callback, with, code) = match callback {
                RemoteCallback::Received {
                    caller,
                    content,
                    channel,
                } => {
                    let with = Passed {
                        peer: Some(Arc::from(caller.as_str())),
                        content: Payload::of(content),
                        channel: Payload::of(channel),
                        response: Payload::default(),
                    };
                    (Callback::RemoteReceived, with, None)
                }
                RemoteCallback::Accepted => (Callback::RemoteAccepted, Passed::default(), None),
                RemoteCallback::Refused => (Callback::RemoteRefused, Passed::default(), None),
                RemoteCallback::Canceled => (Callback::RemoteCanceled, Passed::default(), None),
                RemoteCallback::Failure(code) => (
                    Callback::RemoteFailure,
                    Passed::default(),
                    Some(*code as u8),
                ),
            };
            called_back(id, callback, with, code, *state as u8)
        }
        Event::Connection { state, reason } => What::Connection {
            state: seen_state(*state),
            reason: seen_reason(*reason),
        },
        Event::Wire { note } => What::Wire {
            note: Arc::from(note.as_str()),
        },
        Event::Refused { code, .. } => What::Wire {
            note: format!("error {code}").into(),
        },
        Event::TokenExpiring { .. } | Event::TokenRenewed { .. } => return None,
    })
}

fn called_back(
    id: &InvitationId,
    callback: Callback,
    with: Passed,
    code: Option<u8>,
    state: u8,
) -> What {
    What::CalledBack {
        callback,
        invitation: id.clone(),
        with,
        code: code.map(FailureCode),
        state: Some(state),
    }
}

fn seen_state(state: State) -> ConnectionState {
    match state {
        State::Disconnected => ConnectionState::Disconnected,
        State::Connecting => ConnectionState::Connecting,
        State::Connected => ConnectionState::Connected,
        State::Reconnecting => ConnectionState::Reconnecting,
        State::Aborted => ConnectionState::Aborted,
    }
}

fn seen_reason(reason: Reason) -> ConnectionReason {
    match reason {
        Reason::Login => ConnectionReason::Login,
        Reason::LoginSuccess => ConnectionReason::LoginSuccess,
        Reason::LoginFailure => ConnectionReason::LoginFailure,
        Reason::LoginTimeout => ConnectionReason::LoginTimeout,
        Reason::Interrupted => ConnectionReason::Interrupted,
        Reason::Logout => ConnectionReason::Logout,
        Reason::BannedByServer => ConnectionReason::BannedByServer,
        Reason::RemoteLogin => ConnectionReason::RemoteLogin,
        Reason::TokenExpired => ConnectionReason::TokenExpired,
    }
}

/// Clocks of the reference as a history has them.
pub(crate) fn announced(clocks: &ringcheck_reference::limits::Clocks) -> Clocks {
    Clocks {
        offline_window: clocks.offline_window,
        no_ack: clocks.no_ack,
        expiry: clocks.expiry,
        accept_ack: clocks.accept_ack,
        cancel_bound: clocks.cancel_bound,
        presence_grace: clocks.presence_grace,
        expiry_anchor: match clocks.expiry_anchor {
            ReferenceAnchor::Ack => Anchor::Ack,
            ReferenceAnchor::Send => Anchor::Send,
        },
    }
}
