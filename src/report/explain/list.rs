//! Everything that can be explained, a line each.

use std::fmt::Write as _;

use crate::lifecycle::RULES;
use crate::lifecycle::requirements::REQUIREMENTS;
use crate::scenario::CODES;

/// Every id that can be explained.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let requirements = REQUIREMENTS.iter().map(|requirement| requirement.id);
    let rules = RULES.iter().map(|rule| rule.id);
    let codes = CODES.iter().map(|(code, _)| *code);
    requirements.chain(rules).chain(codes)
}

/// Every requirement with its rule, and every problem code, a line each.
pub fn list() -> String {
    let mut text = String::from(
        "Requirements of the lifecycle, with the rule of the judge that guards each:\n",
    );
    for requirement in REQUIREMENTS {
        let rule = crate::lifecycle::rule(requirement.id).map_or("-", |rule| rule.id);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:<7} {rule:<3}  {}",
            requirement.id, requirement.sentence
        );
    }
    text.push_str("\nProblems of scenario files:\n");
    for (code, sentence) in CODES {
        let _ = writeln!(text, "  {code}  {sentence}");
    }
    text
}
