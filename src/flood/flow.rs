//! Scenarios as flows of a flood: a call between two users, compiled once into what its calls need at run time.

use std::time::Duration;

use super::mix::Course;
use super::spread::Spread;
use crate::history::{Call, CallCode, Callback};
use crate::scenario::Scenario;
use crate::scenario::plan::{Act, Callee, Expect, Pause, Span, Step, Text, Texts};

/// A call as a scenario has it, with its weight among the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The scenario's name.
    pub name: String,
    /// How often it is made, beside the others.
    pub weight: u32,
    /// What it comes to.
    pub course: Course,
    /// The content; `None` leaves it to the flood.
    pub content: Option<String>,
    /// The channel id; `None` leaves it to the flood.
    pub channel: Option<String>,
    /// The callee's words; `None` leaves them to the flood.
    pub response: Option<String>,
    /// How long the scenario waits before it answers or cancels, if it does.
    pub pause: Option<Spread>,
}

/// Why a scenario is no flow of a flood, and at which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} cannot be flooded: {reason}\nhint: a flow is one call between two users who are logged in, which is accepted, refused, cancelled or left to expire"
)]
pub struct NoFlow {
    /// The line of the step; 1 for the whole file.
    pub line: usize,
    /// Why.
    pub reason: &'static str,
}

impl Flow {
    /// Compiles a scenario.
    ///
    /// # Errors
    /// [`NoFlow`] when it is not one call between two users.
    pub fn of(scenario: &Scenario, weight: u32) -> Result<Self, NoFlow> {
        let whole = |reason| NoFlow { line: 1, reason };
        let plain = |user: &crate::scenario::plan::User| {
            user.online && user.same_as.is_none() && user.suffix.is_empty() && user.bytes.is_none()
        };
        if scenario.users.len() != 2 || !scenario.users.iter().all(plain) {
            return Err(whole("it has not two ordinary users who are logged in"));
        }
        let [invitation] = scenario.invitations.as_slice() else {
            return Err(whole("it has not exactly one invitation"));
        };
        if invitation.callee != Callee::User(1 - invitation.caller.min(1)) {
            return Err(whole("its invitation is not from one user to the other"));
        }
        let mut flow = Self {
            name: scenario.name.clone(),
            weight,
            course: Course::Expire,
            content: None,
            channel: None,
            response: None,
            pause: None,
        };
        let (mut acts, mut waits) = (0, None);
        for step in &scenario.steps {
            let no = |reason| NoFlow {
                line: step.line,
                reason,
            };
            match &step.act {
                Act::Call {
                    call,
                    texts,
                    results,
                    ..
                } => {
                    if results.iter().any(|code| *code != CallCode::OK) {
                        return Err(no("it demands that a call is turned down"));
                    }
                    acts += usize::from(!matches!(call, Call::Create | Call::Send));
                    flow.take(*call, texts).map_err(no)?;
                    if acts > 0 && flow.pause.is_none() {
                        flow.pause = waits.take();
                    }
                }
                Act::Wait(pause) => waits = Some(spread(*pause).map_err(no)?),
                Act::Expect(expect) => check(expect).map_err(no)?,
                Act::AnyOrder(steps) => {
                    for expect in steps.iter().filter_map(Step::expect) {
                        check(expect.1).map_err(no)?;
                    }
                }
                Act::Write { .. } => return Err(no("it writes into an invitation")),
                Act::Session { .. } | Act::Connection { .. } => {
                    return Err(no("it changes a session; `--storm` cuts connections"));
                }
                Act::Never { .. } | Act::Allow { .. } => {
                    return Err(no("the judge alone says what may come"));
                }
                Act::Together(_) | Act::Race(_) => return Err(no("its calls cross on purpose")),
                Act::Raw { .. } => return Err(no("it has a hand on the frames")),
            }
        }
        if acts > 1 {
            return Err(whole("it answers or cancels more than once"));
        }
        Ok(flow)
    }

    fn take(&mut self, call: Call, texts: &Texts) -> Result<(), &'static str> {
        match call {
            Call::Create => {
                self.content = written(texts.content.as_ref())?;
                self.channel = written(texts.channel.as_ref())?;
            }
            Call::Send => {}
            Call::Accept | Call::Refuse => {
                self.response = written(texts.content.as_ref())?;
                self.course = if call == Call::Accept {
                    Course::Accept
                } else {
                    Course::Refuse
                };
            }
            Call::Cancel => self.course = Course::Cancel,
        }
        Ok(())
    }
}

/// A text that is the same every time. A scenario that writes none passes an empty one.
fn written(text: Option<&Text>) -> Result<Option<String>, &'static str> {
    match text.map(Text::written) {
        None => Ok(Some(String::new())),
        Some(Some(text)) => Ok(Some(text.to_owned())),
        Some(None) => Err("its text has a value that another step saves"),
    }
}

fn spread(pause: Pause) -> Result<Spread, &'static str> {
    let fixed = |span: Span| match span {
        Span::Fixed(time) => Ok::<Duration, &'static str>(time),
        Span::Of(_) => Err("its wait is in proportion to a clock of the target"),
    };
    let (least, most) = (fixed(pause.least)?, fixed(pause.most)?);
    Ok(if least == most {
        Spread::Fixed(least)
    } else {
        Spread::Uniform(least, most)
    })
}

/// The judge demands every callback that a call is owed, so a flow need not; but it must not demand another ending.
fn check(expect: &Expect) -> Result<(), &'static str> {
    let is_failure =
        |callback: &Callback| matches!(callback, Callback::LocalFailure | Callback::RemoteFailure);
    let code = match &expect.code {
        Some(crate::scenario::plan::CodeDemand::Is(code)) => Some(code.0),
        Some(crate::scenario::plan::CodeDemand::Saved(_)) | None => None,
    };
    if expect.callbacks.iter().any(is_failure) && code != Some(3) {
        return Err("it demands a failure other than an expiry");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn flow(steps: &str) -> Result<Flow, NoFlow> {
        let text =
            format!("scenario: A flow\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n{steps}");
        let scenarios = crate::scenario::load(Path::new("flow.yaml"), &text);
        Flow::of(&scenarios.expect("a good file")[0], 1)
    }

    const RING: &str = "  - alice: { create: call, callee: bob, content: Hello }\n  - alice: { send: call }\n  - bob: { expect: remoteInvitationReceived, of: call }\n  - alice: { expect: localInvitationReceivedByPeer, of: call }\n";

    #[test]
    fn a_scenario_is_what_its_calls_need() {
        let accept = flow(&format!("{RING}  - wait: 20ms\n  - bob: {{ accept: call, response: Yes }}\n  - bob: {{ expect: remoteInvitationAccepted, of: call }}\n  - alice: {{ expect: localInvitationAccepted, of: call }}\n")).unwrap();
        assert_eq!(accept.course, Course::Accept);
        assert_eq!(accept.content.as_deref(), Some("Hello"));
        assert_eq!(accept.channel.as_deref(), Some(""));
        assert_eq!(accept.response.as_deref(), Some("Yes"));
        assert_eq!(accept.pause, Some(Spread::Fixed(Duration::from_millis(20))));
        let cancel = flow(&format!("{RING}  - alice: {{ cancel: call }}\n  - bob: {{ expect: remoteInvitationCanceled, of: call }}\n  - alice: {{ expect: localInvitationCanceled, of: call }}\n")).unwrap();
        assert_eq!((cancel.course, cancel.pause), (Course::Cancel, None));
    }

    #[test]
    fn what_is_no_flow_says_at_which_line_and_why() {
        let dropped = flow(&format!("{RING}  - bob: logout\n"));
        let twice = flow(&format!(
            "{RING}  - bob: {{ accept: call }}\n  - bob: {{ expect: remoteInvitationAccepted, of: call }}\n  - alice: {{ expect: localInvitationAccepted, of: call }}\n  - alice: {{ cancel: call, result: AlreadyEnd }}\n"
        ));
        assert_eq!(twice.map_err(|no| no.line), Err(12));
        if let Err(no) = dropped {
            assert!(no.to_string().contains("session"), "{no}");
        }
    }
}
