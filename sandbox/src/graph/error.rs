//! Meta's errors, with its numbers and its words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::clock::moment;
use crate::signing::random;

/// How much of a message stands in `WWW-Authenticate`.
const CHALLENGE_LEN: usize = 500;
/// Where Meta's dates live.
const PACIFIC_OFFSET_S: i32 = -8 * 3_600;

/// An error as the Graph answers it.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    status: StatusCode,
    kind: &'static str,
    /// Meta's number.
    pub(crate) code: i32,
    /// Meta's second number.
    pub(crate) subcode: Option<i32>,
    /// Meta's words.
    pub(crate) message: String,
    is_transient: Option<bool>,
    /// A title and a sentence for the person, in the person's language.
    told: Option<(&'static str, String)>,
}

impl Error {
    pub(super) fn new(code: i32, subcode: Option<i32>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "OAuthException",
            code,
            subcode,
            message: message.into(),
            is_transient: None,
            told: None,
        }
    }

    /// Adds what the person is to read. Such errors also say that they last.
    pub(super) fn told(self, title: &'static str, sentence: String) -> Self {
        Self { is_transient: Some(false), told: Some((title, sentence)), ..self }
    }

    /// A wrong parameter.
    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self::new(100, None, message)
    }

    /// A parameter that must be there.
    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::parameter(format!("(#100) The parameter {name} is required"))
    }

    /// A code that cannot be exchanged.
    pub(crate) fn code(subcode: i32, message: &str) -> Self {
        Self::new(100, Some(subcode), message)
    }

    /// A field that a node does not have.
    pub(crate) fn no_such_field(field: &str, node: &str) -> Self {
        Self::parameter(format!("(#100) Tried accessing nonexisting field ({field}) on node type ({node})"))
    }

    /// An object that is not there for this token, for whatever reason.
    pub(crate) fn no_such_object(method: &str, id: &str) -> Self {
        Self {
            kind: "GraphMethodException",
            ..Self::new(
                100,
                Some(33),
                format!(
                    "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be \
                     loaded due to missing permissions, or does not support this operation. Please \
                     read the Graph API documentation at \
                     https://developers.facebook.com/docs/graph-api"
                ),
            )
        }
    }

    /// An account that the app's access level does not reach.
    pub(crate) fn no_role() -> Self {
        Self { kind: "IGApiException", ..Self::parameter("Unsupported request - method type: get") }
    }

    /// A wrong app id.
    pub(crate) fn unknown_app() -> Self {
        Self::new(101, None, "Error validating application. Cannot get application info due to a system error.")
    }

    /// A wrong app secret.
    pub(crate) fn wrong_secret() -> Self {
        Self::new(1, None, "Error validating client secret.")
    }

    /// No token where one is needed.
    pub(crate) fn no_token() -> Self {
        Self::new(2500, None, "An active access token must be used to query information about the current user.")
    }

    /// A path, or a version, that the Graph does not know.
    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::new(2500, None, format!("Unknown path components: {path}"))
    }

    /// Fields that cannot be read.
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self::new(2500, None, message)
    }

    /// A string that is no token of this app.
    pub(crate) fn not_a_token(token: &str) -> Self {
        let message = if token.starts_with("EAA") {
            // Meta repeats the token here: whoever logs this text must mask it.
            format!("Malformed access token {token}")
        } else {
            return Self::foreign_family();
        };
        Self::new(190, None, message)
    }

    /// A token that another of Meta's hosts has given.
    pub(crate) fn foreign_family() -> Self {
        Self::new(190, None, "Invalid OAuth access token - Cannot parse access token")
    }

    /// A batch that cannot be begun.
    pub(crate) fn batch(message: impl Into<String>) -> Self {
        Self { kind: "GraphBatchException", ..Self::parameter(message) }
    }

    /// A token that has ended.
    pub(crate) fn expired_token(end_s: i64, now_s: i64) -> Self {
        Self::new(
            190,
            Some(463),
            format!(
                "Error validating access token: Session has expired on {}. The current time is {}.",
                pacific(end_s),
                pacific(now_s)
            ),
        )
    }

    /// A token that was ended by what happened to its person.
    pub(crate) fn dead_token(subcode: i32, message: impl Into<String>) -> Self {
        Self::new(190, Some(subcode), message)
    }

    /// A permission that the token does not carry.
    pub(crate) fn permission(name: &str) -> Self {
        Self::new(10, None, format!("(#10) This endpoint requires the '{name}' permission to be granted"))
    }

    /// A feature that Meta's review has not given the app.
    pub(crate) fn feature(name: &str) -> Self {
        Self::new(
            10,
            None,
            format!(
                "(#10) To use '{name}', your use of this endpoint must be reviewed and approved by Facebook. \
                 See https://developers.facebook.com/docs/apps/review"
            ),
        )
    }

    /// Data access that ended 90 days after the person's last visit.
    pub(crate) fn data_access_ended() -> Self {
        Self::new(
            10,
            None,
            "(#10) Application does not have permission for this action: the user's data access \
             has expired and must be re-authorized",
        )
    }

    /// An account that is no professional one any more.
    pub(crate) fn not_professional() -> Self {
        Self::new(10, None, "(#10) The account is not a business or creator account")
    }

    /// An account that Instagram has restricted.
    pub(crate) fn restricted() -> Self {
        Self::new(25, Some(2_207_050), "The Instagram account is restricted")
    }

    /// A name that belongs to no professional account.
    pub(crate) fn invalid_user_id() -> Self {
        let sentence = "There is no business or creator account of this name.".to_owned();
        Self::new(110, Some(2_207_013), "Invalid user id").told("No such account", sentence)
    }

    /// Another app's token, which `debug_token` does not speak of.
    pub(crate) fn foreign_token() -> Self {
        Self::parameter("(#100) The App_id in the input_token did not match the Viewing App")
    }

    /// The app's allowance is used up.
    pub(crate) fn app_limit() -> Self {
        Self { is_transient: Some(true), ..Self::new(4, None, "(#4) Application request limit reached") }
    }

    /// The account's allowance is used up.
    pub(crate) fn account_limit() -> Self {
        Self::new(
            80_002,
            None,
            "(#80002) There have been too many calls to this Instagram account. Wait a bit and try \
             again. For more info, please refer to \
             https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
        )
    }

    /// Something that went wrong inside the sandbox.
    pub(crate) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(%error, "the sandbox could not answer");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            is_transient: Some(true),
            ..Self::new(2, None, "An unexpected error has occurred. Please retry your request later.")
        }
    }

    /// Returns the object inside `{"error":…}`.
    fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("message".into(), self.message.clone().into());
        body.insert("type".into(), self.kind.into());
        body.insert("code".into(), self.code.into());
        if let Some(subcode) = self.subcode {
            body.insert("error_subcode".into(), subcode.into());
        }
        if let Some(is_transient) = self.is_transient {
            body.insert("is_transient".into(), is_transient.into());
        }
        if let Some((title, sentence)) = &self.told {
            body.insert("error_user_title".into(), (*title).into());
            body.insert("error_user_msg".into(), sentence.clone().into());
        }
        body.insert("fbtrace_id".into(), trace_id().into());
        body.into()
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let word = match (self.code, self.subcode) {
            (190, _) => "invalid_token",
            (_, Some(36_007..=36_009)) => "invalid_code",
            _ => "invalid_request",
        };
        // Some messages repeat what was sent, however long it was.
        let text: String = self
            .message
            .chars()
            .filter(|char| char.is_ascii() && !char.is_ascii_control())
            .map(|char| if char == '"' { '\'' } else { char })
            .take(CHALLENGE_LEN)
            .collect();
        let challenge = format!("OAuth \"Facebook Platform\" \"{word}\" \"{text}\"");
        let mut response = (self.status, Json(json!({ "error": self.body() }))).into_response();
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Returns an id like those by which Meta finds a call in its logs.
pub(crate) fn trace_id() -> String {
    use base64::Engine;
    let bytes = random::<15>().unwrap_or_default();
    format!("A{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

fn pacific(at_s: i64) -> String {
    let date = moment(at_s.saturating_mul(1000));
    match chrono::FixedOffset::east_opt(PACIFIC_OFFSET_S) {
        Some(zone) => date.with_timezone(&zone).format("%A, %d-%b-%y %H:%M:%S PST").to_string(),
        None => date.to_rfc2822(),
    }
}
