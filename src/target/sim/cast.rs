//! The simulation as a target: participants whose commands go to the world at once, and a task that keeps it going.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ringcheck_reference::fault::Fault;
use ringcheck_reference::limits::Limits;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::phone::Words;
use super::weather::Weather;
use super::world::World;
use crate::history::{Clocks, UserId};
use crate::target::{Cast, Command, Participant, Recorder, announced};

/// A runtime whose clock stands still while anybody has something to do, and jumps when nobody has.
///
/// # Errors
/// When the system has no room for it.
pub fn simulated() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
}

/// As long beside the clocks as on the embedded server, whose clocks are shorter and whose heartbeat is not: a scenario
/// may hold frames for `no_ack` without either end giving the connection up as silent.
const HEARTBEAT: Duration = Duration::from_secs(200);

/// A world that is played in: one scenario's own, in a runtime of [`simulated`].
#[derive(Debug)]
pub struct Simulation {
    stage: Arc<Stage>,
}

#[derive(Debug)]
struct Stage {
    began: Instant,
    scene: Mutex<Scene>,
    /// Tells the task that keeps the world going that there is more to do.
    news: Notify,
}

#[derive(Debug)]
struct Scene {
    world: World,
    /// Where each participant of the world writes, and as whom.
    desks: Vec<(usize, UserId, Arc<Recorder>)>,
}

impl Simulation {
    /// A world with the lifecycle's own limits, in a steady network.
    pub fn new(seed: u64, fault: Option<Fault>) -> Self {
        let limits = Limits {
            heartbeat: HEARTBEAT,
            ..Limits::default()
        };
        let world = World::new(limits, seed, Weather::fair(), fault);
        let stage = Arc::new(Stage {
            began: Instant::now(),
            scene: Mutex::new(Scene {
                world,
                desks: Vec::new(),
            }),
            news: Notify::new(),
        });
        Self { stage }
    }

    /// The limits that it promises.
    pub fn clocks() -> Clocks {
        announced(&Limits::default().clocks)
    }

    /// Keeps the world going for as long as the runtime runs.
    pub fn keep_going(&self) -> tokio::task::JoinHandle<()> {
        let stage = self.stage.clone();
        tokio::spawn(async move {
            loop {
                let next = stage.with(|scene| scene.world.next());
                let news = stage.news.notified();
                match next {
                    Some(next) => {
                        let alarm = sleep_until(stage.began + next);
                        // Whichever comes first; the world is caught up either way.
                        let _ = tokio::time::timeout_at(alarm.deadline(), news).await;
                    }
                    None => news.await,
                }
            }
        })
    }
}

impl Stage {
    /// Brings the world up to date, does something with it, and has written down what came of it.
    fn with<R>(&self, act: impl FnOnce(&mut Scene) -> R) -> R {
        let mut scene = self.scene();
        scene.world.run_until(self.began.elapsed());
        scene.write_down();
        let result = act(&mut scene);
        scene.write_down();
        result
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn write_down(&mut self) {
        for entry in self.world.drain() {
            if let Some((index, user, recorder)) = self.desks.get(entry.phone) {
                recorder.record(*index, user, entry.what);
            }
        }
    }
}

impl Cast for Simulation {
    fn participant(
        &self,
        user: &str,
        index: usize,
        recorder: Arc<Recorder>,
    ) -> Box<dyn Participant> {
        let phone = self.stage.with(|scene| {
            scene.desks.push((index, UserId::from(user), recorder));
            scene.world.add(user)
        });
        let stage = self.stage.clone();
        Box::new(Simulated { stage, phone })
    }

    /// At the same moment, in an order by chance.
    fn release(
        &self,
        participants: &mut [Box<dyn Participant>],
        mut commands: Vec<(usize, Command)>,
    ) {
        while !commands.is_empty() {
            let many = commands.len() as u64;
            let drawn = self.stage.with(|scene| scene.world.below(many));
            let whose = usize::try_from(drawn)
                .ok()
                .and_then(|place| commands.get(place))
                .map_or(0, |(who, _)| *who);
            // The first of whoever it is: those of one participant keep their order.
            let first = commands.iter().position(|(who, _)| *who == whose);
            let (who, command) = commands.remove(first.unwrap_or(0));
            if let Some(participant) = participants.get_mut(who) {
                participant.perform(command);
            }
        }
    }
}

struct Simulated {
    stage: Arc<Stage>,
    phone: usize,
}

impl Participant for Simulated {
    fn perform(&mut self, command: Command) {
        let phone = self.phone;
        self.stage
            .with(|scene| perform(&mut scene.world, phone, command));
        self.stage.news.notify_one();
    }
}

fn perform(world: &mut World, phone: usize, command: Command) {
    match command {
        Command::Login => world.login(phone),
        Command::Logout => world.logout(phone),
        Command::Drop => world.drop(phone),
        Command::Reconnect => world.reconnect(phone),
        // The simulation has no frames on a wire; see `Cast::is_raw`.
        Command::Raw(_) => {}
        Command::Interrupt => world.interrupt(phone),
        Command::Hold(way) => world.hold(phone, way, true),
        Command::Release(way) => world.hold(phone, way, false),
        Command::Write {
            invitation,
            content,
            channel,
        } => world.write(phone, &invitation, content.as_deref(), channel.as_deref()),
        Command::Create {
            callee,
            content,
            channel,
        } => {
            world.create(
                phone,
                Words {
                    callee: &callee,
                    content: &content,
                    channel: &channel,
                },
            );
        }
        Command::Send(invitation) => world.send(phone, &invitation),
        Command::Cancel(invitation) => world.cancel(phone, &invitation),
        Command::Accept {
            invitation,
            response,
        } => world.accept(phone, &invitation, &response),
        Command::Refuse {
            invitation,
            response,
        } => world.refuse(phone, &invitation, &response),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// tokio's clock ticks so.
    const TICK: Duration = Duration::from_millis(1);

    #[test]
    fn a_minute_of_the_simulation_takes_no_time() {
        let began = std::time::Instant::now();
        let runtime = simulated().unwrap();
        let passed = runtime.block_on(async {
            let began = Instant::now();
            let simulation = Simulation::new(1, None);
            let going = simulation.keep_going();
            tokio::time::sleep(Duration::from_secs(60)).await;
            going.abort();
            began.elapsed()
        });
        assert!(passed >= Duration::from_secs(60) && passed <= Duration::from_secs(60) + TICK);
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
