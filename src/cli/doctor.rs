//! `ringcheck doctor`: a target looked over before it is tested.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args as ClapArgs;

use super::output::Output;
use super::reach::AccessArgs;
use super::{Failure, runtime};
use crate::doctor::{Grade, examine};
use crate::target::Unreachable;

/// Whom to look over.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck doctor --target ws://127.0.0.1:7000
  ringcheck doctor --target wss://127.0.0.1:7000 --tls-ca ca.pem --token-key keys.json

It looks at reach, TLS, WebSocket, subprotocol and its version, log-in, the clocks that are offered, round trip, the
answer to an unknown frame, limits, tokens, clock skew and log-out, one after the other, with users of its own and
invitations to nobody. It ends with 0 where the target can be tested, with 1 where something is not as it should be,
and with 4 where it cannot be tested; what to mend stands below each.")]
pub(super) struct Args {
    /// The server
    #[arg(long, value_name = "ws://…|wss://…")]
    target: String,

    #[command(flatten)]
    access: AccessArgs,
}

/// Looks, and tells; the worst that was found decides the exit code.
pub(super) fn doctor(args: &Args, output: &Output) -> Result<(), Failure> {
    let access = args.access.access(&args.target)?;
    // Any user will do that nobody else is likely to have.
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let user = format!("d{:08x}.doctor", since.unwrap_or_default().subsec_nanos());
    let examined = runtime()?.block_on(examine(&args.target, &user, &access));
    let found = examined.map_err(|error| Unreachable::Url {
        url: args.target.clone(),
        reason: error.to_string(),
    })?;
    output.result(&found.text(output.data_color()))?;
    match found.worst() {
        Grade::Good | Grade::Note | Grade::Skipped => {
            output.tell("the target can be tested");
            Ok(())
        }
        Grade::Bad => {
            output.tell("the target can be tested, and is not as it should be");
            Err(Failure::Findings)
        }
        Grade::Shut => {
            output.tell("the target cannot be tested");
            Err(Failure::Unfit)
        }
    }
}
