//! The command line: arguments, dispatch, and the one place where failures become exit codes.

mod baseline;
mod call;
mod cert;
mod completions;
mod diff;
mod doctor;
mod environment;
mod explain;
mod explore;
mod flood;
mod fmt;
mod generate;
mod leave;
mod list;
mod new;
mod output;
mod reach;
mod record;
mod report;
mod reports;
mod run;
mod schema;
mod select;
mod selftest;
mod serve;
mod soak;
mod telling;
mod token;
mod top;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::flood::FloodError;
use crate::scenario::Problem;
use crate::target::{StartError, Unreachable};
use output::Output;

/// Conformance checks, load and a local reference for call invitations.
///
/// Who rings whom, who answers, and whether everybody was told the truth about it.
#[derive(Debug, Parser)]
#[command(name = "ringcheck", version, after_help = EXITS)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Whether to use colour: on a terminal without `NO_COLOR`, always, or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

const EXITS: &str = "\
Exit codes:
  0  everything demanded was seen and right
  1  findings: a violation, a failed scenario, a missed threshold
  2  usage, configuration or scenario file is wrong
  3  incomplete: inconclusive, or nothing was selected
  4  target unreachable or died
  5  the run is invalid
  6  stale baseline";

#[derive(Debug, Subcommand)]
enum Command {
    /// Play call flows against a target and judge every callback sequence
    Run(run::Args),
    /// Write reports of recorded runs and floods, in any form
    Report(report::Args),
    /// Join recorded runs or floods, as those of several machines
    Merge(report::MergeArgs),
    /// Say what changed between two recorded runs or floods
    Diff(diff::Args),
    /// Keep the list of known failures
    Baseline(baseline::Args),
    /// Judge recorded histories
    Verify(verify::Args),
    /// Say what a rule, a requirement or a problem code means, or draw a scenario's flow
    Explain(explain::Args),
    /// Check scenario files without playing them
    Lint(list::LintArgs),
    /// Begin a scenario: a file with comments that passes as it is
    New(new::Args),
    /// Write scenario files anew in one style, comments kept
    Fmt(fmt::Args),
    /// List scenarios with the requirements they exercise
    List(list::ListArgs),
    /// Print a JSON Schema of scenario files, for editors
    Schema(schema::Args),
    /// Derive scenarios from the lifecycle's tables, and count what they reach
    Generate(generate::Args),
    /// Play random calls under random troubles in simulated time, and judge every history
    Explore(explore::Args),
    /// Prove that the judge and the scenario library cannot be fooled
    Selftest(selftest::Args),
    /// Look a target over before it is tested, and say what to mend
    Doctor(doctor::Args),
    /// Make calls by the thousand and judge every one of them
    Flood(Box<flood::Args>),
    /// Call for a long time over connections that are killed, and see whether a server is left as it was
    Soak(soak::Args),
    /// Start the reference server
    Serve(Box<serve::Args>),
    /// Make a certificate for a server of your own
    Cert(cert::Args),
    /// Make and inspect the tokens that a server may ask for
    Token(token::Args),
    /// Watch a server's sessions, invitations and latencies
    Top(top::Args),
    /// Print what a shell needs to complete command lines
    Completions(completions::Args),
    /// Print the manual page
    Man(completions::ManArgs),
    /// Log in as a user, ring somebody, answer, and see every callback
    Call(call::Args),
}

/// Why a command did not end well; each has one exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Something was found, and has been told.
    #[error("")]
    Findings,
    /// Some of it could not be judged, and that has been told.
    #[error("")]
    Incomplete,
    /// Something listed as failing did not fail as listed, and that has been told.
    #[error("")]
    Stale,
    /// Scenario files are wrong, and that has been told.
    #[error("")]
    Scenarios,
    /// A flag or file is wrong.
    #[error("{0}")]
    Usage(String),
    /// No scenario was selected.
    #[error("no scenario was selected{hint}\nhint: `ringcheck list` shows them all")]
    NothingSelected {
        /// What was asked for.
        hint: String,
    },
    /// The target cannot be tested.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The metrics of a server cannot be had.
    #[error(
        "the metrics of `{url}` cannot be had: {reason}\nhint: start the server with `--admin-listen`, and give that address"
    )]
    NoMetrics {
        /// Where they were asked for.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// A flood could not be made, or nobody could be flooded.
    #[error(transparent)]
    Flood(#[from] FloodError),
    /// The run says nothing about the target, and why has been told.
    #[error("")]
    Invalid,
    /// The target broke while it was tested, and that has been told.
    #[error("")]
    TargetDied,
    /// The target cannot be tested, and why has been told.
    #[error("")]
    Unfit,
    /// The reference server could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A report or file could not be written.
    #[error("could not write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder could not be read.
    #[error(transparent)]
    Find(#[from] crate::scenario::NotFound),
}

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Findings => 1,
            Self::Scenarios
            | Self::Usage(_)
            | Self::Start(_)
            | Self::Write { .. }
            | Self::Find(_) => 2,
            Self::Incomplete | Self::NothingSelected { .. } => 3,
            Self::Unreachable(Unreachable::Url { .. })
            | Self::Flood(FloodError::Url { .. } | FloodError::System(_)) => 2,
            Self::Invalid => 5,
            Self::Stale => 6,
            Self::Unreachable(
                Unreachable::NoLogin { .. }
                | Unreachable::NoConnection { .. }
                | Unreachable::ShutOut { .. }
                | Unreachable::Refused { .. }
                | Unreachable::Clocks { .. },
            )
            | Self::NoMetrics { .. }
            | Self::Flood(FloodError::KeptOut { .. })
            | Self::TargetDied
            | Self::Unfit => 4,
        }
    }
}

/// The program's commands and flags.
fn program() -> clap::Command {
    Cli::command().mut_subcommand("serve", serve::with_defaults)
}

/// Whether the program takes a command line, without doing it: for recipes that are tested.
///
/// # Errors
/// What the program would say of it.
pub fn takes(arguments: &[&str]) -> Result<(), clap::Error> {
    let typed = std::iter::once("ringcheck").chain(arguments.iter().copied());
    let matches = program().try_get_matches_from(typed)?;
    Cli::from_arg_matches(&matches).map(|_| ())
}

/// Does what the arguments of this process ask for.
pub fn main() -> ExitCode {
    let command = program();
    let parsed = command
        .clone()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| environment::named(error, &command));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; they go to standard output with 0, errors to standard error with 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let output = Output::standard(cli.color);
    let result = match cli.command {
        Command::Run(args) => run::run(&args, &output),
        Command::Report(args) => report::report(&args),
        Command::Merge(args) => report::join(&args, &output),
        Command::Doctor(args) => doctor::doctor(&args, &output),
        Command::Diff(args) => diff::diff(&args, &output),
        Command::Baseline(args) => baseline::baseline(&args, &output),
        Command::Completions(args) => completions::completions(&args, program(), &output),
        Command::Man(args) => completions::man(&args, program(), &output),
        Command::Verify(args) => verify::verify(&args, &output),
        Command::Explain(args) => explain::explain(&args, &output),
        Command::Lint(args) => list::lint(&args, &output),
        Command::New(args) => new::new(&args, &output),
        Command::Fmt(args) => fmt::fmt(&args, &output),
        Command::List(args) => list::list(&args, &output),
        Command::Schema(args) => schema::schema(&args, &output),
        Command::Generate(args) => generate::generate(&args, &output),
        Command::Explore(args) => explore::explore(&args, &output),
        Command::Selftest(args) => selftest::selftest(&args, &output),
        Command::Flood(args) => flood::flood(&args, &output),
        Command::Soak(args) => soak::soak(&args, &output),
        Command::Serve(args) => serve::serve(&args, &output),
        Command::Cert(args) => cert::cert(&args, &output),
        Command::Token(args) => token::token(&args, &output),
        Command::Top(args) => top::top(&args, &output),
        Command::Call(args) => call::call(&args, &output),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.to_string();
            if !message.is_empty() {
                output.tell(&format!("error: {message}"));
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// A runtime for commands that reach a target.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Usage(format!("no threads could be started: {error}")))
}

/// A seed where none is given: any number that two runs on one server are unlikely to share.
fn seed_from_clock() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64 % 1_000_000_007)
}

/// Tells the problems of a file as the compiler would.
fn tell_problems(output: &Output, text: &str, problems: &[Problem]) {
    output.tell(&crate::scenario::render(text, problems, output.color()));
}
