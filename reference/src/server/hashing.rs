//! Names that outsiders choose spread in the tables, whatever they were chosen by.

use std::collections::HashMap;
use std::fs;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::exchange::Exchange;
use crate::limits::Limits;

const NAMES: usize = 256;
const BUCKETS: u64 = 512;

/// Good ids that all fall into one of [`BUCKETS`] where the seed is known.
fn chosen() -> Vec<Arc<str>> {
    let known = FixedState::default();
    let ids = (0_u32..).map(|number| Arc::from(format!("i-{number}")));
    ids.filter(|id: &Arc<str>| known.hash_one(id) % BUCKETS == 0)
        .take(NAMES)
        .collect()
}

/// How many of the names are in the fullest bucket.
fn fullest(names: &[Arc<str>], hasher: &impl BuildHasher) -> usize {
    let mut buckets: HashMap<u64, usize> = HashMap::new();
    for name in names {
        *buckets.entry(hasher.hash_one(name) % BUCKETS).or_default() += 1;
    }
    buckets.into_values().max().unwrap_or(0)
}

#[test]
fn names_that_collide_under_a_known_seed_spread_in_the_tables() {
    let names = chosen();
    assert_eq!(fullest(&names, &FixedState::default()), NAMES);
    let [one, other] = [(); 2].map(|()| Exchange::new(Limits::default()));
    for exchange in [&one, &other] {
        // By chance alone a dozen in one bucket are not seen once in a thousand million runs.
        assert!(fullest(&names, exchange.invitation_of.hasher()) < 12);
        assert!(fullest(&names, exchange.party_of.hasher()) < 12);
    }
    let [here, there] = [&one, &other].map(|it| it.invitation_of.hasher().hash_one(&names[0]));
    assert_ne!(
        here, there,
        "what is learnt of one table is of no use for another"
    );
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_table_names_a_hasher_of_its_own() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&reference.join("src"), &mut files);
    sources(&reference.join("../src"), &mut files);
    assert!(files.len() > 200, "{}", files.len());
    files.retain(|file| !file.ends_with("server/hashing.rs"));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for hasher in [
            "FixedState",
            "SeedableRandomState",
            "BuildHasherDefault",
            "with_hasher",
        ] {
            assert!(!text.contains(hasher), "{}: {hasher}", file.display());
        }
    }
}
