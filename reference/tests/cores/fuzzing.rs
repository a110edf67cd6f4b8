//! Fuzzing that runs as an ordinary test for a moment, and for as long as `RINGCHECK_FUZZ_SECONDS` says.

use std::fmt::{self, Debug};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseResult, TestError, TestRunner};

/// For how many seconds each target runs; where it is not set, so many cases run as the target says.
const SECONDS: &str = "RINGCHECK_FUZZ_SECONDS";

/// Gives `check` what `strategy` makes: `cases` times, or for the time that is asked for. The first failure is shrunk
/// and told.
#[expect(clippy::print_stderr, reason = "a long run tells how much it did")]
pub(crate) fn fuzz<S: Strategy>(
    target: &str,
    cases: u32,
    strategy: &S,
    check: impl Fn(S::Value) -> TestCaseResult,
) where
    S::Value: Debug,
{
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let seconds = std::env::var(SECONDS).ok();
    let seconds = seconds.map(|text| {
        let seconds = text.parse::<u64>();
        seconds.unwrap_or_else(|_| panic!("`{SECONDS}` is a number of seconds; got `{text}`"))
    });
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds.unwrap_or(0));
    let mut executions = 0_u64;
    loop {
        // A runner that has had its cases takes no more.
        match TestRunner::new(config.clone()).run(strategy, &check) {
            Ok(()) => {}
            Err(TestError::Fail(why, input)) => panic!("{target}: {why}\ninput: {input:?}"),
            Err(TestError::Abort(why)) => panic!("{target}: {why}"),
        }
        executions += u64::from(cases);
        if Instant::now() >= until {
            break;
        }
    }
    if seconds.is_some() {
        eprintln!("{target}: {executions} executions in {:?}", began.elapsed());
    }
}

/// An input, told as it can be written in a test.
#[derive(Clone)]
pub(crate) struct Input(pub(crate) Vec<u8>);

impl Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// What is done to an input.
#[derive(Debug, Clone)]
enum Edit {
    /// Bytes are replaced by others.
    Replace(Index, usize, Vec<u8>),
    /// Bytes are replaced by a word that means something there.
    Word(Index, usize, Index),
    /// A bit is turned.
    Turn(Index, u8),
    /// A part is said again, so many times.
    Repeat(Index, usize, usize),
    /// A part is moved elsewhere.
    Move(Index, usize, Index),
    /// A line is moved elsewhere, or said there again.
    Line(Index, Index, bool),
    /// What follows is another input's end.
    Splice(Index, Index, Index),
    /// The input ends here.
    Cut(Index),
}

/// The largest input that comes out of edits.
const INPUT_BYTES_MAX: usize = 128 * 1024;

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let few = || prop_oneof![8 => 0..16_usize, 1 => 0..400_usize];
    prop_oneof![
        4 => (at(), few(), prop::collection::vec(any::<u8>(), 0..6))
            .prop_map(|(at, length, bytes)| Edit::Replace(at, length, bytes)),
        6 => (at(), few(), at()).prop_map(|(at, length, word)| Edit::Word(at, length, word)),
        2 => (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Turn(at, bit)),
        2 => (at(), few(), prop_oneof![8 => 1..4_usize, 1 => 1..300_usize])
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        2 => (at(), few(), at()).prop_map(|(at, length, to)| Edit::Move(at, length, to)),
        3 => (at(), at(), any::<bool>()).prop_map(|(at, to, again)| Edit::Line(at, to, again)),
        2 => (at(), at(), at()).prop_map(|(at, other, from)| Edit::Splice(at, other, from)),
        1 => at().prop_map(Edit::Cut),
    ]
}

/// Inputs near those of `corpus`, which must not be empty: some of them as they are, most with a few edits, which like to
/// use the words.
pub(crate) fn near(corpus: Vec<Vec<u8>>, words: &[&str]) -> impl Strategy<Value = Input> {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    (any::<Index>(), prop::collection::vec(edit(), 0..6)).prop_map(move |(which, edits)| {
        let mut input = which.get(&corpus).clone();
        for edit in edits {
            apply(edit, &mut input, &corpus, &words);
            input.truncate(INPUT_BYTES_MAX);
        }
        Input(input)
    })
}

fn apply(edit: Edit, input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[Vec<u8>]) {
    let place = |at: Index, input: &[u8]| at.index(input.len() + 1);
    let part = |at: usize, length: usize, input: &[u8]| at..(at + length).min(input.len());
    match edit {
        Edit::Replace(at, length, bytes) => {
            let range = part(place(at, input), length, input);
            input.splice(range, bytes);
        }
        Edit::Word(at, length, word) => {
            let range = part(place(at, input), length, input);
            input.splice(range, word.get(words).iter().copied());
        }
        Edit::Turn(at, bit) => {
            let at = place(at, input);
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        Edit::Repeat(at, length, times) => {
            let range = part(place(at, input), length, input);
            let again = input[range.clone()].repeat(times);
            input.splice(range.end..range.end, again);
        }
        Edit::Move(at, length, to) => {
            let range = part(place(at, input), length, input);
            let moved: Vec<u8> = input.drain(range).collect();
            let to = place(to, input);
            input.splice(to..to, moved);
        }
        Edit::Line(at, to, again) => {
            let mut lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                let at = at.index(lines.len());
                let line = if again { lines[at] } else { lines.remove(at) };
                lines.insert(to.index(lines.len() + 1), line);
                *input = lines.concat();
            }
        }
        Edit::Splice(at, other, from) => {
            let other = other.get(corpus);
            input.truncate(place(at, input));
            input.extend_from_slice(&other[place(from, other)..]);
        }
        Edit::Cut(at) => input.truncate(place(at, input)),
    }
}
