//! A session of a person: what is typed is done, what happens is shown.

use ringcheck_reference::client::{CallResult, Client, ConnectionState, Event, RemoteCallback};

use super::board::{Board, Side};
use super::login::{log_in, log_out, renew};
use super::prompt::Words;
use super::screen::Screen;
use super::typed::{self, Typed, parse};
use super::{Args, shown};
use crate::cli::output::Output;
use crate::cli::{Failure, leave};

/// Runs the session until it is to end.
pub(super) async fn session(args: &Args, output: &Output) -> Result<(), Failure> {
    if let Some(history) = &args.history {
        // Better said now than after an hour of typing.
        let opened = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(history);
        opened.map_err(|source| Failure::Write {
            path: history.clone(),
            source,
        })?;
    }
    let show = |event: &Event| output.data(&shown::line(event, 0, output.data_color()));
    let (client, mut events) = log_in(args, None, show).await?;
    let words = Words::default();
    let mut desk = Desk {
        client: client.clone(),
        board: Board::default(),
        screen: Screen::new(
            &format!("{}> ", args.user),
            words.clone(),
            args.history.as_deref(),
            *output,
        ),
        words,
        color: output.data_color(),
    };
    desk.screen.tell(&format!(
        "logged in as {}; `help` shows what you can type",
        args.user
    ));
    let told_to_leave = leave::told();
    tokio::pin!(told_to_leave);
    loop {
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(event) => {
                    desk.show(&event);
                    renew(args, &client, &event, *output);
                }
                // More came than could be shown: the client has closed itself.
                None => break,
            },
            () = &mut told_to_leave => break,
            line = desk.screen.next() => match line.map(|line| line.and_then(|line| parse(&line))) {
                None | Some(Ok(Typed::Quit)) => break,
                Some(Ok(typed)) => desk.obey(typed, args),
                Some(Err(why)) => desk.screen.tell(&why),
            },
        }
    }
    desk.screen.leave();
    let state = client.connection_state();
    for event in log_out(client, events).await {
        desk.show(&event);
    }
    match state {
        ConnectionState::Connected
        | ConnectionState::Connecting
        | ConnectionState::Disconnected => Ok(()),
        ConnectionState::Reconnecting | ConnectionState::Aborted => {
            output.tell("error: the session was lost before its end");
            Err(Failure::TargetDied)
        }
    }
}

/// What a session works with.
struct Desk {
    client: Client,
    board: Board,
    screen: Screen,
    words: Words,
    color: bool,
}

impl Desk {
    fn show(&mut self, event: &Event) {
        let number = match event {
            Event::Local { id, .. } => self.board.number(id, Side::Local),
            Event::Remote { id, callback, .. } => {
                if let RemoteCallback::Received { caller, .. } = callback {
                    self.know(|known| known.saw(caller));
                }
                self.board.number(id, Side::Remote)
            }
            Event::Connection { .. }
            | Event::TokenExpiring { .. }
            | Event::TokenRenewed { .. }
            | Event::Wire { .. }
            | Event::Refused { .. } => 0,
        };
        self.screen.data(&shown::line(event, number, self.color));
        self.remember();
    }

    fn know(&self, learn: impl FnOnce(&mut typed::Known)) {
        learn(
            &mut self
                .words
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
    }

    /// Tells Tab what is open.
    fn remember(&mut self) {
        self.board.tidy(&self.client);
        let of = |wanted: Side| -> Vec<usize> {
            let open = self.board.open(&self.client);
            open.rev()
                .filter(|(_, _, side)| *side == wanted)
                .map(|(number, _, _)| number)
                .collect()
        };
        let (outgoing, incoming) = (of(Side::Local), of(Side::Remote));
        self.know(|known| (known.outgoing, known.incoming) = (outgoing, incoming));
    }

    fn obey(&mut self, typed: Typed, args: &Args) {
        match typed {
            Typed::Nothing | Typed::Quit => {}
            Typed::Help => self.screen.tell(&typed::help()),
            Typed::List => self.list(),
            Typed::Login => self.login(args),
            Typed::Logout => self.client.logout(),
            Typed::Ring { callee, content } => self.ring(&callee, &content),
            Typed::Cancel(number) => {
                self.on("cancel", number, Side::Local, |client, id| {
                    client.cancel_local_invitation(id)
                });
            }
            Typed::Accept(number, response) => {
                self.on("accept", number, Side::Remote, |client, id| {
                    client.accept_remote_invitation(id, &response)
                });
            }
            Typed::Refuse(number, response) => {
                self.on("refuse", number, Side::Remote, |client, id| {
                    client.refuse_remote_invitation(id, &response)
                });
            }
        }
        self.remember();
    }

    fn login(&mut self, args: &Args) {
        if self.client.connection_state() == ConnectionState::Connected {
            return self.screen.tell("you are logged in");
        }
        match args.token() {
            Ok(token) => self.client.login(&args.user, token.as_deref()),
            Err(failure) => self.screen.tell(&format!("no log-in: {failure}")),
        }
    }

    fn ring(&mut self, callee: &str, content: &str) {
        let id = self.client.create_local_invitation(callee, content, "");
        let number = self.board.number(&id, Side::Local);
        self.screen
            .data(&format!("{number}: ringing {}", shown::plain(callee)));
        let result = self.client.send_local_invitation(&id);
        self.tell_result("ring", number, result);
        if result == CallResult::Ok {
            self.know(|known| known.saw(callee));
        } else {
            self.client.discard(&id);
        }
    }

    /// Makes a call on the invitation that is meant: the one of that number, or else the newest open one of that side.
    fn on(
        &mut self,
        verb: &str,
        number: Option<usize>,
        side: Side,
        call: impl FnOnce(&Client, &str) -> CallResult,
    ) {
        let meant = match number {
            // A number is meant, even one that nothing has: not the newest instead.
            Some(number) => self.board.get(number).map(|id| (number, id)),
            None => {
                let mut open = self.board.open(&self.client);
                open.find(|(_, _, its)| *its == side)
                    .map(|(number, id, _)| (number, id.clone()))
            }
        };
        match meant {
            Some((number, id)) => {
                let result = call(&self.client, &id);
                self.tell_result(verb, number, result);
            }
            None => self.screen.tell(&format!(
                "nothing to {verb}; `list` shows the open invitations"
            )),
        }
    }

    fn list(&mut self) {
        let open = self.board.open(&self.client).rev();
        let lines: Vec<String> = open
            .filter_map(|(number, id, side)| match side {
                Side::Local => self
                    .client
                    .local(id)
                    .map(|local| format!("{number}: to {}, {:?}", local.callee, local.state)),
                Side::Remote => self
                    .client
                    .remote(id)
                    .map(|remote| format!("{number}: from {}, {:?}", remote.caller, remote.state)),
            })
            .collect();
        if lines.is_empty() {
            self.screen.tell("no invitation is open");
        }
        for line in lines {
            self.screen.data(&shown::plain(&line));
        }
    }

    fn tell_result(&mut self, verb: &str, number: usize, result: CallResult) {
        if result != CallResult::Ok {
            self.screen.tell(&format!(
                "{number}: {verb} was not admitted: {result:?} ({})",
                result as u8
            ));
        }
    }
}
