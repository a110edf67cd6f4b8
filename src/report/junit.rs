//! JUnit's XML, as CI servers read it.

use std::fmt::Write as _;

use std::time::Duration;

use chrono::DateTime;
use quick_junit::{
    NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::Summary;
use super::events::Case;
use super::terminal::failure;
use crate::runner::Verdict;

/// A suite a folder, a case a scenario: its class is its file, its name its promise, and neither changes from run to run.
///
/// A scenario that failed is a failure. One that could not be judged is an error, so that it never looks green; a known
/// failure is skipped with its reason. One that was played again says what came of the first time.
///
/// # Errors
/// None is known.
pub(super) fn junit(summary: &Summary) -> Result<String, SerializeError> {
    let mut report = Report::new("ringcheck");
    report.set_time(Duration::from_millis(summary.duration_ms));
    let began = DateTime::parse_from_rfc3339(&summary.started).ok();
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &summary.scenarios {
        let folder = case.file.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let known = suites
            .iter()
            .position(|suite| suite.name.as_str() == folder);
        let place = known.unwrap_or_else(|| {
            let mut suite = TestSuite::new(folder);
            suite.add_property(("target", summary.target.as_str()));
            suite.add_property(("seed", summary.seed.to_string().as_str()));
            suite.add_property(("ringcheck", summary.ringcheck.as_str()));
            if let Some(began) = began {
                suite.set_timestamp(began);
            }
            suites.push(suite);
            suites.len() - 1
        });
        if let Some(suite) = suites.get_mut(place) {
            suite.add_test_case(test_case(case));
        }
    }
    if let Some(stopped) = &summary.stopped {
        // Whoever looks at the file alone must see that it is not whole.
        suites.push(not_whole(stopped));
    }
    for suite in &mut suites {
        let times = suite.test_cases.iter().filter_map(|case| case.time);
        let total = times.sum();
        suite.set_time(total);
    }
    report.add_test_suites(suites);
    report.to_string().map(|text| as_validated(&text))
}

/// The schema by which Jenkins takes or leaves a file counts what was skipped in each suite, and knows no sum of it; the writer
/// gives one.
fn as_validated(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<testsuites ") else {
        return text.to_owned();
    };
    let (root, rest) = rest.split_once('>').unwrap_or((rest, ""));
    let attributes: Vec<&str> = (root.split_inclusive('"').collect::<Vec<&str>>().chunks(2))
        .filter(|pair| {
            !pair
                .first()
                .is_some_and(|name| name.trim().starts_with("skipped="))
        })
        .flatten()
        .copied()
        .collect();
    format!("{before}<testsuites {}>{rest}", attributes.concat())
}

fn test_case(case: &Case) -> TestCase {
    let mut test = TestCase::new(case.name.as_str(), status(case));
    let class = case.file.strip_suffix(".yaml").unwrap_or(&case.file);
    test.set_classname(class);
    test.set_time(Duration::from_millis(case.duration_ms));
    if case.verdict != Verdict::Passed {
        test.set_system_out(failure(case, false));
    }
    test
}

fn status(case: &Case) -> TestCaseStatus {
    let first = case.violations.first();
    let message = match (&case.known, first) {
        (Some(known), _) => known.reason.as_str(),
        (None, first) => first.map_or("", |violation| violation.message.as_str()),
    };
    let rule = first.map_or("", |violation| violation.rule.as_str());
    let mut status = match case.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Known => TestCaseStatus::skipped(),
        Verdict::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Inconclusive | Verdict::Error => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    if case.verdict != Verdict::Passed {
        status.set_message(message);
    }
    if matches!(
        case.verdict,
        Verdict::Failed | Verdict::Inconclusive | Verdict::Error
    ) {
        status.set_type(format!("{}.{rule}", case.verdict.word()));
        status.set_description(reasons(case));
    }
    if let Some(late) = case.again_after_late_ms
        && case.verdict != Verdict::Known
    {
        let mut rerun = TestRerun::new(NonSuccessKind::Error);
        rerun.set_type("inconclusive.runner");
        rerun.set_message(format!("the runner itself was {late} ms late"));
        status.add_rerun(rerun);
    }
    status
}

/// Where it failed, and everything that was wrong, a line each. The whole of it is in the output of the case.
fn reasons(case: &Case) -> String {
    let place = case.place();
    let at = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
    let mut text = format!("{}{at}\n", case.file);
    for violation in &case.violations {
        let of = [violation.rule.as_str(), violation.requirement.as_str()];
        let of: Vec<&str> = of.into_iter().filter(|it| !it.is_empty()).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} ({})", violation.message, of.join(", "));
    }
    text
}

/// A case that stands for those that were not played.
fn not_whole(stopped: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(stopped);
    status.set_type("error.run");
    let mut suite = TestSuite::new("run");
    suite.add_test_case(TestCase::new("every scenario is played", status));
    suite
}
