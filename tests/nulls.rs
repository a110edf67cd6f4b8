//! Servers that do next to nothing: no scenario may pass on them.

use std::path::PathBuf;
use std::sync::Arc;

use ringcheck::scenario::{find, load, read_file};
use ringcheck::selftest::nulls::{Null, score};

#[test]
fn nothing_passes_on_a_server_that_does_next_to_nothing() {
    let files = find(&[PathBuf::from("scenarios")]).unwrap();
    let scenarios: Vec<_> = files
        .iter()
        .map(|file| Arc::new(load(file, &read_file(file).unwrap()).unwrap()))
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scores = runtime.block_on(score(&scenarios)).unwrap();
    assert_eq!(scores.len(), Null::ALL.len());
    for score in scores {
        assert_eq!(score.scenarios, scenarios.len(), "{:?}", score.null);
        assert_eq!(score.passed, Vec::<String>::new(), "{:?}", score.null);
    }
}
