//! A server of our own to soak, as a process beside this one, so that its memory and files are its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ringcheck_reference::limits::Limits;

use crate::cli::Failure;
use crate::explore::Fault;

/// The process; it ends with this value.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    /// Where users log in.
    pub(super) url: String,
    /// Where it answers operators.
    pub(super) operators: String,
}

/// What a client has at least to be heard, and to acknowledge an accept; on a busy machine none is faster.
const CLIENT_MIN: Duration = Duration::from_secs(1);

impl Server {
    /// Starts `ringcheck serve` on free loopback ports.
    pub(super) fn start(timer_scale: f64, fault: Option<Fault>) -> Result<Self, Failure> {
        let failed = |what: &dyn std::fmt::Display| {
            Failure::Usage(format!(
                "no server could be started: {what}\nhint: start one yourself, and give it by `--target` and `--operators`"
            ))
        };
        let limits = Limits::default();
        let told = |time: Duration| humantime::format_duration(time).to_string();
        let heartbeat = limits.heartbeat.mul_f64(timer_scale).max(CLIENT_MIN);
        // The scale applies to it as well.
        let accept_ack = limits
            .clocks
            .accept_ack
            .max(CLIENT_MIN.div_f64(timer_scale));
        let program = std::env::current_exe().map_err(|error| failed(&error))?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0", "--log", "error"])
            .args(["--timer-scale", &timer_scale.to_string()])
            .args(["--heartbeat", &told(heartbeat)])
            .args(["--accept-ack", &told(accept_ack)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some(fault) = fault {
            command.args(["--fault", fault.name()]);
        }
        // Ctrl-C is for us: a server that ended then would be taken for one that died.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn().map_err(|error| failed(&error))?;
        let mut server = Self {
            process,
            url: String::new(),
            operators: String::new(),
        };
        let said = server.process.stdout.take();
        for line in said
            .map(BufReader::new)
            .into_iter()
            .flat_map(BufRead::lines)
        {
            let line = line.map_err(|error| failed(&error))?;
            if let Some(operators) = line.strip_prefix("operators on ") {
                operators.clone_into(&mut server.operators);
            } else if let Some(url) = line.strip_prefix("listening on ") {
                url.clone_into(&mut server.url);
                return Ok(server);
            }
        }
        Err(failed(&"it ended before it listened"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
