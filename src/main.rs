//! The `ringcheck` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ringcheck::cli::main()
}
