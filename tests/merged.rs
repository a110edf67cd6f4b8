//! `ringcheck merge` of floods: parts that machines made at the same time, as one.

use std::fs;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use serde_json::{Value, json};

use crate::support::{Running, run, scratch, stderr, stdout};

/// Two parts of a flood that make one, as files.
static PARTS: LazyLock<Parts> = LazyLock::new(parts);

/// A demand that neither part reaches, and one that both do.
const DEMANDS: [&str; 4] = ["--threshold", "rate>=45", "--threshold", "violations==0"];

struct Parts {
    files: [String; 2],
    reports: [Value; 2],
}

/// Both at the same time against one server, the second with half the rate.
fn parts() -> Parts {
    let (_server, url) = Running::server(&[]);
    let folder = scratch("merge-parts");
    let files = ["1.json", "2.json"].map(|file| folder.join(file).display().to_string());
    let mut floods: Vec<Running> = ["40", "20"]
        .iter()
        .zip(&files)
        .map(|(rate, file)| {
            let report = format!("json={file}");
            let flood = [
                "flood", "--target", &url, "--rate", rate, "--report", &report,
            ];
            let usual = [
                "--even",
                "--duration",
                "1s",
                "--pairs",
                "5",
                "--start-lag-max",
                "10s",
            ];
            Running::start(&[&flood[..], &usual, &DEMANDS].concat())
        })
        .collect();
    for flood in &mut floods {
        let code = flood.ends().code();
        assert_eq!(code, Some(1));
    }
    let reports = [0, 1].map(|at: usize| read(&files[at]));
    Parts { files, reports }
}

fn read(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

impl Parts {
    /// Joins the first with something that was made of the second: the exit code, the whole, and what was told.
    fn with(&self, name: &str, change: impl FnOnce(&mut Value)) -> (Option<i32>, Value, String) {
        let mut changed = self.reports[1].clone();
        change(&mut changed);
        let file = scratch(name).join("changed.json");
        fs::write(&file, changed.to_string()).unwrap();
        joined(&[&self.files[0], &file.display().to_string()])
    }
}

fn joined(files: &[&str]) -> (Option<i32>, Value, String) {
    let output = run(&[&["merge"][..], files].concat());
    let whole = serde_json::from_str(&stdout(&output)).unwrap_or(Value::Null);
    (output.status.code(), whole, stderr(&output))
}

fn histogram(report: &Value, leg: &str) -> Histogram<u64> {
    let bytes = STANDARD.decode(report["histograms"][leg].as_str().unwrap());
    let read = Deserializer::new().deserialize(&mut bytes.unwrap().as_slice());
    read.unwrap()
}

/// The sum over the parts of what stands there.
fn sum(parts: &Parts, value: impl Fn(&Value) -> &Value) -> u64 {
    let values = parts.reports.iter().map(|it| value(it).as_u64().unwrap());
    values.sum()
}

#[test]
fn parts_of_a_flood_are_one_flood_to_the_count() {
    let parts = &*PARTS;
    for report in &parts.reports {
        assert_eq!(report["thresholds"][0]["is_met"], false, "{report:#}");
    }
    let [one, two] = &parts.files;
    let (code, whole, told) = joined(&[one, two]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(whole["schema"], "ringcheck.flood/1");
    assert_eq!(whole["planned"], 60);
    for field in [
        "planned",
        "started",
        "succeeded",
        "violations",
        "in_time",
        "users",
    ] {
        assert_eq!(whole[field], sum(parts, |it| &it[field]), "{field}");
    }
    for leg in ["whole", "ring", "ringback", "answer"] {
        let mut both = histogram(&parts.reports[0], leg);
        both.add(histogram(&parts.reports[1], leg)).unwrap();
        assert_eq!(histogram(&whole, leg), both, "{leg}");
        let legs = &whole["latency_us"][leg];
        assert_eq!(legs["count"], both.len(), "{leg}");
        for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
            assert_eq!(legs[name], both.value_at_quantile(quantile), "{leg}");
        }
        assert_eq!(legs["max"], both.max(), "{leg}");
    }
    let started = |it: &Value| -> u64 {
        let seconds = it["seconds"].as_array().unwrap();
        seconds
            .iter()
            .map(|it| it["started"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(started(&whole), 60);
    assert_eq!(whole["seconds"][0]["second"], 0);
    assert_eq!(
        whole["seconds"][0]["started"],
        sum(parts, |it| &it["seconds"][0]["started"])
    );
    // Neither part reaches the demand, and both together do.
    assert_eq!(whole["thresholds"][0]["is_met"], true, "{told}");
    assert!(
        told.contains("joined: ") && told.contains("2.json: seed "),
        "{told}"
    );
    assert_eq!(whole["parts"].as_array().unwrap().len(), 2);
}

#[test]
fn what_was_joined_can_be_joined_again_and_has_a_page() {
    let (parts, folder) = (&*PARTS, scratch("merge-again"));
    let [one, two] = &parts.files;
    let all = folder.join("all.json").display().to_string();
    let page = folder.join("all.html").display().to_string();
    let reports = [format!("json={all}"), format!("html={page}")];
    let output = run(&[
        "merge",
        one,
        two,
        "--report",
        &reports[0],
        "--report",
        &reports[1],
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let page = fs::read_to_string(page).unwrap();
    for part in [
        "Joined from",
        "2 floods",
        "id=\"parts\"",
        "1.json",
        "2.json",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let mut third = parts.reports[1].clone();
    third["seed"] = json!(3);
    let file = folder.join("3.json").display().to_string();
    fs::write(&file, third.to_string()).unwrap();
    let (code, whole, told) = joined(&[&all, &file]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(whole["parts"].as_array().unwrap().len(), 3);
    assert_eq!(whole["planned"], 80);
    let text = run(&["report", one, two]);
    assert!(stdout(&text).contains("planned 60 ="), "{}", stdout(&text));
}

#[test]
fn the_whole_is_as_bad_as_its_worst_part() {
    let parts = &*PARTS;
    let with = |change: &dyn Fn(&mut Value)| parts.with("merge-worst", change);
    let (code, whole, told) = with(&|it| it["ended"] = json!("died"));
    assert_eq!((code, &whole["ended"]), (Some(4), &json!("died")), "{told}");
    let (code, whole, told) = with(&|it| it["ended"] = json!("kept_out"));
    assert_eq!(code, Some(3), "{told}");
    assert_eq!(whole["ended"], "interrupted");
    let (code, _, told) = with(&|it| it["violations"] = json!(1));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("missed: violations==0: 1"), "{told}");
    let (code, whole, told) = with(&|it| {
        it["generator"] =
            json!({ "valid": false, "invalid": "it was late", "start_lag_p99_us": 1, "cpu": 1.0 });
    });
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("changed.json`: it was late"), "{told}");
    assert_eq!(whole["generator"]["valid"], false);
    let (code, _, told) = with(&|it| it["succeeded"] = json!(19));
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("the account does not balance"), "{told}");
}

#[test]
fn what_cannot_be_one_flood_ends_with_2_and_names_the_file() {
    let (parts, folder) = (&*PARTS, scratch("merge-wrong"));
    let wrong = |why: &str, change: &dyn Fn(&mut Value)| {
        let (code, _, told) = parts.with("merge-changed", change);
        assert_eq!(code, Some(2), "{why}: {told}");
        assert!(
            told.contains(why) && told.contains("changed.json"),
            "{told}"
        );
        assert!(told.contains("hint: "), "{told}");
    };
    wrong("their thresholds are", &|it| it["thresholds"] = json!([]));
    wrong("their models are", &|it| it["model"] = json!("closed"));
    wrong("are `judged` and `not judged`", &|it| {
        it["judged"] = json!(false);
    });
    wrong(
        "expected the form `ringcheck.flood/1`, got `ringcheck.flood/2`",
        &|it| {
            it["schema"] = json!("ringcheck.flood/2");
        },
    );
    wrong("`histograms.whole`: expected 20 times, got 0", &|it| {
        it["histograms"] = json!({});
    });
    wrong("`histograms.ring`: it is cut off", &|it| {
        let text = it["histograms"]["ring"].as_str().unwrap();
        it["histograms"]["ring"] = json!(text[..80]);
    });
    wrong("`duration_s`", &|it| it["duration_s"] = json!(-1));
    wrong("`began`", &|it| it["began"] = json!("yesterday"));
    wrong("began at 2999", &|it| {
        it["began"] = json!("2999-01-01T00:00:00Z");
    });
    wrong("hold the same flood", &|it| *it = parts.reports[0].clone());
    let run_file = folder.join("run.json").display().to_string();
    let report = format!("json={run_file}");
    let played = run(&[
        "run",
        "scenarios/05-refuse/refuse.yaml",
        "--target",
        "sim",
        "--report",
        &report,
    ]);
    assert_eq!(played.status.code(), Some(0), "{}", stderr(&played));
    let kept = format!("junit={run_file}");
    let output = run(&["merge", &parts.files[0], &parts.files[1], "--report", &kept]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(
        read(&run_file)["schema"],
        "ringcheck.run/1",
        "it is as it was"
    );
    let (code, _, told) = joined(&[&run_file, &parts.files[0]]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("holds a run and"), "{told}");
}
