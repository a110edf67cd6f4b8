//! Spans of time, moments of clocks, and the window of an expectation.

use std::ops::Range;
use std::time::Duration;

use super::Reader;
use super::fields::Fields;
use crate::scenario::names;
use crate::scenario::plan::{Moment, Pause, Span, Timer, WITHIN, Window};
use crate::scenario::problem;
use crate::scenario::tree::Node;

/// The longest span a scenario may name. Nothing in the lifecycle takes longer than minutes.
const SPAN_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The largest factor of a clock.
const FACTOR_MAX: f64 = 1000.0;

pub(super) const UNITS: [(&str, f64); 3] = [("ms", 0.001), ("s", 1.0), ("m", 60.0)];

/// What a text says about time, or what is wrong with it and what to type instead.
type Parsed = Result<Span, (String, Option<String>)>;

impl Reader<'_> {
    /// A span that is more than nothing.
    pub(super) fn span(&mut self, node: &Node) -> Option<Span> {
        let span = self.tolerance(node)?;
        if span == Span::Fixed(Duration::ZERO) {
            self.log.add(
                problem::BAD_TIME,
                &node.span,
                "a span is more than nothing",
                "no time at all",
            );
            return None;
        }
        Some(span)
    }

    /// A span, or two with `..` between them.
    pub(super) fn pause(&mut self, node: &Node) -> Option<Pause> {
        let text = self.word(node, "a span of time")?;
        let Some((least, most)) = text.split_once("..") else {
            let span = self.span(node)?;
            return Some(Pause {
                least: span,
                most: span,
            });
        };
        match (span(least), span(most)) {
            (Ok(least), Ok(most)) => self.in_order(node, least, most),
            (Err((message, help)), _) | (_, Err((message, help))) => {
                self.log
                    .add(problem::BAD_TIME, &node.span, message, "not a span of time")
                    .maybe_help(help);
                None
            }
        }
    }

    /// A pause whose lengths are not the wrong way round, as far as that can be told without a target.
    fn in_order(&mut self, node: &Node, least: Span, most: Span) -> Option<Pause> {
        let turned = match (least, most) {
            (Span::Fixed(least), Span::Fixed(most)) => least >= most,
            (Span::Of(least), Span::Of(most)) => {
                least.timer == most.timer && least.factor >= most.factor
            }
            (Span::Fixed(_), Span::Of(_)) | (Span::Of(_), Span::Fixed(_)) => false,
        };
        if turned {
            self.log
                .add(
                    problem::BAD_TIME,
                    &node.span,
                    "the first length is not less than the second",
                    "nothing is between them",
                )
                .help("write the shorter one first, as in `0ms..20ms`");
        }
        (!turned).then_some(Pause { least, most })
    }

    /// A span that may be nothing.
    fn tolerance(&mut self, node: &Node) -> Option<Span> {
        let text = self.word(node, "a span of time")?;
        match span(text) {
            Ok(span) => Some(span),
            Err((message, help)) => {
                self.log
                    .add(problem::BAD_TIME, &node.span, message, "not a span of time")
                    .maybe_help(help);
                None
            }
        }
    }

    /// A moment of a clock, for `at`.
    fn moment(&mut self, node: &Node) -> Option<Moment> {
        match self.span(node)? {
            Span::Of(moment) => Some(moment),
            Span::Fixed(_) => {
                self.log
                    .add(
                        problem::BAD_TIME,
                        &node.span,
                        "`at` names a clock of the lifecycle, or a part of one",
                        "not a clock",
                    )
                    .help(format!(
                        "use {}, or write `within` for a fixed span",
                        names::listed(&clocks(), "or")
                    ));
                None
            }
        }
    }

    /// The window of an expectation: `within`, or `at` with `early` and `late`.
    pub(super) fn window(&mut self, fields: &Fields<'_>) -> Option<Window> {
        let within = fields.get("within");
        let at = fields.get("at");
        let (early, late) = (fields.get("early"), fields.get("late"));
        let within_span = within.map(|field| self.span(field.value));
        let moment = at.map(|field| self.moment(field.value));
        let early_span = early.map(|field| self.tolerance(field.value));
        let late_span = late.map(|field| self.tolerance(field.value));
        if let (Some(within), Some(at)) = (within, at) {
            self.log.add_related(
                problem::AT_ODDS,
                at.key_at,
                "`within` and `at` exclude each other",
                "one window too many",
                (within.key_at, "the other window".to_owned()),
            );
            return None;
        }
        if at.is_none() {
            for field in [early, late].into_iter().flatten() {
                self.without_at(field.key, field.key_at);
            }
        }
        match (within_span, moment) {
            (Some(span), _) => span.map(Window::Within),
            (None, Some(moment)) => Some(Window::At {
                moment: moment?,
                // A problem with a tolerance is noted by now, and the plan is dropped for it.
                early: early_span.flatten(),
                late: late_span.flatten(),
            }),
            (None, None) => Some(Window::Within(WITHIN)),
        }
    }

    fn without_at(&mut self, key: &str, at: &Range<usize>) {
        self.log
            .add(
                problem::AT_ODDS,
                at,
                format!("`{key}` needs `at`"),
                "a tolerance of what?",
            )
            .help("name the clock it belongs to, as in `at: expiry`");
    }
}

fn clocks() -> [&'static str; 6] {
    Timer::ALL.map(|(name, _)| name)
}

fn span(text: &str) -> Parsed {
    let text = text.trim();
    if let Some((factor, clock)) = text.split_once('*') {
        return part(text, factor.trim(), clock.trim());
    }
    if let Some(timer) = timer(text) {
        return Ok(Span::Of(Moment { timer, factor: 1.0 }));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return fixed(text);
    }
    Err((
        format!("no clock is named {}", names::quoted(text)),
        match names::nearest(text, clocks()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => Some(format!(
                "write a number with a unit, as `250ms`, `1s` or `1m`, or use {}",
                names::listed(&clocks(), "or")
            )),
        },
    ))
}

/// A part of a clock, as `0.5 * expiry`.
fn part(text: &str, factor: &str, clock: &str) -> Parsed {
    let (number, timer) = match (decimal(factor), timer(clock)) {
        (Some(number), Some(timer)) => (number, timer),
        (Some(_), None) if !clock.is_empty() => {
            return Err((
                format!("no clock is named {}", names::quoted(clock)),
                names::help(clock, &clocks()),
            ));
        }
        (None, _) | (_, None) => {
            let turned = decimal(clock).is_some() && timer(factor).is_some();
            let negative = factor.strip_prefix('-').and_then(decimal).is_some();
            let message = if negative {
                "a factor is more than zero".to_owned()
            } else {
                format!("{} is not a part of a clock", names::quoted(text))
            };
            let help = if turned {
                format!("write `{clock} * {factor}`")
            } else {
                "write a number, `*` and a clock, as in `0.5 * expiry`".to_owned()
            };
            return Err((message, Some(help)));
        }
    };
    if number <= 0.0 || number > FACTOR_MAX {
        return Err((
            format!("a factor is more than zero and at most {FACTOR_MAX}"),
            None,
        ));
    }
    Ok(Span::Of(Moment {
        timer,
        factor: number,
    }))
}

/// A number with a unit, as `250ms`.
fn fixed(text: &str) -> Parsed {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.starts_with('-') {
        return Err(("a span is not negative".to_owned(), None));
    }
    let Some(value) = decimal(number) else {
        return Err((format!("{} is not a number", names::quoted(number)), None));
    };
    if unit.is_empty() {
        return Err((
            format!("{} has no unit", names::quoted(text)),
            Some(format!("write `{number}s`, `{number}ms` or `{number}m`")),
        ));
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    let Some((_, seconds)) = known else {
        let trimmed = UNITS.iter().find(|(name, _)| *name == unit.trim());
        let help = match trimmed {
            Some((name, _)) => format!("write `{number}{name}`, without a space"),
            None => "the units are `ms`, `s` and `m`".to_owned(),
        };
        return Err((
            format!("no unit is named {}", names::quoted(unit.trim())),
            Some(help),
        ));
    };
    match Duration::try_from_secs_f64(value * seconds) {
        Ok(duration) if duration <= SPAN_MAX => Ok(Span::Fixed(duration)),
        Ok(_) | Err(_) => Err(("a span is at most a day".to_owned(), None)),
    }
}

fn timer(name: &str) -> Option<Timer> {
    Timer::ALL
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, timer)| timer)
}

/// A number in plain decimals: no sign, no exponent, no `inf`.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|number| number.is_finite())
}
