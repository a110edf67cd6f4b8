//! Who may log in as whom (SES-7).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::wire::{ErrorCode, Refusal};

/// How a server finds out whether a user is who it says.
#[derive(Clone)]
pub enum Auth {
    /// Everybody is believed: for loopback and tests.
    Open,
    /// A token signed with HMAC-SHA-256: `sub` is the user id, `exp` and `nbf` bound its time.
    Hs256(Arc<[u8]>),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            // The secret is nobody's to read.
            Self::Hs256(_) => f.write_str("Hs256"),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    #[serde(default)]
    nbf: u64,
}

impl Auth {
    /// Whether the token lets this user in at this time of the wall clock.
    pub(super) fn check(
        &self,
        user: &str,
        token: Option<&str>,
        now: Duration,
    ) -> Result<(), Refusal<'static>> {
        let Self::Hs256(secret) = self else {
            return Ok(());
        };
        let token = token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| refusal("a token is needed and none came"))?;
        let mut validation = Validation::new(Algorithm::HS256);
        // The times are compared below, with the time that was given.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["sub", "exp"]);
        let key = DecodingKey::from_secret(secret);
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|error| {
                if matches!(error.kind(), ErrorKind::InvalidSignature) {
                    refusal("the token's signature is wrong")
                } else if matches!(error.kind(), ErrorKind::InvalidAlgorithm) {
                    refusal("the token is not signed with HS256")
                } else {
                    refusal("the token cannot be read")
                }
            })?
            .claims;
        if claims.sub != user {
            Err(refusal("the token is another user's"))
        } else if claims.exp <= now.as_secs() {
            Err(refusal("the token has expired"))
        } else if claims.nbf > now.as_secs() {
            Err(refusal("the token is not valid yet"))
        } else {
            Ok(())
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &serde_json::Value, secret: &[u8]) -> String {
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::HS256), claims, &key).unwrap()
    }

    fn answer(user: &str, token: Option<&str>) -> Result<(), String> {
        let auth = Auth::Hs256(Arc::from(&b"a secret of the server's"[..]));
        auth.check(user, token, Duration::from_secs(1_000))
            .map_err(|refusal| refusal.message.into_owned())
    }

    #[test]
    fn a_good_token_lets_its_user_in_and_nobody_else() {
        let good = token(
            &serde_json::json!({"sub": "alice", "exp": 1_001}),
            b"a secret of the server's",
        );
        assert_eq!(answer("alice", Some(&good)), Ok(()));
        assert_eq!(
            answer("bob", Some(&good)),
            Err("the token is another user's".to_owned())
        );
    }

    #[test]
    fn tokens_that_are_missing_old_early_foreign_or_broken_are_told_apart() {
        let secret = b"a secret of the server's";
        let old = token(&serde_json::json!({"sub": "alice", "exp": 1_000}), secret);
        let early = token(
            &serde_json::json!({"sub": "alice", "exp": 2_000, "nbf": 1_500}),
            secret,
        );
        let foreign = token(
            &serde_json::json!({"sub": "alice", "exp": 2_000}),
            b"another secret",
        );
        assert_eq!(
            answer("alice", None),
            Err("a token is needed and none came".to_owned())
        );
        assert_eq!(
            answer("alice", Some("")),
            Err("a token is needed and none came".to_owned())
        );
        assert_eq!(
            answer("alice", Some(&old)),
            Err("the token has expired".to_owned())
        );
        assert_eq!(
            answer("alice", Some(&early)),
            Err("the token is not valid yet".to_owned())
        );
        assert_eq!(
            answer("alice", Some(&foreign)),
            Err("the token's signature is wrong".to_owned())
        );
        assert_eq!(
            answer("alice", Some("a.b.c")),
            Err("the token cannot be read".to_owned())
        );
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(
            format!("{:?}", Auth::Hs256(Arc::from(&b"hush"[..]))),
            "Hs256"
        );
    }
}
