//! Reading a history file as a stream: one line at a time, in memory that does not grow with the file.

use std::io::{BufRead, Read as _};
use std::sync::Arc;
use std::time::Duration;

use xxhash_rust::xxh3::Xxh3;

use super::damage::{Damage, Fault};
use super::line::{EventLine, HeaderLine, TrailerLine};
use super::shelf::Shelf;
use super::{FORMAT, LINE_BYTES_MAX};
use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode, Order,
    Passed, What,
};

/// What a section says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// What was tested.
    pub target: String,
    /// The scenario that was played, if one was.
    pub scenario: String,
    /// What made the run's user ids.
    pub seed: Option<u64>,
}

/// How a section ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailer {
    /// When recording ended; the time of the last event where nobody says.
    pub end: Duration,
    /// Whether somebody says: without a trailer, what is missing at the end may have been cut off.
    pub told: bool,
}

/// One thing that a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A section begins.
    Opened(Opening, Clocks, Order),
    /// An event of the section.
    Event(Event),
    /// The section ends.
    Closed(Trailer),
}

/// Reads a history file item by item.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    line: u64,
    section: Option<Section>,
    shelf: Shelf,
}

struct Section {
    began: u64,
    hash: Xxh3,
    events: u64,
    invitations: u64,
    last: Duration,
    /// Whether the header promises a trailer.
    trailer: bool,
}

impl std::fmt::Debug for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Section")
            .field("began", &self.began)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            line: 0,
            section: None,
            shelf: Shelf::default(),
        }
    }

    /// The line that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next item, or `None` at the end of the file.
    ///
    /// # Errors
    /// [`Damage`] where the file is not what `FORMAT.md` describes.
    pub fn next_item(&mut self) -> Result<Option<Item>, Damage> {
        let item = self.item();
        item.map_err(|fault| Damage {
            line: self.line.max(1),
            fault,
        })
    }

    fn item(&mut self) -> Result<Option<Item>, Fault> {
        // Between sections a blank line does no harm.
        while self.read_line()? {
            if self.section.is_some() || !self.buffer.trim_ascii().is_empty() {
                return self.item_on_line().map(Some);
            }
        }
        self.end()
    }

    /// What the line in the buffer says.
    fn item_on_line(&mut self) -> Result<Item, Fault> {
        let mut bytes = self.buffer.as_slice();
        if self.line == 1 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        match bytes.trim_ascii_start().first() {
            None => return Err(Fault::Blank),
            Some(b'{') => {}
            Some(_) => return Err(Fault::NotObject),
        }
        // Once for the whole line, which is quicker than text by text.
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotText)?;
        let line: EventLine<'_> = serde_json::from_str(text)?;
        if line.ringcheck.is_some() {
            if let Some(open) = &self.section {
                return Err(Fault::HeaderInside { began: open.began });
            }
            let (mut section, item) = opened(&serde_json::from_str(text)?, self.line)?;
            section.hash.update(&self.buffer);
            self.section = Some(section);
            return Ok(item);
        }
        let Some(section) = &mut self.section else {
            return Err(Fault::NoHeader);
        };
        if line.end_us.is_some() || line.events.is_some() {
            let trailer = closed(section, &serde_json::from_str(text)?)?;
            self.section = None;
            return Ok(Item::Closed(trailer));
        }
        let event = event(section, &line, &mut self.shelf)?;
        section.hash.update(&self.buffer);
        section.events += 1;
        section.last = section.last.max(event.at);
        Ok(Item::Event(event))
    }

    /// Reads a line into the buffer. Whether there was one.
    fn read_line(&mut self) -> Result<bool, Fault> {
        self.buffer.clear();
        let mut bounded = self.input.by_ref().take(LINE_BYTES_MAX as u64 + 1);
        let read = bounded.read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        if read > LINE_BYTES_MAX {
            return Err(Fault::TooLong);
        }
        Ok(true)
    }

    /// The file ends.
    fn end(&mut self) -> Result<Option<Item>, Fault> {
        match self.section.take() {
            None if self.line == 0 => Err(Fault::NoHeader),
            None => Ok(None),
            Some(section) if section.trailer => Err(Fault::Cut {
                began: section.began,
            }),
            Some(section) => Ok(Some(Item::Closed(Trailer {
                end: section.last,
                told: false,
            }))),
        }
    }
}

fn opened(line: &HeaderLine, at: u64) -> Result<(Section, Item), Fault> {
    if line.ringcheck != FORMAT {
        return Err(Fault::OtherFormat {
            found: line.ringcheck.clone(),
        });
    }
    let order = match line.order.as_deref() {
        None | Some("per-user") => Order::PerUser,
        Some("causal") => Order::Causal,
        Some(other) => return Err(unknown("order", other, &["causal", "per-user"])),
    };
    let clocks = line.clocks_ms.map_or_else(Clocks::default, Clocks::from);
    let opening = Opening {
        target: line.target.clone(),
        scenario: line.scenario.clone(),
        seed: line.seed,
    };
    let section = Section {
        began: at,
        hash: Xxh3::new(),
        events: 0,
        invitations: 0,
        last: Duration::ZERO,
        trailer: line.trailer.unwrap_or(true),
    };
    Ok((section, Item::Opened(opening, clocks, order)))
}

fn closed(section: &Section, line: &TrailerLine) -> Result<Trailer, Fault> {
    let counts = [
        ("events", line.events, section.events),
        ("invitations", line.invitations, section.invitations),
    ];
    for (what, wanted, found) in counts {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            return Err(Fault::Count {
                what,
                wanted,
                found,
            });
        }
    }
    if !line.xxh3.is_empty() {
        let found = format!("{:032x}", section.hash.digest128());
        if line.xxh3 != found {
            let wanted = line.xxh3.clone();
            return Err(Fault::Hash { wanted, found });
        }
    }
    Ok(Trailer {
        end: line.end_us.map_or(section.last, |us| {
            Duration::from_micros(us).max(section.last)
        }),
        told: true,
    })
}

fn event(section: &mut Section, line: &EventLine<'_>, shelf: &mut Shelf) -> Result<Event, Fault> {
    if let Some(found) = line.seq.filter(|seq| *seq != section.events) {
        let wanted = section.events;
        return Err(Fault::Sequence { wanted, found });
    }
    if let Some(found) = line.cause.filter(|cause| *cause >= section.events) {
        return Err(Fault::Cause { found });
    }
    if line.user.is_empty() {
        return Err(Fault::Missing { field: "user" });
    }
    let at = line.at_us.ok_or(Fault::Missing { field: "at_us" })?;
    let what = what(line, shelf)?;
    if let What::Called {
        call: Call::Create, ..
    } = what
    {
        section.invitations += 1;
    }
    Ok(Event {
        at: Duration::from_micros(at),
        user: shelf.user(&line.user),
        session: line.session.unwrap_or(1),
        what,
    })
}

fn what(line: &EventLine<'_>, shelf: &mut Shelf) -> Result<What, Fault> {
    let kinds = [
        &line.call,
        &line.result,
        &line.callback,
        &line.connection,
        &line.wire,
    ];
    if kinds.iter().filter(|kind| !kind.is_empty()).count() != 1 {
        return Err(Fault::NoKind);
    }
    if !line.wire.is_empty() {
        let note = Arc::from(&*line.wire);
        return Ok(What::Wire { note });
    }
    if !line.connection.is_empty() {
        let state = named(
            "connection",
            &line.connection,
            ConnectionState::from_name,
            || {
                ConnectionState::ALL
                    .iter()
                    .map(|state| state.name())
                    .collect()
            },
        )?;
        if line.reason.is_empty() {
            return Err(Fault::Missing { field: "reason" });
        }
        let reason = named("reason", &line.reason, ConnectionReason::from_name, || {
            ConnectionReason::ALL
                .iter()
                .map(|reason| reason.name())
                .collect()
        })?;
        return Ok(What::Connection { state, reason });
    }
    if line.invitation.is_empty() {
        return Err(Fault::Missing {
            field: "invitation",
        });
    }
    let invitation = shelf.invitation(&line.invitation);
    let calls = || Call::ALL.iter().map(|call| call.name()).collect();
    if !line.call.is_empty() {
        let call = named("call", &line.call, Call::from_name, calls)?;
        let with = passed(line, shelf);
        return Ok(What::Called {
            call,
            invitation,
            with,
        });
    }
    if !line.result.is_empty() {
        let call = named("result", &line.result, Call::from_name, calls)?;
        let code = CallCode(line.code.unwrap_or(0));
        return Ok(What::Returned {
            call,
            invitation,
            code,
        });
    }
    let callback = named("callback", &line.callback, Callback::from_name, || {
        Callback::ALL
            .iter()
            .map(|callback| callback.name())
            .collect()
    })?;
    Ok(What::CalledBack {
        callback,
        invitation,
        with: passed(line, shelf),
        code: line.code.map(FailureCode),
        state: line.state,
    })
}

fn passed(line: &EventLine<'_>, shelf: &mut Shelf) -> Passed {
    Passed {
        peer: line.peer.0.as_ref().map(|peer| shelf.user(peer)),
        content: shelf.text(&line.content),
        channel: shelf.text(&line.channel),
        response: shelf.text(&line.response),
    }
}

fn named<T>(
    field: &'static str,
    found: &str,
    from_name: fn(&str) -> Option<T>,
    known: impl Fn() -> Vec<&'static str>,
) -> Result<T, Fault> {
    from_name(found).ok_or_else(|| unknown(field, found, &known()))
}

fn unknown(field: &'static str, found: &str, known: &[&'static str]) -> Fault {
    let wanted = found.to_lowercase();
    let distance = |name: &&&str| strsim::osa_distance(&wanted, &name.to_lowercase());
    let near = known
        .iter()
        .min_by_key(distance)
        .filter(|name| distance(name) <= name.len() / 2);
    Fault::Unknown {
        field,
        found: found.chars().take(64).collect(),
        near: near.copied(),
    }
}
