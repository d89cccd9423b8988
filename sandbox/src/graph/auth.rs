//! Whose token a call carries, whether it still works, and what it may be used for.

use crate::graph::Error;
use crate::graph::request::Request;
use crate::patch::{Patch, Standing};
use crate::scopes::Scopes;
use crate::signing::{hex, hmac_sha256, same};
use crate::state::Shared;
use crate::token::{Kind, Token};

/// How long a timed proof is good for, in seconds, and how far ahead a clock may be.
const PROOF_LIFE_S: i64 = 5 * 60;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// The app itself.
    App,
    /// A person or a Page.
    Token(Box<Token>),
}

impl Caller {
    /// Reads a token; says why if it does not work.
    pub(crate) fn read(shared: &Shared, text: &str) -> Result<Self, Error> {
        if is_app_token(shared, text) {
            return Ok(Self::App);
        }
        let token = Token::read(&shared.key, text)
            .filter(|token| token.app_id == shared.config.app_id)
            .ok_or_else(|| Error::not_a_token(text))?;
        check(shared, &token)?;
        Ok(Self::Token(Box::new(token)))
    }

    /// Reads the token of a call, and its proof.
    pub(crate) fn of(shared: &Shared, request: &Request) -> Result<Self, Error> {
        let text = request.token().ok_or_else(Error::no_token)?;
        if request.is_for_instagram_login() {
            return Err(Error::foreign_family());
        }
        let caller = Self::read(shared, text)?;
        check_proof(shared, request, text)?;
        Ok(caller)
    }
}

/// Tells whether the text is the app's own token, in the short form or the one handed out.
fn is_app_token(shared: &Shared, text: &str) -> bool {
    let Some((id, secret)) = text.split_once('|') else {
        return false;
    };
    let issued = app_token_secret(shared);
    id == shared.config.app_id
        && (same(secret.as_bytes(), shared.config.app_secret.as_bytes()) || same(secret.as_bytes(), issued.as_bytes()))
}

/// Returns what follows the app id in the token that `client_credentials` hands out.
pub(crate) fn app_token_secret(shared: &Shared) -> String {
    hex(&shared.key.sign("app token", shared.config.app_id.as_bytes()))
}

/// Returns when a token ends by its own account and by what tests changed; 0 is never.
pub(crate) fn end_s(patch: &Patch, token: &Token) -> i64 {
    match token.kind {
        Kind::Page(_) => token.expires_s,
        Kind::Short | Kind::Long => patch.token_end_s(token.born_ms, token.expires_s),
    }
}

/// Returns the permissions that a token still has.
pub(crate) fn scopes(patch: &Patch, token: &Token) -> Scopes {
    patch.remaining(token.granted, token.consent_ms)
}

/// Returns when a token's data access ends.
pub(crate) fn data_access_end_s(patch: &Patch, token: &Token) -> i64 {
    patch.data_access_end_s(token.consent_ms, token.data_access_expires_s())
}

/// Says why a token does not work, if so.
pub(crate) fn check(shared: &Shared, token: &Token) -> Result<(), Error> {
    let patch = shared.patch(token.person);
    let dead =
        |subcode, reason: &str| Err(Error::dead_token(subcode, format!("Error validating access token: {reason}")));
    match patch.standing(token.consent_ms) {
        Standing::PasswordChanged => dead(
            460,
            "The session has been invalidated because the user changed their password or Facebook \
             has changed the session for security reasons.",
        ),
        Standing::AppRemoved => {
            dead(458, &format!("The user has not authorized application {}.", shared.config.app_id))
        }
        Standing::Checkpoint => dead(
            459,
            "You cannot access the app till you log in to www.facebook.com and follow the \
             instructions given.",
        ),
        Standing::PageRoleLost if matches!(token.kind, Kind::Page(_)) => dead(
            492,
            "The user must be an administrator, editor, or moderator of the page in order to \
             impersonate it. If the page business requires Two Factor Authentication, the user \
             also needs to enable Two Factor Authentication.",
        ),
        // What else befalls a person ends no token.
        _ => {
            let end_s = end_s(&patch, token);
            let now_s = shared.clock.now_s();
            // 0 is "never" only by the token's own account: a test may end one in 1970.
            let is_endless = end_s == 0 && token.expires_s == 0;
            if !is_endless && end_s <= now_s {
                return Err(Error::expired_token(end_s, now_s));
            }
            Ok(())
        }
    }
}

/// Checks `appsecret_proof`, in its classic and its timed form, where it is sent.
fn check_proof(shared: &Shared, request: &Request, token: &str) -> Result<(), Error> {
    let Some(proof) = request.params.get("appsecret_proof") else {
        return Ok(());
    };
    let wrong = || Error::parameter("Invalid appsecret_proof provided in the API argument");
    let message = match request.params.get("appsecret_time") {
        Some(time) => {
            let at_s: i64 = time.parse().map_err(|_| wrong())?;
            if shared.clock.now_s().saturating_sub(at_s).saturating_abs() > PROOF_LIFE_S {
                return Err(wrong());
            }
            format!("{token}|{time}")
        }
        None => token.to_owned(),
    };
    let right = hex(&hmac_sha256(shared.config.app_secret.as_bytes(), message.as_bytes()));
    if !same(proof.as_bytes(), right.as_bytes()) {
        return Err(wrong());
    }
    Ok(())
}
