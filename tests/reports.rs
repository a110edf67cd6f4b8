//! The reports, each read back as its readers read it.

use std::fs;
use std::process::Stdio;

use roxmltree::{Document, Node};
use serde_json::Value;

use crate::support::{ringcheck, run, scratch, stderr, stdout};

#[test]
fn the_json_report_has_the_fields_of_its_schema() {
    let file = scratch("json-report").join("run.json");
    let report = format!("json={}", file.display());
    let arguments = [
        "run",
        "tests/planted/wrong-response.yaml",
        "scenarios/04-accept/accept.yaml",
        "--report",
        &report,
        "--seed",
        "7",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();

    assert_eq!(json["schema"], "ringcheck.run/1");
    assert_eq!(json["target"], "embedded");
    assert_eq!(json["seed"], 7);
    let scenarios = json["scenarios"].as_array().unwrap();
    assert_eq!(json["counts"]["failed"], 1);
    assert_eq!(json["counts"]["passed"], scenarios.len() - 1);
    for other in ["known", "inconclusive", "error"] {
        assert_eq!(json["counts"][other], 0, "{other}");
    }
    let covered = json["requirements"]["covered"].as_array().unwrap();
    let not_exercised = json["requirements"]["not_exercised"].as_array().unwrap();
    assert!(covered.contains(&Value::from("ACC-2")));
    assert!(not_exercised.contains(&Value::from("LIM-5")));

    let failed = scenarios
        .iter()
        .find(|one| one["verdict"] == "failed")
        .unwrap();
    assert_eq!(failed["file"], "tests/planted/wrong-response.yaml");
    assert_eq!(failed["covers"], serde_json::json!(["ACC-1"]));
    assert!(failed["duration_ms"].is_u64());
    let violation = &failed["violations"][0];
    assert_eq!(violation["rule"], "scenario");
    assert_eq!(violation["requirement"], "ACC-1");
    assert_eq!(violation["line"], 12);
    assert!(violation["message"].as_str().unwrap().contains("On my way"));
}

#[test]
fn a_report_to_standard_output_is_nothing_but_json() {
    let output = run(&["run", "scenarios/05-refuse", "--report", "json=-"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["counts"]["failed"], 0);
}

#[test]
fn a_report_that_cannot_be_written_ends_with_2_before_anything_is_played() {
    for (report, told) in [
        ("json=no/such/folder/run.json", "no/such/folder/run.json"),
        ("pdf=run.pdf", "there are `jsonl`"),
        ("junt=run.xml", "did you mean `junit`?"),
        ("json=", "the path is missing"),
        ("json", "expected `FORMAT=PATH`"),
    ] {
        let output = run(&["run", "scenarios/05-refuse", "--report", report]);
        assert_eq!(output.status.code(), Some(2), "{report}");
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        assert!(!stderr(&output).contains("playing "), "{report}");
    }
}

#[test]
fn one_place_takes_one_report() {
    for arguments in [
        ["--report", "json=-", "--report", "tap=-"],
        ["--report", "json=-", "--history", "-"],
        [
            "--report",
            "json=target/same",
            "--report",
            "tap=target/same",
        ],
    ] {
        let output = run(&[&["run", "scenarios/05-refuse"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains("takes one report"),
            "{arguments:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_standard_output_does_not_take_ends_with_2() {
    let full = fs::File::create("/dev/full").unwrap();
    let mut command = ringcheck(&["run", "scenarios/05-refuse", "--report", "json=-"]);
    let status = command.stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Two scenarios that fail and one that passes, in every form of report at once.
fn planted(name: &str, formats: &[&str], environment: &[(&str, &str)]) -> (Vec<String>, String) {
    let folder = scratch(name);
    let files: Vec<_> = formats.iter().map(|format| folder.join(format)).collect();
    let wanted = formats.iter().zip(&files);
    let reports = wanted.map(|(format, file)| format!("--report={format}={}", file.display()));
    let reports: Vec<String> = reports.collect();
    let mut arguments = vec![
        "run",
        "tests/planted/wrong-response.yaml",
        "tests/planted/wrong-ending.yaml",
        "scenarios/04-accept/accept.yaml",
    ];
    arguments.extend(reports.iter().map(String::as_str));
    let mut command = ringcheck(&arguments);
    command
        .env_remove("GITHUB_ACTIONS")
        .envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).is_empty(), "{}", stdout(&output));
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    (texts.collect(), stderr(&output))
}

fn elements<'x>(node: Node<'x, 'x>, name: &str) -> Vec<Node<'x, 'x>> {
    node.descendants()
        .filter(|it| it.has_tag_name(name))
        .collect()
}

#[test]
fn junit_tells_two_failures_from_what_passed() {
    let (texts, _) = planted("junit", &["junit", "json"], &[]);
    let document = Document::parse(&texts[0]).unwrap();
    let summary: Value = serde_json::from_str(&texts[1]).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let number = |node: Node<'_, '_>, name: &str| -> usize {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let played = summary["scenarios"].as_array().unwrap().len();
    for (name, count) in [("tests", played), ("failures", 2), ("errors", 0)] {
        assert_eq!(number(root, name), count, "{name}");
        let suites = elements(root, "testsuite");
        let sum: usize = suites.iter().map(|suite| number(*suite, name)).sum();
        assert_eq!(sum, count, "{name} of the suites");
    }
    let cases = elements(root, "testcase");
    assert_eq!(cases.len(), played);
    for case in &cases {
        assert!(case.attribute("time").unwrap().parse::<f64>().unwrap() >= 0.0);
        let parent = case.parent().unwrap().attribute("name").unwrap();
        assert!(case.attribute("classname").unwrap().starts_with(parent));
    }
    let failed = elements(root, "failure");
    let told: Vec<_> = (failed.iter())
        .map(|failure| {
            let case = failure.parent().unwrap();
            (
                case.attribute("classname").unwrap(),
                case.attribute("name").unwrap(),
                failure.attribute("type").unwrap(),
            )
        })
        .collect();
    let expected = [
        (
            "tests/planted/wrong-ending",
            "A second planted failure, in another file & at another line",
            "failed.scenario",
        ),
        (
            "tests/planted/wrong-response",
            "A planted failure, so that a failure can be seen",
            "failed.scenario",
        ),
    ];
    assert_eq!(told, expected);
    for failure in failed {
        assert!(
            failure
                .attribute("message")
                .unwrap()
                .starts_with("expected `local")
        );
        let case = failure.parent().unwrap();
        let output = elements(case, "system-out")[0].text().unwrap();
        assert!(output.contains("what they did (>) and heard:"), "{output}");
        assert!(failure.text().unwrap().contains(".yaml:1"));
    }
}

#[test]
fn annotations_stand_at_the_line_that_failed() {
    let (texts, told) = planted("github", &["github"], &[]);
    let lines: Vec<&str> = texts[0].lines().collect();
    assert_eq!(lines.len(), 2, "{}", texts[0]);
    let begin = [
        "::error file=tests/planted/wrong-ending.yaml,line=11,col=5,title=failed%3A A second planted failure%2C in",
        "::error file=tests/planted/wrong-response.yaml,line=12,col=5,title=failed%3A A planted failure%2C so that",
    ];
    for (line, begin) in lines.iter().zip(begin) {
        assert!(line.starts_with(begin), "{line}");
        assert!(
            line.contains("::REF-1: expected") || line.contains("::ACC-1: expected"),
            "{line}"
        );
        assert!(line.contains("%0Aagain: ringcheck run"), "{line}");
    }
    assert!(
        !told.contains("::error"),
        "nobody asked for them on the terminal"
    );
}

#[test]
fn in_github_actions_annotations_come_by_themselves_and_once() {
    let actions = [("GITHUB_ACTIONS", "true")];
    let (_, told) = planted("actions", &["json"], &actions);
    assert_eq!(told.matches("\n::error file=").count(), 2, "{told}");
    let (_, told) = planted("actions-asked", &["github"], &actions);
    assert_eq!(told.matches("::error").count(), 0, "{told}");
}

#[test]
fn the_stream_and_the_summary_are_what_their_schemas_say() {
    let (texts, _) = planted("schemas", &["jsonl", "json"], &[]);
    let schema = |of: &str| -> jsonschema::Validator {
        let text = stdout(&run(&["schema", of]));
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    };
    let of_events = schema("events");
    let events: Vec<Value> = (texts[0].lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for event in &events {
        of_events.validate(event).unwrap();
    }
    let summary: Value = serde_json::from_str(&texts[1]).unwrap();
    schema("run").validate(&summary).unwrap();
    assert_eq!(summary["schema"], "ringcheck.run/1");

    let kinds: Vec<&str> = events
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.first(), Some(&"run_started"));
    assert_eq!(kinds.last(), Some(&"run_finished"));
    assert_eq!(events[0]["schema"], "ringcheck.events/1");
    let of = |kind: &str| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!(
        of("case_finished"),
        summary["scenarios"].as_array().unwrap().len()
    );
    assert_eq!(
        of("case_started"),
        of("case_finished") + of("case_set_aside")
    );
    let failed = (events.iter())
        .find(|it| it["verdict"] == "failed")
        .unwrap();
    assert_eq!(
        failed["drawing"]["lanes"],
        serde_json::json!(["alice", "bob"])
    );
    assert!(
        failed["source"]
            .as_str()
            .unwrap()
            .starts_with("# A scenario that is wrong")
    );
}

#[test]
fn tap_counts_what_it_promises_and_says_what_failed() {
    let (texts, _) = planted("tap", &["tap", "json"], &[]);
    let summary: Value = serde_json::from_str(&texts[1]).unwrap();
    let played = summary["scenarios"].as_array().unwrap().len();
    let lines: Vec<&str> = texts[0].lines().collect();
    assert_eq!(lines[..2], ["TAP version 14", &*format!("1..{played}")]);
    let results: Vec<&&str> = (lines.iter())
        .filter(|it| it.starts_with("ok ") || it.starts_with("not ok "))
        .collect();
    for (number, line) in (1..).zip(&results) {
        assert!(line.contains(&format!("ok {number} - ")), "{line}");
    }
    assert_eq!(results.len(), played);
    assert_eq!(
        results
            .iter()
            .filter(|line| line.starts_with("not ok"))
            .count(),
        2
    );
    let block = texts[0].split("  ---\n").nth(1).unwrap();
    let block = block.split("  ...\n").next().unwrap();
    let yaml: Value = serde_yaml::from_str(block).unwrap();
    assert_eq!(yaml["at"]["line"], 11);
    assert_eq!(yaml["violations"][0]["requirement"], "REF-1");
}

#[test]
fn markdown_counts_and_shows_each_failure() {
    let (texts, _) = planted("markdown", &["markdown"], &[]);
    let text = &texts[0];
    assert!(
        text.starts_with("## Ringcheck: 2 scenarios did not pass\n"),
        "{text}"
    );
    assert!(text.contains("| 0 | 2 | 0 | 0 |\n"), "{text}");
    assert!(
        text.contains("in another file &amp; at another line"),
        "{text}"
    );
    assert_eq!(text.matches("<details><summary>A ").count(), 2);
    assert_eq!(text.matches("```").count(), 4);
}

#[test]
fn a_run_that_is_killed_has_lost_nothing_that_ended() {
    let file = scratch("killed").join("run.jsonl");
    let report = format!("jsonl={}", file.display());
    let wait = ["--only", "ACC-1", "--only", "FAIL-4", "--timer-scale", "1"];
    let mut child = ringcheck(&[&["run", "--report", &report][..], &wait].concat())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    let has_ended = || fs::read_to_string(&file).is_ok_and(|it| it.contains("case_finished"));
    while !has_ended() && began.elapsed() < crate::support::PATIENCE {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let whole = text.lines().map(serde_json::from_str::<Value>);
    let events: Vec<Value> = whole.map_while(Result::ok).collect();
    assert!(events.iter().any(|it| it["event"] == "case_started"));
    assert!(events.iter().any(|it| it["event"] == "case_finished"));
    assert!(events.iter().all(|it| it["event"] != "run_finished"));
}

#[test]
fn colour_comes_when_it_is_asked_for_and_quiet_says_little() {
    let planted = ["run", "tests/planted/wrong-response.yaml"];
    let told = |more: &[&str]| stderr(&run(&[&planted[..], more].concat()));
    assert!(!told(&[]).contains('\u{1b}'));
    assert!(told(&["--color", "always"]).contains("\u{1b}["));
    let passes = ["run", "scenarios/04-accept/accept.yaml"];
    let told = |more: &[&str]| stderr(&run(&[&passes[..], more].concat()));
    assert_eq!(told(&["-q"]).lines().count(), 1, "{}", told(&["-q"]));
}

#[test]
fn every_scenario_that_is_named_as_it_ends_has_a_line_of_its_own() {
    let played = ["run", "scenarios/05-refuse", "--target", "sim", "-v"];
    let told = stderr(&run(&played));
    let named: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("passed  "))
        .collect();
    assert!(named.len() > 10, "{told}");
    for line in named {
        assert_eq!(line.matches("passed  ").count(), 1, "{line}");
        assert!(line.ends_with(" ms"), "{line}");
    }
}

#[test]
fn the_page_stands_alone_and_shows_what_failed() {
    let (texts, _) = planted("html", &["html"], &[]);
    let page = &texts[0];
    for outside in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "`{outside}` leads off the page");
    }
    assert_eq!(page.matches("<article class=\"case failed\"").count(), 2);
    assert_eq!(page.matches("<svg ").count(), 2);
    assert_eq!(page.matches("class=\"event marked\"").count(), 2);
    assert!(page.contains("in another file &amp; at another line"));
    assert!(page.contains("<mark>alice: { expect: localInvitationAccepted"));
}

#[test]
fn what_the_judge_allowed_is_listed_beside_what_broke() {
    let file = scratch("judged").join("run.html");
    let report = format!("html={}", file.display());
    let altered = [
        "--target",
        "sim",
        "--fault",
        "content-altered",
        "--seed",
        "1",
    ];
    let arguments = ["run", "scenarios/05-refuse", "--report", &report];
    let output = run(&[&arguments[..], &altered].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("Allowed here:"), "no alternative is listed");
    assert!(
        page.contains("class=\"event marked\""),
        "no event is marked"
    );
}

#[test]
fn a_recorded_run_is_rendered_as_the_run_itself_would_be() {
    let (texts, _) = planted("rendered", &["jsonl", "json", "junit", "html"], &[]);
    let folder = scratch("rendered-again");
    let recorded = folder.join("run.jsonl");
    fs::write(&recorded, &texts[0]).unwrap();
    for (format, text) in [
        ("json", &texts[1]),
        ("junit", &texts[2]),
        ("html", &texts[3]),
    ] {
        let report = format!("{format}=-");
        let output = run(&["report", recorded.to_str().unwrap(), "--report", &report]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output) == *text, "{format} differs");
    }
    let half = &texts[0][..texts[0].len() / 2];
    fs::write(&recorded, half).unwrap();
    let output = run(&["report", recorded.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("the record breaks off"),
        "{}",
        stdout(&output)
    );
    for wrong in ["{}\n", "", "no JSON\n", "{\"schema\": \"ringcheck.run/9\"}"] {
        fs::write(&recorded, wrong).unwrap();
        let output = run(&["report", recorded.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(stderr(&output).contains("line 1"), "{}", stderr(&output));
    }
}

#[test]
fn the_parts_of_a_run_are_joined_and_a_missing_one_is_told() {
    let folder = scratch("shards");
    let part = |number: u32| -> String {
        let file = folder.join(format!("{number}.jsonl")).display().to_string();
        let (shard, report) = (format!("{number}/2"), format!("jsonl={file}"));
        let arguments = [
            "run",
            "scenarios/05-refuse",
            "--target",
            "sim",
            "--shard",
            &shard,
        ];
        let output = run(&[&arguments[..], &["--report", &report]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        file
    };
    let (one, two) = (part(1), part(2));
    let all = run(&[
        "run",
        "scenarios/05-refuse",
        "--target",
        "sim",
        "--report",
        "json=-",
    ]);
    let joined = run(&["merge", &one, &two, "--report", "json=-"]);
    assert_eq!(joined.status.code(), Some(0), "{}", stderr(&joined));
    let names = |output: &std::process::Output| -> Vec<String> {
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let cases = json["scenarios"].as_array().unwrap();
        cases.iter().map(|case| case["name"].to_string()).collect()
    };
    assert_eq!(names(&joined), names(&all));
    let half = run(&["merge", &one]);
    assert_eq!(half.status.code(), Some(3), "{}", stderr(&half));
    assert!(stderr(&half).contains("2/2"), "{}", stderr(&half));
}

#[test]
fn coverage_stands_behind_no_report_on_standard_output() {
    let usual = [
        "run",
        "scenarios/05-refuse",
        "--target",
        "sim",
        "--coverage",
    ];
    let alone = run(&usual);
    assert!(
        stdout(&alone).contains("requirements "),
        "{}",
        stdout(&alone)
    );
    let output = run(&[&usual[..], &["--report", "json=-"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str::<Value>(&stdout(&output)).unwrap();
    assert!(
        stderr(&output).contains("not exercised: "),
        "{}",
        stderr(&output)
    );
    let output = run(&[&usual[..], &["--history", "-"]].concat());
    assert!(!stdout(&output).contains("not exercised: "));
}
