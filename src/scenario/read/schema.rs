//! The language as a JSON Schema, for editors: built from the tables that the reading itself looks names up in.

use serde_json::{Map, Value, json};

use super::expand::REPEAT_KEYS;
use super::head::{KEYS, USER_KEYS};
use super::operators::OPERATORS;
use super::race;
use super::raw::{HEARD, SAYINGS, SENT};
use super::steps::SESSION_WORDS;
use super::time::UNITS;
use super::verbs::{Meddle, OPTIONS, VERBS, Verb};
use crate::history::{Call, CallCode, Callback, ConnectionReason, ConnectionState, FailureCode};
use crate::lifecycle::requirements::REQUIREMENTS;
use crate::scenario::plan::{Part, Timer, Way};

/// What the rows, a repeat or a saved value fills in; nothing can be said about it before.
const FILLED_IN: &str = r"\$\{";

/// The schema of scenario files and of files of steps.
///
/// It is of draft 7, which editors know best. It takes every file that loads; what it cannot know, as whether a label was
/// created, is left to the lint.
pub(in crate::scenario) fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of Ringcheck, or a file of steps",
        "$comment": "Printed by `ringcheck schema`. scenarios/README.md teaches the language.",
        "if": { "type": "array" },
        "then": of("steps"),
        "else": of("scenario"),
        "definitions": {
            "scenario": mapping(&KEYS, head, &["scenario", "covers", "users", "steps"]),
            "user": user(),
            "steps": { "type": "array", "minItems": 1, "items": of("step") },
            "step": step(),
            "user_step": user_step(),
            "scalar": { "type": ["string", "number", "boolean"] },
            "filled_in": { "type": "string", "pattern": FILLED_IN },
            "number": or_filled_in(&json!({ "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": "^[0-9]+$" },
            ] })),
            "text": { "anyOf": [of("scalar"), mapping(&["repeat", "times"], text, &["repeat", "times"])] },
            "span": or_filled_in(&json!({ "type": "string", "pattern": format!("^{}$", span()) })),
            "pause": or_filled_in(&json!({ "type": "string", "pattern": format!(r"^{0}(\.\.{0})?$", span()) })),
            "moment": or_filled_in(&json!({ "type": "string", "pattern": format!("^{}$", moment()) })),
        },
    })
}

fn of(definition: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{definition}") })
}

/// A mapping with these keys and no other.
fn mapping(keys: &[&str], value: fn(&str) -> Value, required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), value(key)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn or_filled_in(schema: &Value) -> Value {
    json!({ "anyOf": [schema, of("filled_in")] })
}

fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> Value {
    let names: Vec<&str> = names.into_iter().collect();
    or_filled_in(&json!({ "enum": names }))
}

fn list_of(each: &Value, least: usize) -> Value {
    json!({ "type": "array", "items": each, "minItems": least, "uniqueItems": true })
}

/// One of the names, or a list of some.
fn some_of<'n>(names: impl IntoIterator<Item = &'n str>) -> Value {
    let one = one_of(names);
    json!({ "anyOf": [one, list_of(&one, 1)] })
}

fn head(key: &str) -> Value {
    let described = |mut schema: Value, words: &str| {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), json!(words));
        }
        schema
    };
    match key {
        "scenario" => {
            json!({ "type": "string", "description": "The promise, in words; unique in the library" })
        }
        "covers" => {
            let ids = one_of(REQUIREMENTS.iter().map(|known| known.id));
            described(list_of(&ids, 1), "The requirements that the steps exercise")
        }
        "tags" => described(list_of(&of("scalar"), 0), "Words to select it by"),
        "users" => described(list_of(&of("user"), 1), "Who takes part"),
        "offline" => described(
            list_of(&of("scalar"), 0),
            "Users who are not logged in at the start",
        ),
        "rows" => described(
            json!({ "type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["case"],
                "properties": { "case": of("scalar") },
            } }),
            "Values, a row a case: the scenario is played once for each",
        ),
        "steps" => of("steps"),
        _ => json!(true),
    }
}

fn user() -> Value {
    let options = |key: &str| match key {
        "bytes" => of("number"),
        "suffix" => of("text"),
        "same_as" => of("scalar"),
        _ => json!(true),
    };
    json!({ "anyOf": [
        { "type": ["string", "number", "boolean"] },
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": mapping(&USER_KEYS, options, &[]),
        },
    ] })
}

fn text(key: &str) -> Value {
    match key {
        "repeat" => of("scalar"),
        "times" => of("number"),
        _ => json!(true),
    }
}

/// A step: an operator, or a user with what the user does.
fn step() -> Value {
    let operators: Map<String, Value> = OPERATORS
        .iter()
        .map(|operator| ((*operator).to_owned(), operator_value(operator)))
        .collect();
    json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": { "pattern": format!("^[A-Za-z0-9_]+$|{FILLED_IN}") },
        "properties": operators,
        "additionalProperties": of("user_step"),
    })
}

fn operator_value(operator: &str) -> Value {
    let race_value = |key: &str| match key {
        "steps" => of("steps"),
        "apart" => of("pause"),
        "outcomes" => {
            json!({ "type": "object", "minProperties": 2, "additionalProperties": of("steps") })
        }
        _ => json!(true),
    };
    let repeat_value = |key: &str| match key {
        "steps" => of("steps"),
        "apart" => of("pause"),
        "times" => of("number"),
        "index" => of("scalar"),
        _ => json!(true),
    };
    match operator {
        "any_order" | "together" => of("steps"),
        "race" => mapping(&race::KEYS, race_value, &["steps", "outcomes"]),
        "repeat" => mapping(&REPEAT_KEYS, repeat_value, &["times", "steps"]),
        "wait" => of("pause"),
        "include" => or_filled_in(&json!({ "type": "string", "pattern": r"\.steps\.ya?ml$" })),
        _ => json!(true),
    }
}

/// What a user does: a word alone, or a verb with its options.
fn user_step() -> Value {
    let mut ways = vec![one_of(SESSION_WORDS.map(|(word, _)| word))];
    ways.extend(VERBS.iter().copied().filter_map(Verb::from_name).map(verb));
    // A verb that is filled in: its options are known, and which of them it has is not.
    let names: Vec<&str> = OPTIONS.to_vec();
    ways.push(json!({
        "type": "object",
        "propertyNames": { "anyOf": [{ "enum": names }, { "pattern": FILLED_IN }] },
        "not": { "propertyNames": { "enum": names } },
    }));
    json!({ "anyOf": ways })
}

fn verb(verb: Verb) -> Value {
    let name = verb.name();
    let mut schema = mapping(verb.options(), option, &[name]);
    let (own, needed, description) = of_verb(verb);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(name.to_owned(), own);
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(description));
        if !needed.is_empty() {
            let needed: Vec<Value> = needed
                .iter()
                .map(|key| json!({ "required": [key] }))
                .collect();
            schema.insert("anyOf".to_owned(), json!(needed));
        }
    }
    schema
}

/// What a verb is done to, the options of which it needs one, and what it means.
fn of_verb(verb: Verb) -> (Value, &'static [&'static str], &'static str) {
    let callbacks = || Callback::ALL.iter().map(|callback| callback.name());
    let ways = || one_of(Way::ALL.map(|(name, _)| name));
    match verb {
        Verb::Call(Call::Create) => (
            of("scalar"),
            &["callee", "callee_id"],
            "Create a local invitation, and give it a label",
        ),
        Verb::Call(Call::Send) => (of("scalar"), &[], "Send an invitation"),
        Verb::Call(Call::Cancel) => (of("scalar"), &[], "Cancel an invitation"),
        Verb::Call(Call::Accept) => (of("scalar"), &[], "Accept an invitation"),
        Verb::Call(Call::Refuse) => (of("scalar"), &[], "Refuse an invitation"),
        Verb::Write => (
            of("scalar"),
            &["content", "channel"],
            "Write into a local invitation",
        ),
        Verb::Expect => (
            some_of(callbacks()),
            &["of"],
            "Wait for a callback, or for one of several",
        ),
        Verb::Never => (
            some_of(callbacks().chain(["any"])),
            &["for"],
            "Watch, and fail if it comes",
        ),
        Verb::Allow => (
            some_of(callbacks()),
            &["of"],
            "From here on it may come, and need not",
        ),
        Verb::Connection => (
            one_of(ConnectionState::ALL.iter().map(|state| state.name())),
            &[],
            "Wait until the connection is in that state",
        ),
        Verb::Hold => (ways(), &[], "Let the frames that go that way wait"),
        Verb::Release => (ways(), &[], "Let the frames that waited go on"),
        Verb::Meddle(Meddle::Lose) => (ways(), &[], "Raw: let frames vanish on their way"),
        Verb::Meddle(Meddle::Duplicate) => (ways(), &[], "Raw: let frames arrive twice"),
        Verb::Meddle(Meddle::Reorder) => (ways(), &[], "Raw: swap frames two by two"),
        Verb::Meddle(Meddle::Delay) => (ways(), &["by"], "Raw: let frames arrive later"),
        Verb::Mend => (ways(), &[], "Raw: let frames through as they are again"),
        Verb::Raw => (said(), &[], "Raw: say what is no good frame"),
    }
}

/// What `raw` says.
fn said() -> Value {
    let saying = |key: &str| match key {
        "truncated" => of("text"),
        _ => of("scalar"),
    };
    let mut one_kind = mapping(&SAYINGS, saying, &[]);
    if let Some(schema) = one_kind.as_object_mut() {
        schema.insert("minProperties".to_owned(), json!(1));
        schema.insert("maxProperties".to_owned(), json!(1));
    }
    json!({ "anyOf": [of("text"), one_kind] })
}

fn option(name: &str) -> Value {
    let failures = || {
        let local = FailureCode::LOCAL_NAMES.into_iter().skip(1);
        let remote = FailureCode::REMOTE_NAMES.into_iter().skip(1);
        let mut names: Vec<&str> = local.collect();
        names.extend(remote.filter(|name| !FailureCode::LOCAL_NAMES.contains(name)));
        names
    };
    match name {
        "callee" | "of" => of("scalar"),
        "callee_id" | "content" | "channel" | "response" => of("text"),
        "result" => some_of(CallCode::NAMES),
        "code" => one_of(failures()),
        "save" => saved(),
        "within" | "early" | "late" | "for" => of("span"),
        "at" => of("moment"),
        "frames" => some_of(SENT.into_iter().chain(HEARD)),
        "by" => of("pause"),
        "error" => of("scalar"),
        "close" => of("number"),
        "reason" => one_of(ConnectionReason::ALL.iter().map(|reason| reason.name())),
        _ => json!(true),
    }
}

/// What an expectation saves.
fn saved() -> Value {
    let name =
        |_: &str| json!({ "type": ["string", "number", "boolean"], "pattern": "^[A-Za-z0-9_]+$" });
    let mut saved = mapping(&Part::ALL.map(|(part, _)| part), name, &[]);
    if let Some(schema) = saved.as_object_mut() {
        schema.insert("minProperties".to_owned(), json!(1));
        let words = "What of the callback later steps use, as `{ content: NAME }`; there `${NAME}` stands for it";
        schema.insert("description".to_owned(), json!(words));
    }
    saved
}

/// A part of a clock, as a pattern.
fn moment() -> String {
    let clocks = Timer::ALL.map(|(name, _)| name).join("|");
    format!(r"\s*([0-9][0-9.]*\s*\*\s*)?({clocks})\s*")
}

/// A span of time, as a pattern.
fn span() -> String {
    let units = UNITS.map(|(unit, _)| unit).join("|");
    format!(r"(\s*[0-9.]+({units})\s*|{})", moment())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_language_has_a_schema_of_its_own() {
        let anything = json!(true);
        for option in OPTIONS {
            assert_ne!(super::option(option), anything, "{option}");
        }
        for operator in OPERATORS {
            assert_ne!(operator_value(operator), anything, "{operator}");
        }
        for key in KEYS {
            assert_ne!(head(key), anything, "{key}");
        }
    }
}
