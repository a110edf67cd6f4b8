//! A plan as a scenario of the language: what was done, and what everybody must hear.

use std::path::PathBuf;
use std::time::Duration;

use ringcheck_reference::fault::Fault;

use super::plan::{Plan, What};
use super::play::{Played, play};
use super::weigh::{Violation, weigh};
use crate::history::{Call, CallCode, Callback, Event, What as Told};
use crate::scenario::lint_covers;
use crate::scenario::plan::{
    Act, Callee, CodeDemand, Expect, Invitation, Pause, Scenario, SessionChange, Span, Step, Texts,
    User, Window,
};

/// Shorter pauses than that are none.
const AT_ONCE: Duration = Duration::from_millis(20);

/// How much later than it came something may come.
const PATIENCE: Duration = Duration::from_secs(3);

/// The scenario that a plan is; `None` where the language has no word for something in it.
///
/// It demands what the reference shows without the deviation, if that is right, and else what was heard before it went
/// wrong, so that the judge finds the same again.
pub fn script(
    plan: &Plan,
    fault: Option<Fault>,
    found: &Violation,
    file: PathBuf,
) -> Option<Scenario> {
    let right = fault
        .map(|_| play(plan, None))
        .filter(|right| weigh(right).is_empty());
    let (played, until) = match right {
        Some(right) => (right, None),
        None => {
            let until = match found {
                Violation::Judged(finding) => Some(finding.at),
                Violation::Unended { .. } | Violation::Left { .. } => None,
            };
            (play(plan, fault), until)
        }
    };
    let mut draft = Draft::new(plan, &played);
    let mut moments: Vec<(Duration, Moment<'_>)> = Vec::new();
    for mishap in &plan.mishaps {
        for (at, change) in changes(mishap.at, mishap.what)? {
            moments.push((at, Moment::Change(mishap.device, change)));
        }
    }
    let late = plan
        .devices
        .iter()
        .enumerate()
        .filter(|(place, _)| !draft.is_online(*place));
    for (place, device) in late {
        moments.extend(
            device
                .login
                .map(|at| (at, Moment::Change(place, SessionChange::Login))),
        );
    }
    for (event, device) in played.history.events.iter().zip(&played.devices) {
        if until.is_none_or(|until| event.at < until) {
            let ahead = plan.weather.ahead.get(*device).copied();
            let at = event.at.saturating_sub(ahead.unwrap_or_default());
            moments.push((at, Moment::Event(*device, event)));
        }
    }
    moments.sort_by_key(|(at, _)| *at);
    let done = |moment: &Moment<'_>| match moment {
        Moment::Change(..) => true,
        Moment::Event(_, event) => event.what.invitation().is_some(),
    };
    let first = moments.iter().find(|(_, moment)| done(moment));
    draft.now = first.map_or(Duration::ZERO, |(at, _)| *at);
    let mut online: Vec<bool> = draft.users.iter().map(|user| user.online).collect();
    for (at, moment) in moments {
        if let Moment::Change(device, change) = &moment
            && let Some(online) = online.get_mut(*device)
        {
            // Nobody logs out who is not there.
            if *change == SessionChange::Logout && !*online {
                continue;
            }
            *online = match change {
                SessionChange::Login => true,
                SessionChange::Logout => false,
                SessionChange::Drop
                | SessionChange::Reconnect
                | SessionChange::Interrupt
                | SessionChange::Hold(_)
                | SessionChange::Release(_) => *online,
            };
        }
        draft.add(at, moment);
    }
    if let Some(until) = until {
        draft.wait(until + PATIENCE);
    }
    let mut scenario = Scenario {
        file,
        name: format!("Seed {} of explore", plan.seed),
        covers: vec![found.requirement().to_owned()],
        tags: Vec::new(),
        users: draft.users,
        invitations: draft.invitations,
        steps: draft.steps,
    };
    // Its steps show what is right, which need not be what the broken requirement is about.
    let is_exercised = lint_covers(std::slice::from_ref(&scenario), "").is_empty();
    if !is_exercised {
        scenario.covers = vec![COVERED_BY_ALL.to_owned()];
    }
    Some(scenario)
}

/// A requirement that every scenario exercises in which something is created.
const COVERED_BY_ALL: &str = "OBJ-1";

/// The steps that a mishap is, each at its time.
fn changes(at: Duration, what: What) -> Option<Vec<(Duration, SessionChange)>> {
    Some(match what {
        What::Interrupt => vec![(at, SessionChange::Interrupt)],
        What::Away(time) => vec![
            (at, SessionChange::Drop),
            (at + time, SessionChange::Reconnect),
        ],
        What::Hold(way, time) => vec![
            (at, SessionChange::Hold(way)),
            (at + time, SessionChange::Release(way)),
        ],
        What::Login => vec![(at, SessionChange::Login)],
        What::Logout(time) => vec![
            (at, SessionChange::Logout),
            (at + time, SessionChange::Login),
        ],
        What::Vanish | What::Forsake | What::Crash(_) | What::Restart(_) => return None,
    })
}

enum Moment<'e> {
    Change(usize, SessionChange),
    Event(usize, &'e Event),
}

struct Draft<'p> {
    played: &'p Played,
    users: Vec<User>,
    invitations: Vec<Invitation>,
    steps: Vec<Step>,
    /// When the last step is over.
    now: Duration,
}

impl<'p> Draft<'p> {
    fn new(plan: &'p Plan, played: &'p Played) -> Self {
        let first = plan.rings.iter().map(|ring| ring.at);
        let first = first
            .chain(plan.mishaps.iter().map(|mishap| mishap.at))
            .min();
        let users = plan.devices.iter().enumerate().map(|(place, device)| {
            let same_as = plan
                .devices
                .iter()
                .position(|other| other.user == device.user);
            let same_as = same_as.filter(|first| *first < place);
            let name = Plan::user_id(device.user);
            User {
                name: if same_as.is_some() {
                    format!("{name}_{place}")
                } else {
                    name
                },
                same_as,
                suffix: String::new(),
                bytes: None,
                online: device
                    .login
                    .is_some_and(|at| first.is_none_or(|first| at < first)),
            }
        });
        let invitations = plan
            .rings
            .iter()
            .enumerate()
            .map(|(place, ring)| Invitation {
                label: format!("call-{}", place + 1),
                caller: ring.caller,
                callee: plan
                    .devices
                    .iter()
                    .position(|device| device.user == ring.callee)
                    .map_or_else(
                        || Callee::Id(Plan::user_id(ring.callee).into()),
                        Callee::User,
                    ),
            });
        Self {
            played,
            users: users.collect(),
            invitations: invitations.collect(),
            steps: Vec::new(),
            now: Duration::ZERO,
        }
    }

    fn is_online(&self, place: usize) -> bool {
        self.users.get(place).is_some_and(|user| user.online)
    }

    fn step(&mut self, act: Act) {
        self.steps.push(Step {
            line: 0,
            column: 0,
            origin: None,
            act,
        });
    }

    fn wait(&mut self, until: Duration) {
        let time = until.saturating_sub(self.now);
        if time > AT_ONCE {
            let span = Span::Fixed(Duration::from_millis(
                u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            ));
            self.step(Act::Wait(Pause {
                least: span,
                most: span,
            }));
        }
        self.now = self.now.max(until);
    }

    fn add(&mut self, at: Duration, moment: Moment<'_>) {
        match moment {
            Moment::Change(user, change) => {
                self.wait(at);
                self.step(Act::Session { user, change });
            }
            Moment::Event(user, event) => self.event(at, user, event),
        }
    }

    fn event(&mut self, at: Duration, user: usize, event: &Event) {
        let place = event.what.invitation().and_then(|id| {
            let own = |known: &Option<_>| known.as_ref() == Some(id);
            self.played.ids.iter().position(own)
        });
        let Some(invitation) = place else {
            return;
        };
        match &event.what {
            Told::Called { call, with, .. } => {
                self.wait(at);
                let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
                let content = match call {
                    Call::Create => text(with.content.excerpt()),
                    Call::Accept | Call::Refuse => text(with.response.excerpt()),
                    Call::Send | Call::Cancel => None,
                };
                self.step(Act::Call {
                    user,
                    call: *call,
                    invitation,
                    texts: Texts {
                        content: content.map(Into::into),
                        channel: None,
                    },
                    results: Vec::new(),
                });
            }
            Told::Returned { code, .. } => {
                if *code != CallCode::OK
                    && let Some(Act::Call { results, .. }) =
                        self.steps.last_mut().map(|it| &mut it.act)
                {
                    *results = vec![*code];
                }
            }
            Told::CalledBack { callback, code, .. } => {
                let within = at.saturating_sub(self.now) + PATIENCE;
                let within = Duration::from_secs(within.as_secs());
                self.step(Act::Expect(Expect {
                    user,
                    callbacks: vec![*callback],
                    invitation,
                    content: None,
                    channel: None,
                    response: self.answered(*callback, invitation).map(Into::into),
                    code: code.map(CodeDemand::Is),
                    saves: Vec::new(),
                    window: Window::Within(Span::Fixed(within)),
                }));
                self.now = self.now.max(at);
            }
            Told::Connection { .. } | Told::Wire { .. } => {}
        }
    }

    /// The response that the caller must hear.
    fn answered(&self, callback: Callback, invitation: usize) -> Option<String> {
        let id = self.played.ids.get(invitation)?.as_ref()?;
        let mine = self
            .played
            .history
            .events
            .iter()
            .find_map(|event| match &event.what {
                Told::CalledBack {
                    callback: told,
                    invitation,
                    with,
                    ..
                } if *told == callback && invitation == id => {
                    with.response.whole().map(str::to_owned)
                }
                Told::CalledBack { .. }
                | Told::Called { .. }
                | Told::Returned { .. }
                | Told::Connection { .. }
                | Told::Wire { .. } => None,
            });
        mine.filter(|response| !response.is_empty())
    }
}
