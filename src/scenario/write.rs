//! A plan as the text of a scenario file, in the style of the library.

use std::time::Duration;

use super::layout::{Line, Value, file, quoted, sentence, word};
use super::plan::{
    Act, Answer, Callee, CodeDemand, Expect, Meddling, Pause, Piece, Race, Raw, RawFrame, Scenario,
    SessionChange, Span, Step, Text, Texts, User, WITHIN, Way, Window,
};
use super::read::literal;
use crate::history::{Call, CallCode, Callback, FailureCode};

/// The text of a file that loads as this scenario, but for the lines and columns of its steps.
pub fn write(scenario: &Scenario) -> String {
    let mut lines = vec![
        Line::new("scenario", Value::Word(sentence(&literal(&scenario.name)))),
        Line::new("covers", words(&scenario.covers)),
    ];
    if !scenario.tags.is_empty() {
        lines.push(Line::new("tags", words(&scenario.tags)));
    }
    let users = scenario.users.iter().map(|user| declared(scenario, user));
    lines.push(Line::new("users", Value::List(users.collect())));
    let offline: Vec<&str> = scenario
        .users
        .iter()
        .filter(|user| !user.online)
        .map(|user| user.name.as_str())
        .collect();
    if !offline.is_empty() {
        lines.push(Line::new("offline", words(&offline)));
    }
    lines.push(Line::new("steps", steps(scenario, &scenario.steps)));
    file(&lines, &[])
}

/// The same scenario with its steps at no place: two that mean the same are then equal.
pub fn without_places(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    forget_places(&mut scenario.steps);
    scenario
}

fn forget_places(steps: &mut [Step]) {
    for step in steps {
        (step.line, step.column, step.origin) = (0, 0, None);
        match &mut step.act {
            Act::AnyOrder(inner) | Act::Together(inner) => forget_places(inner),
            Act::Race(race) => {
                forget_places(&mut race.steps);
                for outcome in &mut race.outcomes {
                    forget_places(&mut outcome.expects);
                }
            }
            Act::Call { .. }
            | Act::Write { .. }
            | Act::Session { .. }
            | Act::Expect(_)
            | Act::Never { .. }
            | Act::Allow { .. }
            | Act::Connection { .. }
            | Act::Wait(_)
            | Act::Raw { .. } => {}
        }
    }
}

fn declared(scenario: &Scenario, user: &User) -> Value {
    let mut options = Options::default();
    if let Some(owner) = user.same_as {
        options.add("same_as", Value::Word(name(scenario, owner)));
    }
    if !user.suffix.is_empty() {
        options.add("suffix", Value::Word(quoted(&literal(&user.suffix))));
    }
    if let Some(bytes) = user.bytes {
        options.add("bytes", Value::Word(bytes.to_string()));
    }
    if options.0.is_empty() {
        Value::Word(user.name.clone())
    } else {
        Value::Map(vec![(user.name.clone(), Value::Map(options.0))])
    }
}

fn steps(scenario: &Scenario, steps: &[Step]) -> Value {
    Value::Lines(steps.iter().map(|step| line(scenario, step)).collect())
}

fn line(scenario: &Scenario, step: &Step) -> Line {
    let (user, value) = match &step.act {
        Act::Wait(time) => return Line::new("wait", pause(*time)),
        Act::Race(crossing) => return Line::new("race", race(scenario, crossing)),
        Act::AnyOrder(inner) => return Line::new("any_order", steps(scenario, inner)),
        Act::Together(inner) => return Line::new("together", steps(scenario, inner)),
        Act::Session { user, change } => (*user, session(*change)),
        Act::Call {
            user,
            call,
            invitation,
            texts,
            results,
        } => (*user, called(scenario, *call, *invitation, texts, results)),
        Act::Write {
            user,
            invitation,
            texts,
        } => {
            let mut options = Options::of("write", label(scenario, *invitation));
            options.text("content", texts.content.as_ref());
            options.channel(texts.channel.as_ref());
            (*user, Value::Map(options.0))
        }
        Act::Expect(expect) => (expect.user, expected(scenario, expect)),
        Act::Raw {
            user,
            raw: done,
            answer,
            within,
        } => (*user, raw(done, answer.as_ref(), *within)),
        Act::Never {
            user,
            callbacks,
            invitation,
            span: time,
        } => {
            let mut options = Options::default();
            options.add(
                "never",
                if callbacks.is_empty() {
                    Value::Word("any".to_owned())
                } else {
                    one_or_more(callbacks.iter().map(|callback| callback.name()))
                },
            );
            if let Some(invitation) = invitation {
                options.add("of", label(scenario, *invitation));
            }
            options.add("for", span(*time));
            (*user, Value::Map(options.0))
        }
        Act::Allow {
            user,
            callbacks,
            invitation,
        } => {
            let names = callbacks.iter().map(|callback| callback.name());
            let mut options = Options::of("allow", one_or_more(names));
            options.add("of", label(scenario, *invitation));
            (*user, Value::Map(options.0))
        }
        Act::Connection {
            user,
            state,
            reason,
            within,
        } => {
            let mut options = Options::of("connection", Value::Word(state.name().to_owned()));
            if let Some(reason) = reason {
                options.add("reason", Value::Word(reason.name().to_owned()));
            }
            options.within(*within);
            (*user, Value::Map(options.0))
        }
    };
    Line {
        in_column: true,
        ..Line::new(name(scenario, user), value)
    }
}

fn race(scenario: &Scenario, race: &Race) -> Value {
    let mut keys = vec![Line::new("steps", steps(scenario, &race.steps))];
    keys.extend(race.apart.map(|apart| Line::new("apart", pause(apart))));
    let outcomes = race.outcomes.iter();
    let outcomes = outcomes.map(|outcome| {
        Line::new(
            sentence(&literal(&outcome.name)),
            steps(scenario, &outcome.expects),
        )
    });
    keys.push(Line::new("outcomes", Value::Keys(outcomes.collect())));
    Value::Keys(keys)
}

/// A raw step.
fn raw(raw: &Raw, answer: Option<&Answer>, within: Span) -> Value {
    let mut options = match raw {
        Raw::Meddle { way, frames, how } => {
            let (verb, by) = match how {
                Meddling::Lose => ("lose", None),
                Meddling::Duplicate => ("duplicate", None),
                Meddling::Reorder => ("reorder", None),
                Meddling::Delay(by) => ("delay", Some(*by)),
            };
            let mut options = Options::of(verb, direction(*way));
            if !frames.is_empty() {
                options.add("frames", words(frames));
            }
            if let Some(by) = by {
                options.add("by", pause(by));
            }
            options
        }
        Raw::Mend(way) => Options::of("mend", direction(*way)),
        Raw::Say(frame) => Options::of("raw", said(frame)),
    };
    match answer {
        Some(Answer::Error(code)) => options.add("error", Value::Word(code.clone())),
        Some(Answer::Close(code)) => options.add("close", Value::Word(code.to_string())),
        None => {}
    }
    options.within(within);
    Value::Map(options.0)
}

/// What is said raw: a text as it is, all else by its kind.
fn said(frame: &RawFrame<Text>) -> Value {
    let of = |kind, said| Value::Map(Options::of(kind, said).0);
    match frame {
        RawFrame::Text(text) => written_text(text),
        RawFrame::Truncated(text) => of("truncated", written_text(text)),
        RawFrame::Binary(bytes) => of("binary", hex(bytes)),
        RawFrame::Utf8(bytes) => of("utf8", hex(bytes)),
        RawFrame::Stream(bytes) => of("stream", hex(bytes)),
    }
}

fn hex(bytes: &[u8]) -> Value {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Value::Word(quoted(&bytes.join(" ")))
}

fn direction(way: Way) -> Value {
    let named = Way::ALL.into_iter().find(|(_, known)| *known == way);
    Value::Word(named.map_or("?", |(named, _)| named).to_owned())
}

fn session(change: SessionChange) -> Value {
    let way = |verb: &str, way: Way| Value::Map(Options::of(verb, direction(way)).0);
    match change {
        SessionChange::Hold(held) => way("hold", held),
        SessionChange::Release(released) => way("release", released),
        SessionChange::Login
        | SessionChange::Logout
        | SessionChange::Drop
        | SessionChange::Reconnect
        | SessionChange::Interrupt => Value::Word(session_words(change)),
    }
}

/// A change of a session in the words of its step.
pub(crate) fn session_words(change: SessionChange) -> String {
    let of = |verb: &str, way| {
        let named = Way::ALL.into_iter().find(|(_, known)| *known == way);
        format!("{verb} {}", named.map_or("?", |(named, _)| named))
    };
    match change {
        SessionChange::Login => "login".to_owned(),
        SessionChange::Logout => "logout".to_owned(),
        SessionChange::Drop => "drop".to_owned(),
        SessionChange::Reconnect => "reconnect".to_owned(),
        SessionChange::Interrupt => "interrupt".to_owned(),
        SessionChange::Hold(way) => of("hold", way),
        SessionChange::Release(way) => of("release", way),
    }
}

fn called(
    scenario: &Scenario,
    call: Call,
    invitation: usize,
    texts: &Texts,
    results: &[CallCode],
) -> Value {
    let mut options = Options::of(call.name(), label(scenario, invitation));
    match call {
        Call::Create => {
            match scenario.invitations.get(invitation).map(|it| &it.callee) {
                Some(Callee::User(user)) => {
                    options.add("callee", Value::Word(name(scenario, *user)));
                }
                Some(Callee::Id(id)) => options.text("callee_id", Some(id)),
                None => {}
            }
            options.text("content", texts.content.as_ref());
            options.channel(texts.channel.as_ref());
        }
        Call::Send | Call::Cancel => {}
        Call::Accept | Call::Refuse => options.text("response", texts.content.as_ref()),
    }
    if !results.is_empty() {
        let name = |code: &CallCode| CallCode::NAMES.get(usize::from(code.0)).copied();
        options.add("result", one_or_more(results.iter().filter_map(name)));
    }
    Value::Map(options.0)
}

fn expected(scenario: &Scenario, expect: &Expect) -> Value {
    let names = expect.callbacks.iter().map(|callback| callback.name());
    let mut options = Options::of("expect", one_or_more(names));
    options.add("of", label(scenario, expect.invitation));
    options.text("content", expect.content.as_ref());
    options.channel(expect.channel.as_ref());
    options.text("response", expect.response.as_ref());
    let code = match &expect.code {
        Some(CodeDemand::Is(code)) => failure(*code, &expect.callbacks).map(str::to_owned),
        Some(CodeDemand::Saved(name)) => Some(quoted(&format!("${{{name}}}"))),
        None => None,
    };
    if let Some(code) = code {
        options.add("code", Value::Word(code));
    }
    if !expect.saves.is_empty() {
        let saves = expect.saves.iter();
        let saves = saves.map(|save| (save.part.name().to_owned(), Value::Word(word(&save.name))));
        options.add("save", Value::Map(saves.collect()));
    }
    match expect.window {
        Window::Within(within) => options.within(within),
        Window::At {
            moment,
            early,
            late,
        } => {
            options.add("at", span(Span::Of(moment)));
            for (key, tolerance) in [("early", early), ("late", late)] {
                if let Some(tolerance) = tolerance {
                    options.add(key, span(tolerance));
                }
            }
        }
    }
    Value::Map(options.0)
}

/// The name of a failure code on the side that one of the callbacks tells.
fn failure(code: FailureCode, callbacks: &[Callback]) -> Option<&'static str> {
    callbacks
        .iter()
        .filter(|callback| matches!(callback, Callback::LocalFailure | Callback::RemoteFailure))
        .find_map(|callback| code.name(callback.side()))
}

/// The options of a step, in the order of the language's page.
#[derive(Default)]
struct Options(Vec<(String, Value)>);

impl Options {
    fn of(verb: &str, value: Value) -> Self {
        Self(vec![(verb.to_owned(), value)])
    }

    fn add(&mut self, key: &str, value: Value) {
        self.0.push((key.to_owned(), value));
    }

    fn text(&mut self, key: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.add(key, written_text(text));
        }
    }

    /// A channel id is a name more than a text, and stands without quotes where it can.
    fn channel(&mut self, channel: Option<&Text>) {
        if let Some(channel) = channel {
            let short = || Value::Word(word(&named(channel)));
            self.add("channel", long(channel).unwrap_or_else(short));
        }
    }

    fn within(&mut self, within: Span) {
        if within != WITHIN {
            self.add("within", span(within));
        }
    }
}

/// A text, short if it repeats itself.
fn written_text(text: &Text) -> Value {
    long(text).unwrap_or_else(|| Value::Word(quoted(&named(text))))
}

/// A text with the names of what is saved in it.
fn named(text: &Text) -> String {
    let mut named = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Written(text) => named.push_str(&literal(text)),
            Piece::Saved(name) => {
                // Signs before the name are doubled, as before every brace.
                let signs = named.len() - named.trim_end_matches('$').len();
                named.extend(std::iter::repeat_n('$', signs));
                named.extend(["${", name, "}"]);
            }
        }
    }
    named
}

/// A text of this many bytes or fewer is written out.
const WRITTEN_OUT_BYTES: usize = 64;

/// A long text that repeats a short one, as the language writes it.
fn long(text: &Text) -> Option<Value> {
    const PART_CHARS: usize = 8;
    let text = text.written()?;
    if text.len() <= WRITTEN_OUT_BYTES {
        return None;
    }
    let part = text
        .char_indices()
        .skip(1)
        .take(PART_CHARS)
        .filter_map(|(at, _)| text.get(..at))
        .find(|part| {
            let times = text.len() / part.len();
            times * part.len() == text.len() && part.repeat(times) == text
        })?;
    let mut options = Options::of("repeat", Value::Word(quoted(&literal(part))));
    let times = text.len() / part.len();
    options.add("times", Value::Word(times.to_string()));
    Some(Value::Map(options.0))
}

fn pause(pause: Pause) -> Value {
    Value::Word(pause_words(pause))
}

/// A span of time, or two with `..` between them.
pub(crate) fn pause_words(pause: Pause) -> String {
    if pause.least == pause.most {
        return written(pause.least);
    }
    format!("{}..{}", written(pause.least), written(pause.most))
}

fn span(span: Span) -> Value {
    Value::Word(written(span))
}

/// A span of time with the largest unit that needs no fraction, or as a part of its clock.
pub(crate) fn written(span: Span) -> String {
    const MINUTE: Duration = Duration::from_secs(60);
    match span {
        Span::Of(moment) if moment.factor == 1.0 => moment.timer.name().to_owned(),
        Span::Of(moment) => format!("{} * {}", moment.factor, moment.timer.name()),
        Span::Fixed(time) if time.subsec_nanos() % 1_000_000 != 0 => {
            let fraction = format!("{:09}", time.subsec_nanos());
            format!("{}.{}s", time.as_secs(), fraction.trim_end_matches('0'))
        }
        Span::Fixed(time) if time.subsec_nanos() != 0 => format!("{}ms", time.as_millis()),
        Span::Fixed(time) if time >= MINUTE && time.as_secs() % 60 == 0 => {
            format!("{}m", time.as_secs() / 60)
        }
        Span::Fixed(time) => format!("{}s", time.as_secs()),
    }
}

fn words<T: AsRef<str>>(texts: &[T]) -> Value {
    let word = |text: &T| Value::Word(word(&literal(text.as_ref())));
    Value::List(texts.iter().map(word).collect())
}

fn one_or_more<'n>(names: impl Iterator<Item = &'n str>) -> Value {
    let mut words: Vec<Value> = names.map(|name| Value::Word(name.to_owned())).collect();
    match words.pop() {
        Some(one) if words.is_empty() => one,
        last => {
            words.extend(last);
            Value::List(words)
        }
    }
}

fn name(scenario: &Scenario, user: usize) -> String {
    let user = scenario.users.get(user);
    user.map_or_else(|| "?".to_owned(), |user| user.name.clone())
}

fn label(scenario: &Scenario, invitation: usize) -> Value {
    let invitation = scenario.invitations.get(invitation);
    Value::Word(invitation.map_or_else(|| "?".to_owned(), |it| word(&literal(&it.label))))
}
