//! The report `junit` beside the schema by which CI servers take or leave such files: `junit-10.xsd` of Jenkins' xUnit plugin,
//! the strictest in use. Its facts are the tables below.

use std::fs;

use roxmltree::{Document, Node};
use serde_json::{Value, json};

use crate::support::{run, scratch, stderr, stdout};

/// What an element may be.
struct Element {
    name: &'static str,
    needed: &'static [&'static str],
    allowed: &'static [&'static str],
    children: &'static [&'static str],
    has_text: bool,
}

const RERUN: &[&str] = &["stackTrace", "system-out", "system-err"];

const fn element(
    name: &'static str,
    needed: &'static [&'static str],
    allowed: &'static [&'static str],
    children: &'static [&'static str],
    has_text: bool,
) -> Element {
    Element {
        name,
        needed,
        allowed,
        children,
        has_text,
    }
}

const SCHEMA: &[Element] = &[
    element(
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
        false,
    ),
    element(
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
        false,
    ),
    element(
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &[
            "skipped",
            "error",
            "failure",
            "rerunFailure",
            "rerunError",
            "flakyFailure",
            "flakyError",
            "system-out",
            "system-err",
        ],
        false,
    ),
    element("properties", &[], &[], &["property"], false),
    element("property", &["name", "value"], &[], &[], false),
    element("failure", &[], &["type", "message"], &[], true),
    element("error", &[], &["type", "message"], &[], true),
    element("skipped", &[], &["type", "message"], &[], true),
    element("rerunFailure", &["type"], &["message"], RERUN, true),
    element("rerunError", &["type"], &["message"], RERUN, true),
    element("flakyFailure", &["type"], &["message"], RERUN, true),
    element("flakyError", &["type"], &["message"], RERUN, true),
    element("stackTrace", &[], &[], &[], true),
    element("system-out", &[], &[], &[], true),
    element("system-err", &[], &[], &[], true),
];

/// Everything in which a document is not what the schema says.
fn faults(text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap();
    let mut faults = Vec::new();
    if document.root_element().tag_name().name() != "testsuites" {
        faults.push("the root is another".to_owned());
    }
    check(document.root_element(), &mut faults);
    faults
}

fn check(node: Node<'_, '_>, faults: &mut Vec<String>) {
    let name = node.tag_name().name();
    let Some(known) = SCHEMA.iter().find(|known| known.name == name) else {
        faults.push(format!("no element is called {name}"));
        return;
    };
    for needed in known.needed {
        if node.attribute(*needed).is_none() {
            faults.push(format!("{name} has no {needed}"));
        }
    }
    for attribute in node.attributes() {
        let of = attribute.name();
        if !known.needed.contains(&of) && !known.allowed.contains(&of) {
            faults.push(format!("{name} has {of}"));
        }
        // Surefire's times, of suites; those of cases may be any text.
        let is_time = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if of == "time" && !attribute.value().bytes().all(is_time) {
            faults.push(format!("{name} has the time {}", attribute.value()));
        }
    }
    for child in node.children() {
        if child.is_text() {
            let text = child.text().unwrap_or_default().trim();
            if !text.is_empty() && !known.has_text {
                faults.push(format!("{name} has the text {text}"));
            }
        } else if child.is_element() {
            if !known.children.contains(&child.tag_name().name()) {
                faults.push(format!("{name} has a {}", child.tag_name().name()));
            }
            check(child, faults);
        }
    }
}

/// A recorded run of two planted failures and some that pass.
fn recorded(name: &str) -> (std::path::PathBuf, Value) {
    let file = scratch(name).join("run.json");
    let report = format!("json={}", file.display());
    let played = [
        "run",
        "tests/planted",
        "scenarios/05-refuse",
        "--target",
        "sim",
    ];
    let output = run(&[&played[..], &["--seed", "1", "--report", &report]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    (file, json)
}

fn junit(file: &std::path::Path) -> String {
    let output = run(&["report", file.to_str().unwrap(), "--report", "junit=-"]);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn a_run_with_two_failures_is_what_the_schema_says() {
    let (file, _) = recorded("junit-schema");
    let text = junit(&file);
    assert_eq!(faults(&text), Vec::<String>::new(), "{text}");
    assert_eq!(text.matches("<failure ").count(), 2);
    let root = Document::parse(&text).unwrap();
    assert_eq!(root.root_element().attribute("failures"), Some("2"));
}

#[test]
fn whatever_a_run_comes_to_is_what_the_schema_says() {
    let (file, mut json) = recorded("junit-all");
    let cases = json["scenarios"].as_array_mut().unwrap();
    let failed = cases.iter().find(|it| it["verdict"] == "failed").unwrap();
    let violations = failed["violations"].clone();
    let mut bad = cases.iter_mut().filter(|it| it["verdict"] == "failed");
    // One that was late first and failed then, and one that is known.
    bad.next().unwrap()["again_after_late_ms"] = json!(120);
    let known = bad.next().unwrap();
    known["verdict"] = json!("known");
    known["known"] = json!({ "reason": "A <known> \"one\" & so on" });
    let mut good = cases.iter_mut().filter(|it| it["verdict"] == "passed");
    // One that was late first and passed then, one that was left open, and one with what XML has no sign for.
    good.next().unwrap()["again_after_late_ms"] = json!(90);
    for verdict in ["inconclusive", "error"] {
        let case = good.next().unwrap();
        case["verdict"] = json!(verdict);
        case["violations"] = violations.clone();
        case["violations"][0]["message"] = json!("a bell \u{7} and \u{1b}[31m red");
    }
    json["stopped"] = json!("the target died");
    fs::write(&file, json.to_string()).unwrap();
    let text = junit(&file);
    assert_eq!(faults(&text), Vec::<String>::new(), "{text}");
    for element in [
        "<failure ",
        "<error ",
        "<skipped",
        "<rerunError ",
        "<flakyError ",
        "<system-out>",
    ] {
        assert!(text.contains(element), "{element} is missing in {text}");
    }
}

#[test]
fn what_the_schema_forbids_is_found() {
    let (file, _) = recorded("junit-wrong");
    let text = junit(&file);
    for (from, to, fault) in [
        (
            "<testsuites ",
            "<testsuites skipped=\"0\" ",
            "testsuites has skipped",
        ),
        (
            "<testcase name=",
            "<testcase title=",
            "testcase has no name",
        ),
        (
            "<testcase name=",
            "<testcase id=\"1\" name=",
            "testcase has id",
        ),
        (
            "</properties>",
            "</properties>text",
            "testsuite has the text text",
        ),
        (
            "<properties>",
            "<error/><properties>",
            "testsuite has a error",
        ),
        (
            "<properties>",
            "<reason/><properties>",
            "no element is called reason",
        ),
    ] {
        let wrong = text.replacen(from, to, 1);
        let found = faults(&wrong);
        assert!(found.iter().any(|it| it == fault), "{fault}: {found:?}");
    }
}
