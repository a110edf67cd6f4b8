//! A plot: lines over two axes, told apart by colour and by dashes, and named below.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::axis::Axis;

/// A named line.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) look: Look,
    /// What it shows: from left to right.
    pub(super) points: Vec<(f64, f64)>,
}

/// Which colour and which dashes a line has. The colours are those of verdicts, so that no good thing is red.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Good,
    Left,
    Open,
    Bad,
    Worse,
    Ink,
}

impl Look {
    /// Every look, for lines that are neither good nor bad.
    pub(super) const ALL: [Self; 7] = [
        Self::Plain,
        Self::Good,
        Self::Left,
        Self::Open,
        Self::Worse,
        Self::Bad,
        Self::Ink,
    ];

    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Left => "left",
            Self::Open => "open",
            Self::Bad => "bad",
            Self::Worse => "worse",
            Self::Ink => "ink",
        }
    }
}

/// The most points of a line; of more, those that come together are drawn as their highest.
const POINTS_MAX: usize = 600;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 46.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 58.0;

/// The plot, with `about` for those who cannot see it.
pub(super) fn plot(about: &str, across: (&str, &Axis), up: &Axis, lines: &[Line]) -> Markup {
    let (across_name, across) = across;
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let x = |value: f64| LEFT + across.at(value) * (right - LEFT);
    let y = |value: f64| bottom - up.at(value) * (bottom - TOP);
    html! {
        figure.plot {
            div.scroll.picture tabindex="0" role="region" aria-label=(about) {
                svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(about) {
                    @for (value, name) in &up.ticks {
                        line.grid x1=(LEFT) x2=(right) y1=(at(y(*value))) y2=(at(y(*value))) {}
                        text.tick x=(LEFT - 8.0) y=(at(y(*value) + 4.0)) text-anchor="end" { (name) }
                    }
                    @for (value, name) in &across.ticks {
                        line.grid x1=(at(x(*value))) x2=(at(x(*value))) y1=(TOP) y2=(bottom) {}
                        text.tick x=(at(x(*value))) y=(bottom + 26.0) text-anchor="middle" { (name) }
                    }
                    text.tick x=(f64::midpoint(LEFT, right)) y=(HEIGHT - 8.0) text-anchor="middle" { (across_name) }
                    @for line in lines { (drawn(line, x, y)) }
                }
            }
            figcaption.legend {
                @for line in lines {
                    span {
                        svg.swatch viewBox="0 0 28 10" aria-hidden="true" {
                            line.series.(line.look.class()) x1="0" x2="28" y1="5" y2="5" {}
                        }
                        (line.name)
                    }
                }
            }
        }
    }
}

fn drawn(line: &Line, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> Markup {
    let together = line.points.len().div_ceil(POINTS_MAX).max(1);
    let points: Vec<(f64, f64)> = (line.points.chunks(together))
        .filter_map(|some| {
            some.iter()
                .copied()
                .max_by(|one, other| one.1.total_cmp(&other.1))
        })
        .collect();
    if let [(across, up)] = points[..] {
        // A line of one point is none.
        return html! {
            circle.series.(line.look.class()) cx=(at(x(across))) cy=(at(y(up))) r="3" { title { (line.name) } }
        };
    }
    let mut path = String::new();
    for (across, up) in points {
        let space = if path.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        let _ = write!(path, "{space}{:.1},{:.1}", x(across), y(up));
    }
    html! { polyline.series.(line.look.class()) points=(path) { title { (line.name) } } }
}

/// A place in tenths: more would only make the page longer.
fn at(place: f64) -> String {
    format!("{place:.1}")
}
