//! Tokens and the keys that sign them: the file that `ringcheck token keygen` writes.

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};

/// A file of keys, as JSON Web Key Set (RFC 7517). The last key signs, so that adding one rotates them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeyFile {
    keys: Vec<Key>,
}

/// One key, with its secret parts: it is never printed but into its file.
#[derive(Clone, Serialize, Deserialize)]
struct Key {
    kty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    /// The secret of HS256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    /// The public half of an Ed25519 key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    /// Its private half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// One secret that the server and whoever makes tokens share.
    Hs256,
    /// A private key that makes tokens, and a public one that checks them.
    Eddsa,
}

/// Why a file of keys does not sign.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the keys in `{path}` cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a set of keys.
    #[error(
        "`{path}` is not a JSON Web Key Set: {reason}\nhint: `ringcheck token keygen` makes one"
    )]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// No key of that id, or none at all.
    #[error("`{path}` has no key {wanted}\nhint: it has {ids}")]
    Unknown {
        /// The file.
        path: String,
        /// What was wanted.
        wanted: String,
        /// The ids there are.
        ids: String,
    },
    /// A key that checks tokens and cannot make them.
    #[error(
        "the key {id} cannot sign: it has no private half, or is of another kind\nhint: use the file that `ringcheck token keygen` wrote with `--out`"
    )]
    NoSigner {
        /// The key.
        id: String,
    },
    /// The system has no randomness.
    #[error("the system has no random numbers for a key")]
    Randomness,
}

/// Signs tokens.
#[derive(Clone)]
pub struct Signer {
    header: Header,
    key: EncodingKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.header.kid)
            .finish_non_exhaustive()
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Whose it is.
    pub sub: String,
    /// When it was made, in seconds of the epoch.
    pub iat: u64,
    /// Before when it is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// When it ends.
    pub exp: u64,
    /// Whether it is an operator's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
}

impl Claims {
    /// A user's token that lasts so long from now.
    pub fn lasting(user: &str, lasts: Duration) -> Self {
        let now = now();
        Self {
            sub: user.to_owned(),
            iat: now,
            nbf: None,
            exp: now.saturating_add(lasts.as_secs().max(1)),
            admin: false,
        }
    }
}

/// The time in seconds of the epoch.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// A name for a new key that no other has: the time, for people, and 32 random bits.
///
/// # Errors
/// [`KeyError::Randomness`].
pub fn new_id() -> Result<String, KeyError> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Randomness)?;
    Ok(format!("{}-{:08x}", now(), u32::from_be_bytes(bytes)))
}

impl KeyFile {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// [`KeyError::Read`] and [`KeyError::Malformed`].
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| KeyError::Read {
            path: shown.clone(),
            source,
        })?;
        serde_json::from_str(&text).map_err(|error| KeyError::Malformed {
            path: shown,
            // The error's own words may repeat a secret.
            reason: format!("line {}, column {}", error.line(), error.column()),
        })
    }

    /// Adds a new key, which signs from now on.
    ///
    /// # Errors
    /// [`KeyError::Randomness`].
    pub fn add(&mut self, kind: Kind, id: &str) -> Result<(), KeyError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| KeyError::Randomness)?;
        let secret_text = URL_SAFE_NO_PAD.encode(secret);
        let key = Key {
            kty: String::new(),
            kid: Some(id.to_owned()),
            alg: None,
            crv: None,
            k: None,
            x: None,
            d: None,
        };
        self.keys.push(match kind {
            Kind::Hs256 => Key {
                kty: "oct".to_owned(),
                alg: Some("HS256".to_owned()),
                k: Some(secret_text),
                ..key
            },
            Kind::Eddsa => Key {
                kty: "OKP".to_owned(),
                alg: Some("EdDSA".to_owned()),
                crv: Some("Ed25519".to_owned()),
                x: Some(public_half(&secret).ok_or(KeyError::Randomness)?),
                d: Some(secret_text),
                ..key
            },
        });
        Ok(())
    }

    /// Whether there is a key of that id.
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(id))
    }

    /// What checks tokens and cannot make them; `None` if a key is a shared secret.
    pub fn public(&self) -> Option<Self> {
        let public = |key: &Key| {
            key.k.is_none().then(|| Key {
                d: None,
                ..key.clone()
            })
        };
        let keys = self.keys.iter().map(public).collect::<Option<_>>()?;
        Some(Self { keys })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Signer {
    /// Reads the key of that id, or the last one, from a file of keys.
    ///
    /// # Errors
    /// [`KeyError`] when there is none that signs.
    pub fn read(path: &Path, id: Option<&str>) -> Result<Self, KeyError> {
        let file = KeyFile::read(path)?;
        let fits = |key: &&Key| id.is_none() || key.kid.as_deref() == id;
        let Some(key) = file.keys.iter().rev().find(fits) else {
            let ids = file.keys.iter().filter_map(|key| key.kid.as_deref());
            let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
            return Err(KeyError::Unknown {
                path: path.display().to_string(),
                wanted: id.map_or_else(|| "at all".to_owned(), |id| format!("`{id}`")),
                ids: if ids.is_empty() {
                    "none".to_owned()
                } else {
                    ids.join(", ")
                },
            });
        };
        signer(key).ok_or_else(|| KeyError::NoSigner {
            id: key.kid.as_deref().unwrap_or("-").to_owned(),
        })
    }

    /// A signed token. `None` if the key does not sign after all.
    pub fn sign(&self, claims: &Claims) -> Option<String> {
        jsonwebtoken::encode(&self.header, claims, &self.key).ok()
    }
}

fn signer(key: &Key) -> Option<Signer> {
    let decoded = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let (algorithm, encoding) = match key.kty.as_str() {
        "oct" => (
            Algorithm::HS256,
            EncodingKey::from_secret(&decoded(&key.k)?),
        ),
        "OKP" => {
            let secret = decoded(&key.d)?.try_into().ok()?;
            (Algorithm::EdDSA, EncodingKey::from_ed_der(&pkcs8(&secret)))
        }
        _ => return None,
    };
    let mut header = Header::new(algorithm);
    header.kid.clone_from(&key.kid);
    Some(Signer {
        header,
        key: encoding,
    })
}

/// An Ed25519 key in the form that the library takes (RFC 8410 §7).
fn pkcs8(secret: &[u8; 32]) -> Vec<u8> {
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    [&HEAD[..], &secret[..]].concat()
}

/// The public half of a private key, as text.
fn public_half(secret: &[u8; 32]) -> Option<String> {
    let key = EncodingKey::from_ed_der(&pkcs8(secret));
    let jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).ok()?;
    let value = serde_json::to_value(jwk).ok()?;
    Some(value.get("x")?.as_str()?.to_owned())
}
