//! What a target, and those who take part, must be able to do so that a scenario can be played.

use super::plan::{Act, Meddling, Raw, Scenario, SessionChange, Span, Step, Window};

/// Something that not every target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A user may log in on a second device (SES-1).
    SecondDevice,
    /// User ids may be chosen byte by byte (LIM-3).
    ChosenIds,
    /// A user may log out, or log in late (SES-4).
    Presence,
    /// A connection can be cut and come back (SES-2).
    Cuts,
    /// Frames can be held back and let go.
    HeldFrames,
    /// There is a hand on the frames of the reference's wire.
    RawFrames,
    /// One of the lifecycle's clocks runs while the scenario is played (FAIL).
    Clocks,
}

impl Need {
    /// Every one, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::SecondDevice,
        Self::ChosenIds,
        Self::Presence,
        Self::Cuts,
        Self::HeldFrames,
        Self::RawFrames,
        Self::Clocks,
    ];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecondDevice => "second device",
            Self::ChosenIds => "chosen ids",
            Self::Presence => "presence",
            Self::Cuts => "network cuts",
            Self::HeldFrames => "held frames",
            Self::RawFrames => "raw frames",
            Self::Clocks => "clocks",
        }
    }
}

/// What a scenario needs, each once, in the order of [`Need::ALL`].
pub fn needs(scenario: &Scenario) -> Vec<Need> {
    let mut needs = Vec::new();
    for user in &scenario.users {
        needs.extend(user.same_as.map(|_| Need::SecondDevice));
        if user.bytes.is_some() || !user.suffix.is_empty() {
            needs.push(Need::ChosenIds);
        }
        if !user.online {
            needs.push(Need::Presence);
        }
    }
    of_steps(&scenario.steps, &mut needs);
    needs.sort();
    needs.dedup();
    needs
}

fn of_steps(steps: &[Step], needs: &mut Vec<Need>) {
    for step in steps {
        match &step.act {
            Act::Session { change, .. } => needs.push(of_change(*change)),
            Act::Expect(expect) => match expect.window {
                Window::Within(span) => of_span(span, needs),
                Window::At { .. } => needs.push(Need::Clocks),
            },
            Act::Never { span, .. } | Act::Connection { within: span, .. } => {
                of_span(*span, needs);
            }
            Act::Wait(pause) => {
                of_span(pause.least, needs);
                of_span(pause.most, needs);
            }
            Act::AnyOrder(inner) | Act::Together(inner) => of_steps(inner, needs),
            Act::Race(race) => {
                of_steps(&race.steps, needs);
                for outcome in &race.outcomes {
                    of_steps(&outcome.expects, needs);
                }
            }
            Act::Raw { raw, within, .. } => {
                needs.push(Need::RawFrames);
                of_span(*within, needs);
                if let Raw::Meddle {
                    how: Meddling::Delay(pause),
                    ..
                } = raw
                {
                    of_span(pause.least, needs);
                    of_span(pause.most, needs);
                }
            }
            Act::Call { .. } | Act::Write { .. } | Act::Allow { .. } => {}
        }
    }
}

fn of_change(change: SessionChange) -> Need {
    match change {
        SessionChange::Login | SessionChange::Logout => Need::Presence,
        SessionChange::Drop | SessionChange::Reconnect | SessionChange::Interrupt => Need::Cuts,
        SessionChange::Hold(_) | SessionChange::Release(_) => Need::HeldFrames,
    }
}

fn of_span(span: Span, needs: &mut Vec<Need>) {
    match span {
        Span::Fixed(_) => {}
        Span::Of(_) => needs.push(Need::Clocks),
    }
}
