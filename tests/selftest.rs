//! Proof that the judge and the library cannot be fooled.

use std::path::PathBuf;
use std::sync::Arc;

use ringcheck::scenario::{find, load, read_file};
use ringcheck::selftest::faults::{Fault, score};

#[test]
fn every_fault_is_killed_by_the_right_rule() {
    let files = find(&[PathBuf::from("scenarios")]).unwrap();
    let scenarios: Vec<_> = files
        .iter()
        .map(|file| Arc::new(load(file, &read_file(file).unwrap()).unwrap()))
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scores = runtime
        .block_on(score(Fault::ALL, &scenarios, |_| {}))
        .unwrap();
    for score in scores.iter().filter(|score| !score.right) {
        eprintln!(
            "{} {} {:?} {:#?}",
            score.fault.name(),
            score.fault.requirement(),
            score.rules,
            score.examples
        );
    }
    assert!(scores.iter().all(|score| score.right));
}
