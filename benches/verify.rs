//! How fast `ringcheck verify` judges, and in how much memory: `cargo bench --bench verify -- [EVENTS] [OPEN]`.
//!
//! Writes a history of accepted calls, OPEN of them ringing at any time, into a temporary file, and judges it on one
//! thread. Prints events per second of that thread's time on a core for reading alone and for reading and judging, and the
//! most memory that it took.

#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write};
use std::time::Duration;

use ringcheck::history::file::{Item, Reader};
use ringcheck::report::checked::Checked;
use ringcheck::verify::section_by_section;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut number = |default: u64| {
        arguments
            .next()
            .map_or(default, |word| word.parse().unwrap())
    };
    let (events, open) = (number(10_000_000), number(1_000));
    let path = std::env::temp_dir().join("ringcheck-bench-verify.jsonl");
    let written = generate(
        &mut BufWriter::new(File::create(&path).unwrap()),
        events,
        open,
    );
    let input = || BufReader::with_capacity(1 << 20, File::open(&path).unwrap());
    println!(
        "{written} events, {open} invitations open at a time, {} bytes",
        path.metadata().unwrap().len()
    );

    let began = on_core();
    let mut reader = Reader::new(input());
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Event(event) = item {
            black_box(event);
        }
    }
    tell("read", written, began);

    let began = on_core();
    let mut checked = Checked::new();
    section_by_section("bench", input(), 0, &mut checked).unwrap();
    tell("read and judged", written, began);
    let found: usize = checked
        .sections
        .iter()
        .map(|section| section.findings.len())
        .sum();
    println!("{found} findings, {} kB of memory at most", peak_kb());
    std::fs::remove_file(&path).unwrap();
}

/// How long this thread has been on a core: what other programs take away does not count.
fn on_core() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

fn tell(what: &str, events: u64, began: Duration) {
    let seconds = (on_core() - began).as_secs_f64();
    println!(
        "{what}: {:.0} events/s ({seconds:.2} s)",
        events as f64 / seconds
    );
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// Writes about so many events: calls between as many pairs as are open, each answered when all have been sent. How many
/// it became.
fn generate(out: &mut impl Write, events: u64, open: u64) -> u64 {
    writeln!(out, r#"{{"ringcheck":"history/1","order":"causal"}}"#).unwrap();
    let (mut written, mut us) = (0, 0);
    let mut line = |user: String, rest: String| {
        us += 100;
        writeln!(
            out,
            r#"{{"seq":{written},"at_us":{us},"user":"{user}","session":1,{rest}}}"#
        )
        .unwrap();
        written += 1;
        written
    };
    for pair in 0..open {
        for side in ["caller", "callee"] {
            line(
                format!("{side}-{pair}"),
                r#""connection":"Connected","reason":"LoginSuccess""#.to_owned(),
            );
        }
    }
    let mut round = 0;
    loop {
        let mut count = 0;
        for pair in 0..open {
            let (id, caller, callee) = (
                format!("{pair:016x}-{round}"),
                format!("caller-{pair}"),
                format!("callee-{pair}"),
            );
            let texts = r#""content":"Shall we?","channel":"room-7""#;
            for call in ["create", "send"] {
                line(
                    caller.clone(),
                    format!(r#""call":"{call}","invitation":"{id}","peer":"{callee}",{texts}"#),
                );
                line(
                    caller.clone(),
                    format!(r#""result":"{call}","invitation":"{id}","code":0"#),
                );
            }
            line(
                callee,
                format!(
                    r#""callback":"remoteInvitationReceived","invitation":"{id}","peer":"{caller}",{texts},"state":1"#
                ),
            );
            line(
                caller,
                format!(
                    r#""callback":"localInvitationReceivedByPeer","invitation":"{id}","state":2"#
                ),
            );
        }
        for pair in 0..open {
            let (id, caller, callee) = (
                format!("{pair:016x}-{round}"),
                format!("caller-{pair}"),
                format!("callee-{pair}"),
            );
            line(
                callee.clone(),
                format!(r#""call":"accept","invitation":"{id}","response":"On my way""#),
            );
            line(
                callee.clone(),
                format!(r#""result":"accept","invitation":"{id}","code":0"#),
            );
            line(
                caller,
                format!(
                    r#""callback":"localInvitationAccepted","invitation":"{id}","response":"On my way","state":3"#
                ),
            );
            count = line(
                callee,
                format!(r#""callback":"remoteInvitationAccepted","invitation":"{id}","state":4"#),
            );
        }
        round += 1;
        if count >= events {
            break;
        }
    }
    let end = us + 1_000_000;
    writeln!(out, r#"{{"end_us":{end},"events":{written}}}"#).unwrap();
    written
}
