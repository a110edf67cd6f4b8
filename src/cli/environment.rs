//! Values from the environment: an error names the variable that they are from.

use clap::builder::Command;
use clap::error::{ContextKind, ContextValue, Error};

/// Whether a flag stands on the command line, so that its variable does not count.
pub(super) fn is_typed(long: &str) -> bool {
    std::env::args_os().any(|typed| {
        let typed = typed.to_string_lossy();
        let name = typed.strip_prefix("--").unwrap_or_default();
        name.split('=').next() == Some(long)
    })
}

/// The same error; where a variable's value is wrong, with the variable's name instead of the flag's.
pub(super) fn named(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    // It stands there with the form of its value, as `--expiry <TIME>`.
    let long = flag.trim_start_matches("--");
    let long = long.split([' ', '=', '[']).next().unwrap_or_default();
    if let Some(variable) = variable_of(command, long)
        && std::env::var_os(&variable).is_some()
        && !is_typed(long)
    {
        let place = ContextValue::String(format!("the variable {variable}"));
        error.insert(ContextKind::InvalidArg, place);
    }
    error
}

/// The variable that stands in for a flag of any command.
fn variable_of(command: &Command, long: &str) -> Option<String> {
    let arg = command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(long));
    let variable = arg.and_then(|arg| arg.get_env());
    variable
        .map(|variable| variable.to_string_lossy().into_owned())
        .or_else(|| {
            command
                .get_subcommands()
                .find_map(|command| variable_of(command, long))
        })
}
