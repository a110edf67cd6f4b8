//! A sequence diagram: the users' life lines with the server's between them, time running down.

use maud::{Markup, html};

use crate::report::diagram::{Drawing, Row, Toward};

/// The distance of two life lines.
const LANE: usize = 236;

/// The height of an event.
const ROW: usize = 34;

/// The room for times at the left.
const LEFT: usize = 80;

/// The room for names at the top.
const TOP: usize = 46;

/// How wide a character of a label is at most.
const CHARACTER: usize = 7;

/// The most events that are drawn: the last ones.
const ROWS_MAX: usize = 80;

/// The picture. What it shows is in its text too, so that it can be read aloud and searched.
pub(super) fn sequence(name: &str, drawing: &Drawing) -> Markup {
    let hidden = drawing.rows.len().saturating_sub(ROWS_MAX);
    let rows = drawing.rows.get(hidden..).unwrap_or_default();
    let lanes = Lanes {
        users: drawing.lanes.len(),
    };
    let (width, height) = (lanes.width(), TOP + (rows.len() + 1) * ROW);
    html! {
        @if hidden > 0 { p.by { (hidden) " earlier events are left out." } }
        div.scroll.picture tabindex="0" role="region" aria-label="Sequence diagram" {
            svg viewBox=(format!("0 0 {width} {height}")) width=(width) height=(height)
                role="img" aria-label=(format!("Sequence diagram of: {name}")) {
                @for (user, name) in drawing.lanes.iter().enumerate() {
                    (life_line(lanes.of(user), height, name, "user"))
                }
                (life_line(lanes.server(), height, "server", "server"))
                @for (place, row) in rows.iter().enumerate() {
                    (event(&lanes, row, TOP + (place + 1) * ROW))
                }
            }
        }
    }
}

/// Where the life lines stand: the first user, the server, and the other users.
struct Lanes {
    users: usize,
}

impl Lanes {
    fn of(&self, user: usize) -> usize {
        let place = if user == 0 { 0 } else { user + 1 };
        self.at(place)
    }

    fn server(&self) -> usize {
        self.at(1)
    }

    fn at(&self, place: usize) -> usize {
        // The notes at a line are never as wide as a lane.
        LEFT + LANE * 3 / 8 + place * LANE
    }

    fn width(&self) -> usize {
        LEFT + (self.users + 1) * LANE
    }
}

fn life_line(x: usize, height: usize, name: &str, class: &str) -> Markup {
    html! {
        g class=(class) {
            line.life x1=(x) y1=(TOP - 12) x2=(x) y2=(height) {}
            text.lane x=(x) y="22" text-anchor="middle" { (name) }
        }
    }
}

/// One event: an arrow to or from the server, or a note at the user's line.
fn event(lanes: &Lanes, row: &Row, y: usize) -> Markup {
    let ms = row.at.as_secs_f64() * 1000.0;
    let time = if ms < 10_000.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{:.2} s", ms / 1000.0)
    };
    let text = row.text.trim_start_matches(['>', '-', '~', ' ']);
    let user = lanes.of(row.lane);
    html! {
        g.event.marked[row.marked] {
            title { (time) ": " (text) }
            text.time x=(LEFT - 12) y=(y + 4) text-anchor="end" { (time) }
            @match row.toward {
                Toward::Server => (arrow(user, lanes.server(), y, text)),
                Toward::User => (arrow(lanes.server(), user, y, text)),
                Toward::Nobody => (note(user, y, text)),
            }
        }
    }
}

fn arrow(from: usize, to: usize, y: usize, text: &str) -> Markup {
    let (tip, back) = if to > from {
        (to - 2, to - 10)
    } else {
        (to + 2, to + 10)
    };
    // The label stands in the lane beside the user, over the arrow.
    let label = if from < to {
        from.max(to - LANE) + LANE / 2
    } else {
        to.max(from - LANE) + LANE / 2
    };
    html! {
        line.arrow x1=(from) y1=(y) x2=(tip) y2=(y) {}
        polygon.head points=(format!("{tip},{y} {back},{} {back},{}", y - 5, y + 5)) {}
        text.label x=(label) y=(y - 6) text-anchor="middle" { (text) }
    }
}

fn note(x: usize, y: usize, text: &str) -> Markup {
    let width = (text.chars().count() * CHARACTER + 14).min(LANE - 8);
    html! {
        rect.note x=(x.saturating_sub(width / 2)) y=(y - 13) width=(width) height="22" rx="5" {}
        text.label x=(x) y=(y + 3) text-anchor="middle" { (text) }
    }
}
