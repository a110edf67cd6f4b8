//! Ways into a target, and what happens to connections: TLS and tokens, source addresses, ramps, storms, and closed doors.

use super::{balances, flood, number};
use crate::support::{Running, run, scratch, stderr};

#[test]
fn a_target_with_tls_and_tokens_is_flooded_and_keeps_out_whoever_has_none() {
    let folder = scratch("flood-tls-keys");
    let [cert, key, keys] =
        ["cert.pem", "key.pem", "keys.json"].map(|name| folder.join(name).display().to_string());
    for arguments in [
        &["cert", "--cert", &cert, "--key", &key][..],
        &["token", "keygen", "--out", &keys],
    ] {
        let output = run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let (_server, url) =
        Running::server(&["--tls-cert", &cert, "--tls-key", &key, "--auth-keys", &keys]);
    let arguments = [
        "--target",
        &url,
        "--tls-ca",
        &cert,
        "--rate",
        "50",
        "--duration",
        "1s",
        "--pairs",
        "5",
    ];
    let with_token = [&arguments[..], &["--token-key", &keys]].concat();
    let (code, report, told) = flood("flood-tls", &with_token);
    assert_eq!(code, Some(0), "{told}");
    balances(&report);
    assert!(number(&report, "succeeded") > 10, "{report:#}");
    let (code, report, told) = flood("flood-tls-kept-out", &arguments);
    assert_eq!(code, Some(4), "{told}");
    balances(&report);
    assert_eq!(report["ended"], "kept_out");
    assert_eq!(number(&report, "planned"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn connections_come_from_the_addresses_that_are_named() {
    let (_server, url) = Running::server(&["--connections-per-address", "4"]);
    let arguments = [
        "--target",
        &url,
        "--rate",
        "20",
        "--duration",
        "500ms",
        "--pairs",
        "5",
    ];
    let (code, _, told) = flood("flood-one-source", &arguments);
    assert_eq!(code, Some(4), "{told}");
    let more = [&arguments[..], &["--source", "127.0.0.2..127.0.0.6"]].concat();
    let (code, _, told) = flood("flood-sources", &more);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn log_ins_keep_their_pace_and_calls_outlive_a_storm() {
    let (_server, url) = Running::server(&[]);
    let arguments = [
        "--target",
        &url,
        "--rate",
        "50",
        "--even",
        "--duration",
        "1s",
        "--pairs",
        "10",
        "--logins-per-second",
        "40",
        "--storm",
        "300ms=50%",
        "--storm",
        "600ms=100%",
    ];
    let (code, report, told) = flood("flood-storm", &arguments);
    assert_eq!(code, Some(0), "{told}");
    balances(&report);
    assert_eq!(number(&report, "succeeded"), 50);
    let rate = report["log_ins_per_s"].as_f64().unwrap();
    // Unpaced they come by the hundred; the first of so few may start late.
    assert!(rate < 60.0, "{rate} log-ins a second");
}

#[test]
fn the_highest_rate_is_searched_and_reported() {
    let (_server, url) = Running::server(&[]);
    let search = |name: &str, threshold: &str| {
        let arguments = [
            "--target",
            &url,
            "--search",
            "20..40",
            "--duration",
            "300ms",
            "--threshold",
            threshold,
        ];
        flood(name, &arguments)
    };
    let (code, report, told) = search("flood-search", "violations==0");
    assert_eq!(code, Some(0), "{told}");
    assert!(number(&report, "succeeded") > 0);
    assert!(told.contains("40 calls/s, again: met"), "{told}");
    let (code, _, told) = search("flood-search-none", "p50(whole)<1us");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("no rate of the range"), "{told}");
}

#[test]
fn the_floor_of_the_machine_needs_no_target() {
    let (code, report, told) = flood("flood-floor", &["--calibrate", "--duration", "500ms"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(number(&report, "succeeded"), 100);
    assert!(told.contains("this is the floor of this machine"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_has_too_little_of_is_told_before_anything_begins() {
    let output = run(&[
        "flood",
        "--target",
        "ws://127.0.0.1:1",
        "--users",
        "2000000",
        "--rate",
        "1",
    ]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let told = stderr(&output);
    assert!(
        told.contains("open files") && told.contains("--source 127.0.0.2.."),
        "{told}"
    );
}

#[test]
fn a_profile_names_scenarios_as_flows() {
    let (_server, url) = Running::server(&[]);
    let folder = scratch("flood-profile-files");
    let path = folder.join("profile.yaml");
    let profile = path.display().to_string();
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let text = format!(
        "target: {url}\nrate: 100\nduration: 1s\nseed: 3\npairs: 5\nthreshold: ['violations==0']\nflows:\n  \
         - {{ scenario: {scenarios}/04-accept/accept.yaml, weight: 70 }}\n  \
         - {{ scenario: {scenarios}/05-refuse/refuse.yaml, weight: 30 }}\n"
    );
    std::fs::write(&path, &text).unwrap();
    let (code, report, told) = flood("flood-profile", &[&profile]);
    assert_eq!(code, Some(0), "{told}");
    balances(&report);
    for leg in ["answer", "refuse"] {
        let count = report["latency_us"][leg]["count"].as_u64();
        assert!(count > Some(10), "{leg}: {report:#}");
    }
    for (change, with, why) in [
        ("rate: 100", "rte: 100", "unknown field `rte`"),
        ("duration: 1s", "duration: soon", "write it as"),
        ("weight: 70", "weight: 9999999999", "line 8"),
        (
            "05-refuse/refuse",
            "09-agreement/accept-crosses-refuse",
            "cannot",
        ),
    ] {
        std::fs::write(&path, text.replace(change, with)).unwrap();
        let output = run(&["flood", &profile]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{with}: {told}");
        assert!(told.contains(why), "{with}: {told}");
    }
}
