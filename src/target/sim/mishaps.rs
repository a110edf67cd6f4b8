//! What goes wrong in a simulated world: connections that are lost, held or half gone, clients and servers that die.

use std::time::Duration;

use super::phone::Dial;
use super::world::{Due, World};
use crate::history::{ConnectionReason, ConnectionState, What};
use crate::scenario::plan::Way;

impl World {
    /// Cuts the phone's connection: the client notices at once, the server a little later. What is under way to the
    /// client is lost; what is under way to the server is, or arrives before the loss, as it falls.
    pub fn interrupt(&mut self, place: usize) {
        if let Some(number) = self.vanish_from(place) {
            let at = self.now + self.latency();
            self.at(at, Due::GoneAtServer { link: number });
        }
    }

    /// The same, with the server none the wiser: it keeps a connection that is none (half-open).
    pub fn vanish(&mut self, place: usize) {
        self.vanish_from(place);
    }

    fn vanish_from(&mut self, place: usize) -> Option<u64> {
        let phone = self.phones.get_mut(place)?;
        let number = phone.link.take();
        if let Some(link) = number.and_then(|number| self.links.get_mut(&number)) {
            self.tally.lost += link.heard.clear() as u64;
        }
        if number.is_some() || !matches!(phone.dial, Dial::Idle) {
            phone.dial = Dial::Idle;
            self.on_phone(place, |core, now, hand| core.disconnected(now, hand));
        }
        number
    }

    /// The server loses the phone's connection, with the client none the wiser (half-open).
    pub fn forsake(&mut self, place: usize) {
        if let Some(number) = self.phone(place).and_then(|phone| phone.link) {
            self.gone_at_server(number);
        }
    }

    /// Cuts the phone's connection and keeps it down.
    pub fn drop(&mut self, place: usize) {
        if let Some(phone) = self.phones.get_mut(place) {
            phone.network = false;
        }
        self.interrupt(place);
    }

    /// Lets a phone's connection come back that was kept down.
    pub fn reconnect(&mut self, place: usize) {
        let Some(phone) = self.phones.get_mut(place) else {
            return;
        };
        phone.network = true;
        if phone.dial == Dial::Waiting {
            self.dial(place);
        }
    }

    /// Lets what goes that way wait, or go on. A connection that is lost takes it along.
    pub fn hold(&mut self, place: usize, way: Way, held: bool) {
        let Some(number) = self.phone(place).and_then(|phone| phone.link) else {
            return;
        };
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        let waiting = link.pipe(way).hold(held);
        let left = self.now;
        for _ in 0..waiting {
            // What has its time still to come is looked for again then.
            let due = match way {
                Way::Sent => Due::AtServer { link: number, left },
                Way::Heard => Due::AtClient { link: number, left },
            };
            self.at(left, due);
        }
    }

    /// The client dies and leaves no trace but a lost connection; another takes its place, who has to log in.
    pub fn crash(&mut self, place: usize) {
        let Some(lives) = self.phone(place).map(|phone| phone.lives + 1) else {
            return;
        };
        let core = self.fresh_core(place, lives);
        let Some(phone) = self.phones.get_mut(place) else {
            return;
        };
        let was = phone.core.has_session();
        phone.core = core;
        phone.lives = lives;
        phone.dial = Dial::Idle;
        let number = phone.link.take();
        if let Some(number) = number {
            let at = self.now + self.latency();
            self.at(at, Due::GoneAtServer { link: number });
        }
        if was {
            // Nobody is left to say so but the harness.
            let (state, reason) = (ConnectionState::Reconnecting, ConnectionReason::Interrupted);
            self.note(place, What::Connection { state, reason });
        }
    }

    /// The server dies with all that it knew, and another takes its place after a while.
    pub fn restart(&mut self, down: Duration) {
        if self.server.take().is_none() {
            return;
        }
        let links: Vec<u64> = self.links.keys().copied().collect();
        for number in links {
            let at = self.now + self.latency();
            if let Some(link) = self.links.get_mut(&number) {
                link.served = false;
                self.tally.lost += link.sent.clear() as u64;
            }
            self.at(at, Due::GoneAtClient { link: number });
        }
        let at = self.now + down;
        self.at(at, Due::Up);
    }
}
