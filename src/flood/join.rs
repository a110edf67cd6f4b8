//! Several floods as one: those that machines made at the same time, because one alone could not make enough.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::histograms::{restore, texts};
use super::measure::Measures;
use super::outcome::{Ended, Latencies, Outcome, Second};
use super::report::{Generator, Joined, Report, Share, distributions};

/// Why floods cannot be one.
#[derive(Debug, thiserror::Error)]
pub enum NotJoined {
    /// There is none.
    #[error("no recorded flood was given")]
    Nothing,
    /// A report does not hold what it takes.
    #[error(
        "`{file}`, `{field}`: {reason}\nhint: give the files that `ringcheck flood --report json=FILE` of this version has written"
    )]
    Field {
        /// Its file.
        file: String,
        /// Where in it.
        field: String,
        /// What is wrong there.
        reason: String,
    },
    /// Two of them were made in different ways.
    #[error(
        "`{one}` and `{other}` are no parts of one flood: their {what} are `{this}` and `{that}`\nhint: start every part with the same {what}"
    )]
    Different {
        /// The one file.
        one: String,
        /// The other.
        other: String,
        /// In what they differ.
        what: &'static str,
        /// What the one has.
        this: String,
        /// What the other has.
        that: String,
    },
    /// One was over before another began, and their sum never was.
    #[error(
        "`{early}` was over before `{late}` began at {began}, and together they are no flood\nhint: start the parts at the same time, on machines whose clocks agree"
    )]
    Apart {
        /// The file of the one.
        early: String,
        /// The file of the other.
        late: String,
        /// When that began.
        began: String,
    },
    /// A flood was given twice, and its calls would count twice.
    #[error("`{one}` and `{other}` hold the same flood\nhint: give each part once")]
    Same {
        /// The one file.
        one: String,
        /// The other.
        other: String,
    },
}

/// Joins floods that were made at the same time, each with the name of its file: calls and histograms are added, seconds
/// by their number, and what is demanded of each is asked of the whole.
///
/// # Errors
/// [`NotJoined`] where a report is too old or broken, or two are no parts of one flood.
pub fn join(parts: &[(String, Report)]) -> Result<Report, NotJoined> {
    let [(_, first), ..] = parts else {
        return Err(NotJoined::Nothing);
    };
    are_parts(parts)?;
    overlap(parts)?;
    let mut outcome = Outcome {
        ended: ended(parts),
        seconds: seconds(parts),
        ..Outcome::kept_out()
    };
    for (file, part) in parts {
        outcome.measures.add(&measures(file, part)?);
        outcome.duration = outcome.duration.max(duration(file, part)?);
        outcome.began = outcome.began.min(began(file, part)?);
    }
    let reports = || parts.iter().map(|(_, part)| part);
    let measures = &outcome.measures;
    let demanded = first.thresholds.iter().map(|met| &met.threshold);
    Ok(Report {
        target: different(reports().map(|part| &part.target)),
        mix: different(reports().map(|part| &part.mix)),
        users: reports().fold(0, |sum, part| sum.saturating_add(part.users)),
        ended: outcome.ended,
        counts: measures.counts,
        violations: measures.violations,
        in_time: measures.in_time,
        rate: outcome.rate(),
        began: humantime::format_rfc3339_millis(outcome.began).to_string(),
        duration_s: outcome.duration.as_secs_f64(),
        latency_us: Latencies::of(measures),
        distribution_us: distributions(measures),
        histograms: texts(measures),
        generator: generator(parts, measures),
        log_ins_per_s: reports().map(|part| part.log_ins_per_s).sum(),
        coverage: coverage(parts),
        thresholds: demanded.map(|one| one.check(&outcome)).collect(),
        warm_up: measures.warm_up,
        findings: reports().flat_map(|part| part.findings.clone()).collect(),
        seconds: outcome.seconds,
        parts: parts.iter().flat_map(joined).collect(),
        ..first.clone()
    })
}

/// Something in which parts of one flood are the same.
type Way = fn(&Report) -> String;

/// Whether all were made in the same way, and each is there once.
fn are_parts(parts: &[(String, Report)]) -> Result<(), NotJoined> {
    let ways: [(&'static str, Way); 3] = [
        ("models", |part| part.model.clone()),
        ("judgements", |part| {
            if part.judged { "judged" } else { "not judged" }.to_owned()
        }),
        ("thresholds", thresholds),
    ];
    for (at, (other, that)) in parts.iter().enumerate() {
        for (one, this) in parts.iter().take(at) {
            for (what, way) in ways {
                if way(this) != way(that) {
                    return Err(NotJoined::Different {
                        one: one.clone(),
                        other: other.clone(),
                        what,
                        this: way(this),
                        that: way(that),
                    });
                }
            }
            let measured = |part: &Report| (part.seed, part.counts, part.histograms.clone());
            if this.counts.started > 0 && measured(this) == measured(that) {
                return Err(NotJoined::Same {
                    one: one.clone(),
                    other: other.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Whether all that began calls did so at the same time, at least for a while.
fn overlap(parts: &[(String, Report)]) -> Result<(), NotJoined> {
    let mut spans = Vec::new();
    for (file, part) in parts.iter().filter(|(_, part)| part.counts.started > 0) {
        let began = began(file, part)?;
        let ended = began.checked_add(duration(file, part)?);
        spans.push((file, part, began, ended));
    }
    let first_over = spans.iter().min_by_key(|(_, _, _, ended)| *ended);
    let last_begun = spans.iter().max_by_key(|(_, _, began, _)| *began);
    match (first_over, last_begun) {
        (Some((early, _, _, Some(ended))), Some((late, part, began, _))) if began > ended => {
            Err(NotJoined::Apart {
                early: (*early).clone(),
                late: (*late).clone(),
                began: part.began.clone(),
            })
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// What was demanded, in whatever order.
fn thresholds(part: &Report) -> String {
    let texts: BTreeSet<&str> = (part.thresholds.iter())
        .map(|met| met.threshold.text())
        .collect();
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// Everything that was measured, as it was before it became a report.
fn measures(file: &str, part: &Report) -> Result<Measures, NotJoined> {
    let wrong = |field: &str, reason: String| NotJoined::Field {
        file: file.to_owned(),
        field: field.to_owned(),
        reason,
    };
    let mut measures = Measures::new();
    measures.counts = part.counts;
    measures.warm_up = part.warm_up;
    measures.in_time = part.in_time;
    measures.violations = part.violations;
    restore(&part.histograms, &mut measures)
        .map_err(|(name, reason)| wrong(&format!("histograms.{name}"), reason))?;
    for (leg, all) in part.latency_us.iter() {
        let count = measures.leg(*leg).map_or(0, |micros| micros.len());
        if count != all.count {
            return Err(wrong(
                &format!("histograms.{}", leg.name()),
                format!("expected {} times, got {count}", all.count),
            ));
        }
    }
    Ok(measures)
}

fn began(file: &str, part: &Report) -> Result<SystemTime, NotJoined> {
    humantime::parse_rfc3339(&part.began).map_err(|error| NotJoined::Field {
        file: file.to_owned(),
        field: "began".to_owned(),
        reason: error.to_string(),
    })
}

fn duration(file: &str, part: &Report) -> Result<Duration, NotJoined> {
    Duration::try_from_secs_f64(part.duration_s).map_err(|error| NotJoined::Field {
        file: file.to_owned(),
        field: "duration_s".to_owned(),
        reason: error.to_string(),
    })
}

/// How the whole ended: as the part that ended worst. One that could not begin is missing from the whole, as the rest of
/// one that was told to end.
fn ended(parts: &[(String, Report)]) -> Ended {
    let is = |ended: Ended| move |part: &(String, Report)| part.1.ended == ended;
    if parts.iter().all(is(Ended::KeptOut)) {
        Ended::KeptOut
    } else if parts.iter().any(is(Ended::Died)) {
        Ended::Died
    } else if parts.iter().all(is(Ended::AsPlanned)) {
        Ended::AsPlanned
    } else {
        Ended::Interrupted
    }
}

fn seconds(parts: &[(String, Report)]) -> Vec<Second> {
    let mut seconds: BTreeMap<usize, Second> = BTreeMap::new();
    for second in parts.iter().flat_map(|(_, part)| &part.seconds) {
        let place = seconds.entry(second.second);
        place
            .or_insert_with(|| Second::new(second.second))
            .add(second);
    }
    seconds.into_values().collect()
}

/// The whole says something about the target only if every part does.
fn generator(parts: &[(String, Report)], measures: &Measures) -> Generator {
    let invalid: Vec<String> = parts
        .iter()
        .filter_map(|(file, part)| {
            let own = &part.generator;
            let why = if !part.counts.balance() || !part.warm_up.balance() {
                "the account does not balance"
            } else if !own.valid {
                own.invalid.as_deref().unwrap_or("it says so")
            } else {
                return None;
            };
            Some(format!("`{file}`: {why}"))
        })
        .collect();
    let own = || parts.iter().map(|(_, part)| &part.generator);
    Generator {
        valid: invalid.is_empty(),
        invalid: (!invalid.is_empty()).then(|| invalid.join("\n")),
        start_lag_p99_us: measures.start_lag.value_at_quantile(0.99),
        start_lag_max_us: own().map(|own| own.start_lag_max_us).max().unwrap_or(0),
        cpu: own().map(|own| own.cpu).fold(0.0, f64::max),
    }
}

/// What any of them reached.
fn coverage(parts: &[(String, Report)]) -> BTreeMap<String, Share> {
    let mut all: BTreeMap<String, Share> = BTreeMap::new();
    for (kind, share) in parts.iter().flat_map(|(_, part)| &part.coverage) {
        let whole = all.entry(kind.clone()).or_default();
        whole.of = whole.of.max(share.of);
        whole.names.extend(share.names.iter().cloned());
        whole.reached = whole.names.len();
    }
    all
}

/// A part as it is told of, or the parts that it was joined from itself.
fn joined((file, part): &(String, Report)) -> Vec<Joined> {
    if !part.parts.is_empty() {
        return part.parts.clone();
    }
    vec![Joined {
        file: file.clone(),
        target: part.target.clone(),
        seed: part.seed,
        users: part.users,
        rate: part.rate,
        ended: part.ended,
        valid: part.generator.valid,
    }]
}

/// What differs, once each.
fn different<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts {
        if !seen.contains(&&**text) {
            seen.push(text);
        }
    }
    seen.join("; ")
}
