//! The library in simulated time: all of it, at once, and the same every time.

use std::fs;

use crate::support::{run, scratch, stderr};

#[test]
fn the_library_passes_in_simulated_time_with_the_full_limits() {
    let output = run(&["run", "--target", "sim", "--seed", "1"]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("expiry 60s"), "{told}");
    assert!(told.contains("left out"), "{told}");
}

#[test]
fn what_needs_a_real_socket_is_never_green_in_simulation() {
    let output = run(&[
        "run",
        "scenarios/12-wire",
        "--only",
        "malformed",
        "--target",
        "sim",
    ]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("scenarios/12-wire/"), "{told}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = scratch("simulated");
    let history = |name: &str, seed: &str| {
        let file = folder.join(name);
        let path = file.to_str().unwrap();
        let output = run(&["run", "--target", "sim", "--seed", seed, "--history", path]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::read(file).unwrap()
    };
    let (first, second) = (history("first", "7"), history("second", "7"));
    assert!(first.len() > 100_000);
    assert!(first == second, "two runs of one seed differ");
    assert!(first != history("third", "8"));
}

#[test]
fn a_scenario_comes_to_the_same_alone_and_in_company() {
    let folder = scratch("simulated-alone");
    let history = |name: &str, what: &str| {
        let file = folder.join(name);
        let path = file.to_str().unwrap();
        let output = run(&[
            "run",
            what,
            "--target",
            "sim",
            "--seed",
            "7",
            "--history",
            path,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::read_to_string(file).unwrap()
    };
    let alone = history(
        "alone",
        "scenarios/09-agreement/three-crossings-at-once.yaml",
    );
    assert!(history("company", "scenarios/09-agreement").contains(&alone));
}

#[test]
fn the_simulation_has_clocks_of_its_own() {
    let output = run(&["run", "--target", "sim", "--timer-scale", "0.1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("hint:"));
}
