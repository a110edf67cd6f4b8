//! Starting the program and waiting for what it says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take that should take a moment, on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How many tests may play much of the library against clocks of real time, or flood a server, at once: they wait more than
/// they compute, but not so much that none would be judged by what the others take away.
const SEATS: usize = 2;

static SEATING: Mutex<Seating> = Mutex::new(Seating {
    free: SEATS,
    wanted_alone: 0,
});
static CHANGED: Condvar = Condvar::new();

struct Seating {
    free: usize,
    /// Tests that wait for all of them.
    wanted_alone: usize,
}

/// Seats that a test holds until it ends.
pub(crate) struct Seated(usize);

impl Drop for Seated {
    fn drop(&mut self) {
        seating().free += self.0;
        CHANGED.notify_all();
    }
}

/// Held by a test that fills the machine, or proves something about a runner that is late: while it runs, no other that
/// holds seats does.
pub(crate) fn alone() -> Seated {
    let mut seating = seating();
    seating.wanted_alone += 1;
    let mut seating = wait_while(seating, |seating| seating.free < SEATS);
    seating.wanted_alone -= 1;
    seating.free = 0;
    Seated(SEATS)
}

/// Held by a test that plays much of the library against clocks of real time, or floods a server. It lets those go before
/// that want to be alone, who would never find all seats free else.
pub(crate) fn beside_another() -> Seated {
    let is_full = |seating: &mut Seating| seating.free == 0 || seating.wanted_alone > 0;
    wait_while(seating(), is_full).free -= 1;
    Seated(1)
}

fn seating() -> MutexGuard<'static, Seating> {
    SEATING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait_while(
    seating: MutexGuard<'static, Seating>,
    is_full: impl FnMut(&mut Seating) -> bool,
) -> MutexGuard<'static, Seating> {
    let waited = CHANGED.wait_while(seating, is_full);
    waited.unwrap_or_else(PoisonError::into_inner)
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program, to be run in the folder of the project.
pub(crate) fn ringcheck(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringcheck"));
    command
        .current_dir(root())
        .env_remove("RINGCHECK_TOKEN")
        .env_remove("RINGCHECK_TOKEN_KEY")
        .env_remove("RINGCHECK_TLS_CA")
        .args(arguments);
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    ringcheck(arguments).output().unwrap()
}

/// What came of a command. A busy machine makes a flood invalid and a run inconclusive, as they promise; both are then tried
/// again.
pub(crate) fn valid(arguments: &[&str]) -> Output {
    const AGAIN_MAX: usize = 4;
    let mut output = run(arguments);
    for _ in 0..AGAIN_MAX {
        if !matches!(output.status.code(), Some(3 | 5)) {
            break;
        }
        output = run(arguments);
    }
    output
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder of a test's own that is empty when the test begins.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A program that runs beside the test, and ends with it.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Receiver<String>,
    heard: Vec<String>,
}

impl Running {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::of(ringcheck(arguments))
    }

    /// Any command.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let heard = lines(child.stdout.take().unwrap());
        let complaints = lines(child.stderr.take().unwrap());
        let input = child.stdin.take();
        Self {
            child,
            input,
            lines: heard,
            complaints,
            heard: Vec::new(),
        }
    }

    /// A server on a free port, and its URL.
    pub(crate) fn server(more: &[&str]) -> (Self, String) {
        let mut server = Self::start(&[&["serve", "--listen", "127.0.0.1:0"], more].concat());
        let line = server.hear("listening on ");
        let url = line.trim_start_matches("listening on ").to_owned();
        (server, url)
    }

    /// Where a server that was started with `--admin-listen` answers operators.
    pub(crate) fn operators(&self) -> String {
        let mut lines = self.heard.iter();
        let address = lines.find_map(|line| line.strip_prefix("operators on "));
        address.expect("an address for operators").to_owned()
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types bytes that may be no text.
    pub(crate) fn say_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Types a line.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// Waits for a line that contains a text.
    pub(crate) fn hear(&mut self, text: &str) -> String {
        wait_for(text, &self.lines, &mut self.heard)
    }

    /// A line that was heard on the way to another.
    pub(crate) fn has_heard(&self, text: &str) -> String {
        let line = self.heard.iter().find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("`{text}` is not in {:#?}", self.heard))
            .clone()
    }

    /// Waits for a line on standard error that contains a text.
    pub(crate) fn complains(&mut self, text: &str) -> String {
        wait_for(text, &self.complaints, &mut self.heard)
    }

    /// Waits for the end of the program, which ends by itself.
    pub(crate) fn ends(&mut self) -> std::process::ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the input and waits for the end of the program.
    pub(crate) fn finish(mut self) -> std::process::ExitStatus {
        self.input = None;
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
#[cfg(unix)]
pub(crate) fn signal(pid: u32, name: &str) {
    let arguments = ["-s", name, &pid.to_string()];
    let status = Command::new("kill").args(arguments).status().unwrap();
    assert!(status.success());
}

/// The lines of a stream, as they come.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Read to the end even if nobody listens, so that the program is not held up.
            let _ = sender.send(line);
        }
    });
    lines
}

fn wait_for(text: &str, lines: &Receiver<String>, heard: &mut Vec<String>) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                heard.push(line.clone());
                if line.contains(text) {
                    return line;
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                panic!("`{text}` was not heard; these were: {heard:#?}")
            }
        }
    }
}
