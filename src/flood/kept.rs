//! Calls that broke the lifecycle, kept whole: as a history of both ends, and as a scenario that makes the call again.

use std::fmt::Write;
use std::time::Duration;

use super::mix::Course;
use crate::history::{Clocks, Event, Header, History, Order};
use crate::lifecycle::Finding;

/// How many calls are kept for one rule that was broken.
pub(super) const KEPT_MAX: usize = 3;

/// A call that broke the lifecycle.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The first thing that was found about it.
    pub finding: Finding,
    /// What it was meant to come to.
    pub course: Course,
    /// What it carried.
    pub content: String,
    /// Its channel id.
    pub channel: String,
    /// The callee's words.
    pub response: String,
    /// Everything that both ends did and heard of it.
    pub events: Vec<Event>,
}

impl Kept {
    /// Both ends of the call, on a target that promised those clocks.
    pub fn history(&self, clocks: Clocks) -> History {
        let last = self.events.last().map_or(Duration::ZERO, |event| event.at);
        History {
            header: Header {
                clocks,
                order: Order::Causal,
                end: last.max(self.finding.at),
            },
            events: self.events.clone(),
        }
    }

    /// A scenario that makes such a call, and demands that it comes to what it was meant to.
    pub fn scenario(&self) -> String {
        let requirement = self.finding.rule.requirement;
        let (content, channel) = (quoted(&self.content), quoted(&self.channel));
        let response = quoted(&self.response);
        let mut text = format!(
            "# {}\n\
             scenario: A call as the one of a flood that broke {requirement}\n\
             covers: [{requirement}]\n\
             users: [alice, bob]\n\
             steps:\n  \
             - alice: {{ create: call, callee: bob, content: {content}, channel: {channel} }}\n  \
             - alice: {{ send: call }}\n  \
             - bob:   {{ expect: remoteInvitationReceived, of: call, content: {content}, channel: {channel} }}\n  \
             - alice: {{ expect: localInvitationReceivedByPeer, of: call }}\n",
            self.finding.to_string().replace('\n', " ")
        );
        let rest: &[&str] = match self.course {
            Course::Accept => &[
                "bob:   { accept: call, response: RESPONSE }",
                "bob:   { expect: remoteInvitationAccepted, of: call }",
                "alice: { expect: localInvitationAccepted, of: call, response: RESPONSE }",
            ],
            Course::Refuse => &[
                "bob:   { refuse: call, response: RESPONSE }",
                "bob:   { expect: remoteInvitationRefused, of: call }",
                "alice: { expect: localInvitationRefused, of: call, response: RESPONSE }",
            ],
            Course::Cancel => &[
                "alice: { cancel: call }",
                "bob:   { expect: remoteInvitationCanceled, of: call }",
                "alice: { expect: localInvitationCanceled, of: call, within: 2 * cancel_bound }",
            ],
            Course::Expire => &[
                "bob:   { expect: remoteInvitationFailure, of: call, code: Expire, at: expiry }",
                "alice: { expect: localInvitationFailure, of: call, code: Expire, at: expiry }",
            ],
        };
        for step in rest {
            let _ = writeln!(text, "  - {}", step.replace("RESPONSE", &response));
        }
        text
    }
}

/// A text as YAML writes it; a JSON string is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
