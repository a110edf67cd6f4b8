//! `ringcheck cert`: a certificate for a server of one's own, which is its own issuer.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use super::Failure;
use super::output::{Output, write_whole};

/// For which names, and where to.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example:
  ringcheck cert --cert cert.pem --key key.pem --name localhost --name 127.0.0.1

The server shows it (`serve --tls-cert cert.pem --tls-key key.pem`), and clients are told to believe it
(`--tls-ca cert.pem`). A running server reads new ones on SIGHUP. For a server that strangers reach, get one from an issuer that they know already.")]
pub(super) struct Args {
    /// Where the certificate goes, as PEM
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,

    /// Where its key goes, as PEM; readable by you alone
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// The names and addresses that the server is reached by; may be given several times
    #[arg(long = "name", value_name = "NAME", default_values = ["localhost", "127.0.0.1", "::1"])]
    names: Vec<String>,

    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

/// Makes it.
pub(super) fn cert(args: &Args, output: &Output) -> Result<(), Failure> {
    if args.cert == args.key {
        let text = "the certificate and its key go to two files: one is shown to everybody, the other to nobody";
        return Err(Failure::Usage(text.to_owned()));
    }
    let mut there = [&args.cert, &args.key].into_iter();
    if let Some(path) = there.find(|path| path.exists() && !args.force) {
        return Err(Failure::Usage(format!(
            "`{}` is there already, and may be in use\nhint: name another file, or replace it with `--force`",
            path.display()
        )));
    }
    let failed = |error: rcgen::Error| {
        Failure::Usage(format!(
            "no certificate can be made for {}: {error}",
            args.names.join(", ")
        ))
    };
    let mut params = CertificateParams::new(args.names.clone()).map_err(failed)?;
    let mut name = DistinguishedName::new();
    let first = args.names.first().map_or("localhost", String::as_str);
    name.push(DnType::CommonName, first);
    params.distinguished_name = name;
    let key = KeyPair::generate().map_err(failed)?;
    let cert = params.self_signed(&key).map_err(failed)?;
    write_whole(&args.key, &key.serialize_pem(), true)?;
    write_whole(&args.cert, &cert.pem(), false)?;
    output.tell(&format!(
        "the certificate for {} is in {}, its key in {}",
        args.names.join(", "),
        args.cert.display(),
        args.key.display()
    ));
    Ok(())
}
