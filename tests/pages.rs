//! The page of a flood, and its other forms from the recording.

use std::fs;

use serde_json::Value;

use crate::support::{Running, beside_another, run, scratch, stderr, stdout};

#[test]
fn a_flood_is_a_page_a_text_and_a_recording_that_gives_both_again() {
    let _seat = beside_another();
    let folder = scratch("flood-page");
    let (_server, url) = Running::server(&[]);
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (json, html) = (path("flood.json"), path("flood.html"));
    let output = run(&[
        "flood",
        "--target",
        &url,
        "--rate",
        "100",
        "--duration",
        "2s",
        "--pairs",
        "10",
        "--mix",
        "accept=8,refuse=1,cancel=1",
        "--threshold",
        "violations==0",
        "--threshold",
        "p99(answer)<0ms",
        "--start-lag-max",
        "10s",
        "--report",
        &format!("json={json}"),
        "--report",
        &format!("html={html}"),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let page = fs::read_to_string(&html).unwrap();
    let again = run(&["report", &json, "--report", "html=-"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(stdout(&again), page, "the recording has everything");
    let text = stdout(&run(&["report", &json]));
    assert!(stderr(&output).ends_with(&text), "{text}");

    for part in [
        "<h1>1 demand missed</h1>",
        "p99(answer)&lt;0ms",
        "violations==0",
        "99 %",
        "Calls a second",
        "Errors a second",
        "Begun late (p99)",
        "planned = ",
        "Every second in words",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
    // One for each leg, and those over time.
    assert!(page.matches("<polyline").count() >= 5 + 9, "{page}");
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    for outside in ["http://", "https://", "src=", "<link rel=\"stylesheet\""] {
        assert!(
            !page.contains(outside),
            "{outside}: it needs nothing but itself"
        );
    }

    let recorded: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let schema: Value = serde_json::from_str(&stdout(&run(&["schema", "flood"]))).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    schema.validate(&recorded).unwrap();
    let points = recorded["distribution_us"]["answer"].as_array().unwrap();
    let micros: Vec<u64> = points.iter().map(|it| it[1].as_u64().unwrap()).collect();
    assert!(micros.is_sorted() && micros.len() > 5, "{micros:?}");
    assert_eq!(
        micros.last(),
        recorded["latency_us"]["answer"]["max"].as_u64().as_ref()
    );
}

#[test]
fn a_flood_has_its_own_forms() {
    let junit = run(&[
        "flood",
        "--target",
        "ws://127.0.0.1:9",
        "--rate",
        "1",
        "--report",
        "junit=x",
    ]);
    assert_eq!(junit.status.code(), Some(2), "{}", stderr(&junit));
    let told = "a flood has no report of the format `junit`; there are `json`, `html`, `text`";
    assert!(stderr(&junit).contains(told), "{}", stderr(&junit));
}
