//! What a flood writes beside its report, and what it reads to compare with.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

use base64::Engine;

use super::{flood, number};
use crate::support::{Running, scratch};

/// The lines of one leg of an HDR log, added up.
fn added_up(log: &[u8], leg: &str) -> Histogram<u64> {
    let mut all: Histogram<u64> = Histogram::new_with_bounds(1, 3_600_000_000, 3).unwrap();
    for entry in IntervalLogIterator::new(log) {
        let LogEntry::Interval(line) = entry.unwrap() else {
            continue;
        };
        if line.tag().unwrap().as_str() == leg {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(line.encoded_histogram())
                .unwrap();
            let one = Deserializer::new().deserialize(&mut bytes.as_slice());
            all.add(one.unwrap()).unwrap();
        }
    }
    all
}

#[test]
fn histograms_and_times_are_written_and_add_up_to_the_report() {
    let (_server, url) = Running::server(&[]);
    let folder = scratch("flood-files-written");
    let [hdr, times] = ["flood.hlog", "times.csv"].map(|name| folder.join(name));
    let arguments = [
        "--target",
        &url,
        "--rate",
        "50",
        "--even",
        "--duration",
        "2s",
        "--hdr",
        &hdr.display().to_string(),
        "--times",
        &times.display().to_string(),
    ];
    let (code, report, told) = flood("flood-files", &arguments);
    assert_eq!(code, Some(0), "{told}");
    let log = std::fs::read(hdr).unwrap();
    for leg in ["whole", "ring", "ringback", "answer"] {
        let all = added_up(&log, leg);
        let legs = &report["latency_us"][leg];
        assert_eq!(Some(all.len()), legs["count"].as_u64(), "{leg}");
        let p99 = all.value_at_quantile(0.99);
        assert_eq!(Some(p99), legs["p99"].as_u64(), "{leg}");
    }
    let times = std::fs::read_to_string(times).unwrap();
    let mut lines = times.lines();
    assert_eq!(
        lines.next(),
        Some("number,course,came,intended_us,started_us,ended_us")
    );
    let mut calls = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[1..3], ["accept", "succeeded"], "{line}");
        let [intended, started, ended] =
            [3, 4, 5].map(|place: usize| fields[place].parse::<u64>().unwrap());
        assert!(intended <= started && started <= ended, "{line}");
        calls += 1;
    }
    assert_eq!(calls, number(&report, "planned"));
    let reached = report["coverage"]["transitions"]["reached"].as_u64();
    assert!(reached > Some(4), "{report:#}");
    assert!(told.contains(" transitions\n"), "{told}");
}

#[test]
fn what_is_worse_than_the_baseline_ends_a_flood_with_1() {
    let (_server, url) = Running::server(&[]);
    let baseline = scratch("flood-baseline").join("baseline.json");
    let path = baseline.display().to_string();
    let compare = |name: &str, rate: f64| {
        let report = format!(r#"{{"schema":"ringcheck.flood/1","rate":{rate}}}"#);
        std::fs::write(&baseline, report).unwrap();
        let arguments = [
            "--target",
            &url,
            "--rate",
            "40",
            "--even",
            "--duration",
            "1s",
            "--baseline",
            &path,
            "--max-regression",
            "50%",
        ];
        let (code, _, told) = flood(name, &arguments);
        (code, told)
    };
    let (code, told) = compare("flood-baseline-met", 50.0);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = compare("flood-baseline-missed", 400.0);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("worse than the baseline: ") && told.contains("were 400"),
        "{told}"
    );
    let (code, told) = {
        std::fs::write(&baseline, "{}").unwrap();
        let arguments = ["--target", &url, "--rate", "1", "--baseline", &path];
        let (code, _, told) = flood("flood-baseline-none", &arguments);
        (code, told)
    };
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("hint: a file that"), "{told}");
}
