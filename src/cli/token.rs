//! `ringcheck token`: make keys and tokens, and look into tokens.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args as ClapArgs, Subcommand};
use ringcheck_reference::server::Keys;
use ringcheck_reference::wire::user_id_is_good;
use serde_json::{Value, json};

use super::Failure;
use super::output::{Output, write_whole};
use crate::token::{Claims, KeyFile, Kind, Signer, new_id, now};

/// What to do with tokens.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck token keygen --out keys.json          a secret for HS256, for the server and whoever makes tokens
  ringcheck token keygen --algorithm eddsa --out sign.json --public keys.json
  ringcheck token make --key keys.json --user alice
  ringcheck token inspect --keys keys.json < token.txt")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key, or add a newer one to a file of keys
    Keygen(Keygen),
    /// Make a token for a user, and print it
    Make(Make),
    /// Show what a token says, and whether its signature and times hold
    Inspect(Inspect),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck token keygen --out keys.json
  ringcheck token keygen --algorithm eddsa --out sign.json --public keys.json

Run it again with the same file to rotate: the new key signs, and the old ones still check until you delete them.
`ringcheck serve` reads the file again on SIGHUP.")]
struct Keygen {
    /// The file of keys that makes tokens; readable by you alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How tokens are signed: by a secret that the server shares, or by a private key of which it has the public half
    #[arg(long, default_value = "hs256", value_name = "hs256|eddsa")]
    algorithm: Kind,

    /// The name of the key, which its tokens carry [default: the time and a random number]
    #[arg(long, value_name = "ID", value_parser = key_id)]
    id: Option<String>,

    /// Write the public halves too, for the server
    #[arg(long, value_name = "FILE")]
    public: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck token make --key keys.json --user alice
  ringcheck token make --key keys.json --user olga --admin --lasts 10m")]
struct Make {
    /// The file of keys; the last one signs
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// Sign with the key of this id instead
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,

    /// Whose token it is
    #[arg(long, value_name = "USER")]
    user: String,

    /// How long it lasts
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = humantime::parse_duration)]
    lasts: Duration,

    /// How long from now it is not valid yet
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    not_before: Option<Duration>,

    /// An operator's token: it may ask for the state of an invitation
    #[arg(long)]
    admin: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example:
  ringcheck token make --key keys.json --user alice | ringcheck token inspect --keys keys.json")]
struct Inspect {
    /// The file of keys that the signature is checked with; without it, it is not
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// Does it.
pub(super) fn token(args: &Args, output: &Output) -> Result<(), Failure> {
    match &args.command {
        Command::Keygen(args) => keygen(args, output),
        Command::Make(args) => make(args, output),
        Command::Inspect(args) => inspect(args, output),
    }
}

/// The name of a key: what goes through a shell, a URL and a log as it is.
fn key_id(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    if (1..=KEY_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected 1 to {KEY_ID_BYTES_MAX} of: a-z A-Z 0-9 . _ ~ -"
    ))
}

/// Every token carries it.
const KEY_ID_BYTES_MAX: usize = 64;

fn keygen(args: &Keygen, output: &Output) -> Result<(), Failure> {
    if args.public.as_ref() == Some(&args.out) {
        let text = "the keys and their public halves go to two files\nhint: the server gets `--public`, and `--out` stays with whoever makes tokens";
        return Err(Failure::Usage(text.to_owned()));
    }
    let mut file = if args.out.exists() {
        KeyFile::read(&args.out).map_err(usage)?
    } else {
        KeyFile::default()
    };
    let id = match &args.id {
        Some(id) => id.clone(),
        None => new_id().map_err(usage)?,
    };
    if file.has(&id) {
        return Err(Failure::Usage(format!(
            "`{}` has a key `{id}` already\nhint: give it another name with `--id`",
            args.out.display()
        )));
    }
    file.add(args.algorithm, &id).map_err(usage)?;
    // Better said now than when a server reads it.
    Keys::from_jwks(&file.text()).map_err(|error| {
        Failure::Usage(format!(
            "with one more key no server would take `{}`: {error}\nhint: delete keys whose tokens have run out",
            args.out.display()
        ))
    })?;
    let public = match &args.public {
        None => None,
        Some(path) => Some((
            path,
            file.public().ok_or_else(|| {
                Failure::Usage(
                    "a secret for HS256 has no public half\nhint: `--algorithm eddsa`".to_owned(),
                )
            })?,
        )),
    };
    write_whole(&args.out, &file.text(), true)?;
    output.tell(&format!("the key `{id}` is in {}", args.out.display()));
    if let Some((path, public)) = public {
        write_whole(path, &public.text(), false)?;
        output.tell(&format!("its public half is in {}", path.display()));
    }
    Ok(())
}

fn make(args: &Make, output: &Output) -> Result<(), Failure> {
    if !user_id_is_good(&args.user) {
        return Err(Failure::Usage(format!(
            "`{}` cannot be a user id\nhint: 1 to 64 letters, digits and some signs (LIM-3)",
            args.user.escape_debug()
        )));
    }
    if args.lasts < Duration::from_secs(1) || args.not_before.is_some_and(|wait| wait >= args.lasts)
    {
        let text = "such a token would never be valid\nhint: --lasts counts from now, at least 1s and longer than --not-before";
        return Err(Failure::Usage(text.to_owned()));
    }
    let signer = Signer::read(&args.key, args.key_id.as_deref()).map_err(usage)?;
    let mut claims = Claims::lasting(&args.user, args.lasts);
    claims.nbf = args
        .not_before
        .map(|wait| claims.iat.saturating_add(wait.as_secs()));
    claims.admin = args.admin;
    let token = signer.sign(&claims);
    let token = token.ok_or_else(|| Failure::Usage("the key does not sign".to_owned()))?;
    output.result(&token)
}

/// A token is at most so long; more is not read.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

fn inspect(args: &Inspect, output: &Output) -> Result<(), Failure> {
    let mut token = String::new();
    // From the standard input alone: an argument could be seen by every user of the machine.
    std::io::stdin()
        .take(TOKEN_BYTES_MAX)
        .read_to_string(&mut token)
        .map_err(|error| Failure::Usage(format!("no token could be read: {error}")))?;
    let token = token.trim();
    let part = |place: usize| -> Option<Value> {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(place)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let (Some(header), Some(claims)) = (part(0), part(1)) else {
        return Err(Failure::Usage(
            "that is not a JWT: three parts of base64 with points between\nhint: ringcheck token inspect < token.txt"
                .to_owned(),
        ));
    };
    let ends_in_s = claims
        .get("exp")
        .and_then(Value::as_f64)
        .map(|exp| (exp - now() as f64).trunc() as i64);
    let mut shown = json!({ "header": header, "claims": claims, "ends_in_s": ends_in_s });
    let verdict = match &args.keys {
        None => None,
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::Usage(format!("`{}` cannot be read: {error}", path.display()))
            })?;
            let keys = Keys::from_jwks(&text).map_err(|error| {
                Failure::Usage(format!("`{}` cannot be used: {error}", path.display()))
            })?;
            Some(keys.verify(token))
        }
    };
    if let (Some(verdict), Some(shown)) = (&verdict, shown.as_object_mut()) {
        let word = verdict.as_ref().map_or_else(|why| *why, |()| "good");
        shown.insert("verdict".to_owned(), word.into());
    }
    output.result(&serde_json::to_string_pretty(&shown).unwrap_or_default())?;
    match verdict {
        Some(Err(_)) => Err(Failure::Findings),
        Some(Ok(())) | None => Ok(()),
    }
}

fn usage(error: crate::token::KeyError) -> Failure {
    Failure::Usage(error.to_string())
}
