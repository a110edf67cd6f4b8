//! Who may log in: everybody, or whoever holds a token signed with the server's secret (SES-7).

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::wire::{ErrorCode, Refusal};

/// How a log-in is proved.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// It is not: any user id may log in. For tests and closed networks.
    #[default]
    Open,
    /// By a JSON Web Token signed with HS256: `sub` is the user id, `exp` the end, `nbf` optionally the beginning.
    Hs256(Secret),
}

/// The secret that tokens are signed with. It is never printed.
#[derive(Clone)]
pub struct Secret(DecodingKey);

impl Secret {
    /// The secret as bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self(DecodingKey::from_secret(secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

impl Auth {
    /// Lets the user in for so long (`None` is for ever), or says why not.
    pub(super) fn check(
        &self,
        user: &str,
        token: Option<&str>,
    ) -> Result<Option<Duration>, Refusal<'static>> {
        let Self::Hs256(Secret(key)) = self else {
            return Ok(None);
        };
        let Some(token) = token else {
            return Err(refusal(
                "the token is missing: a JWT signed with HS256 whose `sub` is the user id",
            ));
        };
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let claims = match jsonwebtoken::decode::<Claims>(token, key, &validation) {
            Ok(token) => token.claims,
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                return Err(refusal("the token has expired"));
            }
            Err(error) if matches!(error.kind(), ErrorKind::ImmatureSignature) => {
                return Err(refusal("the token is not valid yet"));
            }
            Err(_) => {
                return Err(refusal(
                    "the token is bad: not a JWT with `sub` and `exp`, signed with this server's secret",
                ));
            }
        };
        if claims.sub != user {
            return Err(refusal("the token is another user's"));
        }
        let end = UNIX_EPOCH.checked_add(Duration::from_secs(claims.exp));
        Ok(end.and_then(|end| end.duration_since(SystemTime::now()).ok()))
    }
}

fn refusal(message: &'static str) -> Refusal<'static> {
    Refusal {
        code: ErrorCode::InvalidToken,
        message: Cow::Borrowed(message),
        frame: Some(Cow::Borrowed("login")),
        id: None,
        retry_after: None,
    }
}
