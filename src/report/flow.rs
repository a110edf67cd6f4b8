//! A scenario as a small sequence diagram in text, drawn from its steps alone.

use super::diagram::line;
use crate::history::{CallCode, Callback};
use crate::lifecycle::requirements::requirement;
use crate::scenario::plan::{
    Act, Answer, CodeDemand, Expect, Meddling, Race, Raw, RawFrame, Scenario, Span, Step, Text,
    WITHIN, Way, Window,
};
use crate::scenario::{pause_words, session_words, span_words};

/// How many characters of a text are shown.
const TEXT_CHARS_MAX: usize = 24;

/// What a scenario promises and exercises, and its steps under the lanes of its users.
pub fn flow(scenario: &Scenario) -> String {
    let mut lines = vec![scenario.name.clone()];
    for id in &scenario.covers {
        let sentence = requirement(id).map_or("", |found| found.sentence);
        lines.push(format!("  {id}: {sentence}"));
    }
    lines.push(String::new());
    let lanes = scenario.users.iter().map(|user| match user.online {
        true => user.name.clone(),
        false => format!("{} (offline)", user.name),
    });
    lines.push(line("line", lanes));
    let mut flow = Flow { scenario, lines };
    flow.steps(&scenario.steps, "");
    flow.lines.join("\n")
}

/// A diagram while it is drawn.
struct Flow<'s> {
    scenario: &'s Scenario,
    lines: Vec<String>,
}

impl Flow<'_> {
    fn steps(&mut self, steps: &[Step], indent: &str) {
        for step in steps {
            self.step(step, indent);
        }
    }

    fn step(&mut self, step: &Step, indent: &str) {
        let label = |at: usize| self.label(at);
        let (user, text) = match &step.act {
            Act::Call {
                user,
                call,
                invitation,
                texts,
                results,
            } => {
                let text = shown(texts.content.as_ref());
                let (label, results) = (label(*invitation), returned(results));
                (*user, format!("> {call} {label}{text}{results}"))
            }
            Act::Write {
                user, invitation, ..
            } => (*user, format!("> write {}", label(*invitation))),
            Act::Session { user, change } => (*user, format!("- {}", session_words(*change))),
            Act::Expect(expect) => (expect.user, self.expected(expect)),
            Act::Never {
                user,
                callbacks,
                invitation,
                span,
            } => {
                let of = invitation.map_or_else(String::new, |at| format!(" {}", label(at)));
                let callbacks = names(callbacks);
                let span = span_words(*span);
                (*user, format!("never {callbacks}{of} for {span}"))
            }
            Act::Allow {
                user,
                callbacks,
                invitation,
            } => {
                let (callbacks, label) = (names(callbacks), label(*invitation));
                (*user, format!("maybe {callbacks} {label}"))
            }
            Act::Connection {
                user,
                state,
                reason,
                ..
            } => {
                let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
                (*user, format!("- {state}{reason}"))
            }
            Act::Raw {
                user, raw, answer, ..
            } => (*user, meddled(raw, answer.as_ref())),
            Act::Wait(pause) => {
                return self.banner(step, &format!("{indent}⋮ {} later", pause_words(*pause)));
            }
            Act::AnyOrder(inner) => return self.group(step, "in any order", inner),
            Act::Together(inner) => return self.group(step, "at once", inner),
            Act::Race(race) => return self.race(step, race),
        };
        let cells = (0..self.scenario.users.len()).map(|lane| match lane == user {
            true => format!("{indent}{text}"),
            false => String::new(),
        });
        let drawn = line(&step.line.to_string(), cells);
        self.lines.push(drawn);
    }

    /// A line across all lanes.
    fn banner(&mut self, step: &Step, text: &str) {
        let drawn = line(&step.line.to_string(), std::iter::once(text.to_owned()));
        self.lines.push(drawn);
    }

    fn group(&mut self, step: &Step, how: &str, inner: &[Step]) {
        self.banner(step, &format!("┌ {how}"));
        self.steps(inner, "  ");
        self.end();
    }

    fn race(&mut self, step: &Step, race: &Race) {
        let how = match race.apart {
            None => "race, at once".to_owned(),
            Some(apart) => format!("race, {} apart", pause_words(apart)),
        };
        self.banner(step, &format!("┌ {how}"));
        self.steps(&race.steps, "  ");
        for (at, outcome) in race.outcomes.iter().enumerate() {
            let either = if at == 0 { "either" } else { "or" };
            let text = format!("├ {either}: {}", outcome.name);
            self.lines.push(line("", std::iter::once(text)));
            self.steps(&outcome.expects, "  ");
        }
        self.end();
    }

    fn end(&mut self) {
        self.lines.push(line("", std::iter::once("└".to_owned())));
    }

    fn expected(&self, expect: &Expect) -> String {
        let mut text = format!(
            "{} {}",
            names(&expect.callbacks),
            self.label(expect.invitation)
        );
        let texts = [&expect.content, &expect.channel, &expect.response];
        for carried in texts.into_iter().flatten() {
            text.push_str(&shown(Some(carried)));
        }
        let side = expect.callbacks.iter().find(|it| it.ends());
        let code = match &expect.code {
            Some(CodeDemand::Is(code)) => side
                .and_then(|callback| code.name(callback.side()))
                .map(str::to_owned),
            Some(CodeDemand::Saved(name)) => Some(format!("${{{name}}}")),
            None => None,
        };
        if let Some(code) = code {
            text.push(' ');
            text.push_str(&code);
        }
        match expect.window {
            Window::Within(WITHIN) => {}
            Window::Within(within) => {
                text.push_str(" within ");
                text.push_str(&span_words(within));
            }
            Window::At { moment, .. } => {
                text.push_str(" at ");
                text.push_str(&span_words(Span::Of(moment)));
            }
        }
        for save in &expect.saves {
            text.extend([", ", save.part.name(), " is ${", &save.name, "}"]);
        }
        text
    }

    fn label(&self, invitation: usize) -> String {
        let found = self.scenario.invitations.get(invitation);
        found.map_or_else(|| "?".to_owned(), |found| found.label.clone())
    }
}

/// A raw step, and what must be answered.
fn meddled(raw: &Raw, answer: Option<&Answer>) -> String {
    let named = |way: &Way| if *way == Way::Sent { "sent" } else { "heard" };
    let done = match raw {
        Raw::Meddle { way, frames, how } => {
            let how = match how {
                Meddling::Lose => "lose",
                Meddling::Duplicate => "duplicate",
                Meddling::Reorder => "reorder",
                Meddling::Delay(_) => "delay",
            };
            format!("~ {how} {} {}", named(way), frames.join(", "))
        }
        Raw::Mend(way) => format!("~ mend {}", named(way)),
        Raw::Say(RawFrame::Text(text)) => format!("~ say{}", shown(Some(text))),
        Raw::Say(RawFrame::Truncated(text)) => format!("~ say half of{}", shown(Some(text))),
        Raw::Say(RawFrame::Binary(bytes) | RawFrame::Utf8(bytes) | RawFrame::Stream(bytes)) => {
            format!("~ say {} bytes", bytes.len())
        }
    };
    match answer {
        Some(Answer::Error(code)) => format!("{done} → error {code}"),
        Some(Answer::Close(code)) => format!("{done} → close {code}"),
        None => done,
    }
}

fn names(callbacks: &[Callback]) -> String {
    if callbacks.is_empty() {
        return "any".to_owned();
    }
    let names: Vec<&str> = callbacks.iter().map(|callback| callback.name()).collect();
    names.join(" or ")
}

/// A text in quotes, its end left out if it is long.
fn shown(text: Option<&Text>) -> String {
    let Some(text) = text.map(Text::to_string) else {
        return String::new();
    };
    let short: String = text.chars().take(TEXT_CHARS_MAX).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    format!(" {short:?}{rest}")
}

fn returned(results: &[CallCode]) -> String {
    if results.is_empty() {
        return String::new();
    }
    let results: Vec<String> = results.iter().map(CallCode::to_string).collect();
    format!(" → {}", results.join(" or "))
}
