//! Who may log in as whom: tokens signed with a key that the server trusts (SES-7). Checked by the driver, since tokens
//! run out by the clock on the wall.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::wire::{ErrorCode, Refusal, user_id_is_good};

/// How a log-in is proved.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// It is not: any user id may log in. For tests and closed networks.
    #[default]
    Open,
    /// By a JSON Web Token signed with one of these keys by HS256 or EdDSA: `sub` is the user id, `exp` the end, `nbf`
    /// optionally the beginning, and `admin` true for operators.
    Tokens(Keys),
}

/// The keys that tokens may be signed with. They are never printed.
#[derive(Clone)]
pub struct Keys(Arc<[Key]>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Keys at once: the present one and those that are being replaced, with room for several issuers.
const KEYS_MAX: usize = 32;

/// A shorter secret can be guessed (RFC 7518 §3.2).
const SECRET_BYTES_MIN: usize = 32;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Not a set of keys at all.
    #[error("not a JSON Web Key Set: {0}; hint: `ringcheck token keygen` makes one")]
    Malformed(String),
    /// No key, so that nobody could log in.
    #[error("the set has no keys; hint: `ringcheck token keygen` makes one")]
    Empty,
    /// More than anybody rotates through.
    #[error("the set has {0} keys; at most {KEYS_MAX} are allowed")]
    TooMany(usize),
    /// A key of a kind that is not used here.
    #[error("key {0} is neither an `oct` key for HS256 nor an `OKP` key on Ed25519 for EdDSA")]
    Kind(String),
    /// A secret that can be guessed.
    #[error("the secret of key {0} is shorter than {SECRET_BYTES_MIN} bytes")]
    Weak(String),
    /// Two keys of one id.
    #[error("two keys have the id `{0}`")]
    Twice(String),
}

impl Keys {
    /// Reads a JSON Web Key Set (RFC 7517) of `oct` keys for HS256 and Ed25519 keys for EdDSA. Private parts of the latter
    /// are not looked at. Old and new keys side by side are how keys are rotated: a token names its key by `kid`, and one
    /// that names none is tried with each.
    ///
    /// # Errors
    /// [`KeysError`] for the first key that cannot be used.
    pub fn from_jwks(json: &str) -> Result<Self, KeysError> {
        let set: JwkSet =
            serde_json::from_str(json).map_err(|error| KeysError::Malformed(error.to_string()))?;
        match set.keys.len() {
            0 => return Err(KeysError::Empty),
            count if count > KEYS_MAX => return Err(KeysError::TooMany(count)),
            _ => {}
        }
        let mut keys: Vec<Key> = Vec::new();
        for (place, jwk) in set.keys.iter().enumerate() {
            let key = key(place, jwk)?;
            if let Some(id) = &key.id
                && keys.iter().any(|known| known.id.as_ref() == Some(id))
            {
                return Err(KeysError::Twice(id.clone()));
            }
            keys.push(key);
        }
        Ok(Self(keys.into()))
    }

    /// Whether a token is signed with one of these keys and valid now.
    ///
    /// # Errors
    /// Why not.
    pub fn verify(&self, token: &str) -> Result<(), &'static str> {
        claims(&self.0, token).map(drop)
    }

    /// One key without an id: a secret for HS256.
    pub fn secret(secret: &[u8]) -> Self {
        let key = Key {
            id: None,
            algorithm: Algorithm::HS256,
            key: DecodingKey::from_secret(secret),
        };
        Self(Arc::new([key]))
    }
}

fn key(place: usize, jwk: &Jwk) -> Result<Key, KeysError> {
    let id = jwk.common.key_id.clone();
    let name = || {
        let known = id.as_ref().map(|id| format!("`{id}`"));
        known.unwrap_or_else(|| (place + 1).to_string())
    };
    let algorithm = if matches!(&jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
        Algorithm::HS256
    } else if let AlgorithmParameters::OctetKeyPair(pair) = &jwk.algorithm
        && pair.curve == EllipticCurve::Ed25519
    {
        Algorithm::EdDSA
    } else {
        return Err(KeysError::Kind(name()));
    };
    // A key for another algorithm of its family is not to be used for this one.
    let meant = jwk.common.key_algorithm;
    if meant.is_some_and(|meant| meant.to_string() != format!("{algorithm:?}")) {
        return Err(KeysError::Kind(name()));
    }
    let key = DecodingKey::from_jwk(jwk).map_err(|_| KeysError::Kind(name()))?;
    if algorithm == Algorithm::HS256
        && key
            .try_get_as_bytes()
            .is_ok_and(|bytes| bytes.len() < SECRET_BYTES_MIN)
    {
        return Err(KeysError::Weak(name()));
    }
    Ok(Key { id, algorithm, key })
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.iter().map(|key| key.id.as_deref().unwrap_or("-"));
        f.debug_list().entries(ids).finish()
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(deserialize_with = "seconds")]
    exp: u64,
    #[serde(default)]
    admin: bool,
}

/// Seconds of the epoch, whole or not (RFC 7519 §2).
fn seconds<'de, D: Deserializer<'de>>(number: D) -> Result<u64, D::Error> {
    let seconds = f64::deserialize(number)?;
    if seconds.is_finite() && seconds >= 0.0 {
        return Ok(seconds as u64);
    }
    Err(D::Error::custom("a time before the epoch"))
}

/// Whose a token says that it is, be that true or not: for the log of refusals, and for nothing else.
pub(super) fn user_of_token(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Owner {
        sub: String,
    }
    let owner = jsonwebtoken::dangerous::insecure_decode::<Owner>(token).ok()?;
    let user = owner.claims.sub;
    user_id_is_good(&user).then_some(user)
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) user: String,
    /// How long it lasts from now.
    pub(super) lasts: Duration,
    admin: bool,
}

impl Auth {
    /// Lets the user in for so long (`None` is for ever), or says why not. `frame` is what the token came in.
    pub(super) fn check(
        &self,
        user: &str,
        token: Option<&str>,
    ) -> Result<Option<Duration>, Refusal<'static>> {
        match self.pass(token, "login")? {
            Some(pass) if pass.user != user => Err(refusal("login", "the token is another user's")),
            pass => Ok(pass.map(|pass| pass.lasts)),
        }
    }

    /// Lets an operator ask, or says why not.
    pub(super) fn check_operator(&self, token: Option<&str>) -> Result<(), Refusal<'static>> {
        match self.pass(token, "admin")? {
            Some(pass) if !pass.admin => Err(refusal("admin", "the token is not an operator's")),
            Some(_) | None => Ok(()),
        }
    }

    /// What the token says; `None` where none is wanted.
    pub(super) fn pass(
        &self,
        token: Option<&str>,
        frame: &'static str,
    ) -> Result<Option<Pass>, Refusal<'static>> {
        let Self::Tokens(Keys(keys)) = self else {
            return Ok(None);
        };
        let Some(token) = token else {
            let message = match frame {
                "admin" => {
                    "the token is missing: `Authorization: Bearer` and a signed JWT with `admin` true"
                }
                _ => "the token is missing: a signed JWT whose `sub` is the user id",
            };
            return Err(refusal(frame, message));
        };
        let claims = claims(keys, token).map_err(|message| refusal(frame, message))?;
        let end = UNIX_EPOCH.checked_add(Duration::from_secs(claims.exp));
        // An end beyond the system's time is none to wait for.
        let lasts = end.map_or(Duration::MAX, |end| {
            end.duration_since(SystemTime::now()).unwrap_or_default()
        });
        Ok(Some(Pass {
            user: claims.sub,
            lasts,
            admin: claims.admin,
        }))
    }
}

fn claims(keys: &[Key], token: &str) -> Result<Claims, &'static str> {
    const BAD: &str =
        "the token is bad: not a JWT with `sub` and `exp`, signed with a key of this server";
    // A token without a signature (`none`) has no header that can be read.
    let header = jsonwebtoken::decode_header(token).map_err(|_| BAD)?;
    if header.crit.is_some() {
        // What the issuer holds for critical would otherwise not be looked at (RFC 7515 §4.1.11).
        return Err(
            "the token is bad: it asks for extensions (`crit`), and this server knows none",
        );
    }
    let fits = |key: &&Key| {
        // The key says which algorithm it is for, never the token alone.
        key.algorithm == header.alg && (header.kid.is_none() || header.kid == key.id)
    };
    let mut why = BAD;
    for key in keys.iter().filter(fits) {
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        match jsonwebtoken::decode::<Claims>(token, &key.key, &validation) {
            Ok(token) => return Ok(token.claims),
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                why = "the token has expired";
            }
            Err(error) if matches!(error.kind(), ErrorKind::ImmatureSignature) => {
                why = "the token is not valid yet";
            }
            // The signature is looked at before the claims, so nobody is told of what others have signed.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Json(_)
                        | ErrorKind::InvalidClaimFormat(_)
                        | ErrorKind::MissingRequiredClaim(_)
                ) =>
            {
                why = "the token is bad: `sub` must be a user id, `exp` and `nbf` numbers of seconds since 1970";
            }
            Err(_) => {}
        }
    }
    Err(why)
}

pub(super) fn refusal(frame: &'static str, message: &'static str) -> Refusal<'static> {
    Refusal {
        code: ErrorCode::InvalidToken,
        message: Cow::Borrowed(message),
        frame: Some(Cow::Borrowed(frame)),
        id: None,
        retry_after: None,
    }
}
