//! What the rules, requirements and problem codes mean, asked for by a stranger.

use crate::support::{ringcheck, run, scratch, stderr, stdout};

#[test]
fn a_requirement_a_rule_and_a_code_are_explained() {
    let by_id = run(&["explain", "can-1"]);
    assert_eq!(by_id.status.code(), Some(0), "{}", stderr(&by_id));
    for part in [
        "CAN-1 (MUST)",
        "Why it matters",
        "Good: ",
        "Bad: ",
        "scenarios/03-cancel/",
    ] {
        assert!(
            stdout(&by_id).contains(part),
            "`{part}` is missing in:\n{}",
            stdout(&by_id)
        );
    }
    assert_eq!(stdout(&run(&["explain", "L16"])), stdout(&by_id));
    assert!(stdout(&run(&["explain", "S010"])).contains("error[S010]"));
    assert!(stdout(&run(&["explain"])).contains("AGR-8"));
}

#[test]
fn what_nobody_knows_ends_with_2_and_the_nearest() {
    let output = run(&["explain", "ACC-22"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean `ACC-2`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_requirement_is_explained_where_no_library_is() {
    let output = ringcheck(&["explain", "SES-3"])
        .current_dir(scratch("no-library"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("Bad: "), "{}", stdout(&output));
    assert!(
        stderr(&output).contains("--scenarios"),
        "{}",
        stderr(&output)
    );
}
