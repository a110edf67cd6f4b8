//! A runner that is late on purpose: what depends on time is left open and played once more, and nothing is excused besides.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ringcheck::runner::{Outcome, Progress, Run, Verdict, play_all};
use ringcheck::scenario::load;
use ringcheck::target::{Access, Cast, Reach};

use crate::support::{Running, alone};

/// When the runner has time again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// Once it has set the scenario aside.
    SetAside,
    /// Never.
    Never,
}

/// More than a runner may be late, and more than the window below.
const AWAY: Duration = Duration::from_millis(150);

/// Plays a call that must be answered in a tenth of a second, with those words, on a server that is on time, by a runner whose
/// only thread is away again and again. With the outcome comes by how much it was late when it set the scenario aside.
fn played(response: &str, until: Until, watched: bool) -> (Outcome, Vec<Duration>) {
    let _alone = alone();
    let (_server, url) = Running::server(&["--timer-scale", "0.02"]);
    let text = format!(
        "scenario: Late\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:
  - alice: {{ create: call, callee: bob }}
  - alice: {{ send: call }}
  - bob:   {{ expect: remoteInvitationReceived, of: call, within: 100ms }}
  - alice: {{ expect: localInvitationReceivedByPeer, of: call, within: 100ms }}
  - bob:   {{ accept: call, response: Yes }}
  - bob:   {{ expect: remoteInvitationAccepted, of: call, within: 100ms }}
  - alice: {{ expect: localInvitationAccepted, of: call, response: {response}, within: 100ms }}
"
    );
    let scenarios = load(Path::new("late.yaml"), &text).unwrap();
    let scenarios: Vec<_> = scenarios.into_iter().map(Arc::new).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let busy = Arc::new(AtomicBool::new(true));
    let mut set_aside = Vec::new();
    let outcomes = runtime.block_on(async {
        let access = Access::default();
        let reach = Reach::probe(&url, "late.probe", &access).await.unwrap();
        let clocks = reach.clocks();
        let cast: Arc<dyn Cast> = Arc::new(reach);
        let run = Run {
            name: "late",
            seed: 1,
            jobs: 1,
            watched,
        };
        let away = busy.clone();
        tokio::spawn(async move {
            while away.load(Ordering::Relaxed) {
                std::thread::sleep(AWAY);
                tokio::task::yield_now().await;
            }
        });
        let told = async |progress: Progress<'_>| {
            if let Progress::SetAside(_, late) = progress {
                set_aside.push(late);
                busy.store(until == Until::Never, Ordering::Relaxed);
            }
            ControlFlow::Continue(())
        };
        play_all(&scenarios, &cast, clocks, &run, told).await
    });
    let [outcome] = <[Outcome; 1]>::try_from(outcomes).unwrap();
    (outcome, set_aside)
}

#[test]
fn what_a_late_runner_sees_too_late_is_played_again_and_passes_then() {
    let (outcome, set_aside) = played("Yes", Until::SetAside, true);
    assert_eq!(outcome.verdict, Verdict::Passed, "{:?}", outcome.troubles);
    assert!(set_aside.len() == 1 && set_aside[0] >= AWAY / 2);
    assert_eq!(outcome.again_after, Some(set_aside[0]));
    assert_eq!(outcome.late, None);
}

#[test]
fn what_a_late_runner_sees_too_late_twice_is_left_open() {
    let (outcome, set_aside) = played("Yes", Until::Never, true);
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert_eq!(set_aside.len(), 1, "it is played again once");
    assert!(outcome.late >= Some(AWAY / 2) && outcome.again_after.is_some());
    let message = &outcome.troubles[0].message;
    assert!(message.contains("the runner itself was"), "{message}");
}

#[test]
fn without_the_watch_the_late_runner_would_blame_the_target() {
    let (outcome, set_aside) = played("Yes", Until::Never, false);
    assert_eq!((outcome.verdict, set_aside.len()), (Verdict::Failed, 0));
}

#[test]
fn what_is_wrong_besides_is_failed_once_the_runner_is_on_time() {
    // The answer comes with other words than it must, once the runner is on time again.
    let (outcome, _) = played("No", Until::SetAside, true);
    assert_eq!(outcome.verdict, Verdict::Failed, "{:?}", outcome.troubles);
    let told = &outcome.troubles[0].message;
    assert!(told.contains("with response \"No\"; got \"Yes\""), "{told}");
}
