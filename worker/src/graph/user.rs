//! An Instagram professional account (developers.facebook.com/docs/instagram-platform, IG User).

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Call, Error, Graph, checked_id, lenient};

const CALL: &str = "ig_user";
const FIELDS: &str = "id,username,name,profile_picture_url,followers_count,media_count";
/// The optional fields can fail for some accounts; these never did.
const FALLBACK_FIELDS: &str = "id,username";

/// An Instagram account; all but the id may be missing.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct IgUser {
    /// The id of the professional account.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The handle, without `@`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// The name shown.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// The picture, under a URL that ends.
    #[serde(default, deserialize_with = "lenient::text")]
    pub profile_picture_url: Option<String>,
    /// How many follow it.
    #[serde(default, deserialize_with = "lenient::count")]
    pub followers_count: Option<i64>,
    /// How many media it has.
    #[serde(default, deserialize_with = "lenient::count")]
    pub media_count: Option<i64>,
}

impl Graph {
    /// Returns the account with that id.
    pub async fn ig_user(&self, token: &SecretString, id: &str) -> Result<IgUser, Error> {
        let id = checked_id(CALL, id)?;
        match self.ig_user_fields(token, id, FIELDS).await {
            Err(error) if error.is_unknown_field() => {
                tracing::warn!(%error, "asking again for fewer fields");
                self.ig_user_fields(token, id, FALLBACK_FIELDS).await
            }
            outcome => outcome,
        }
    }

    async fn ig_user_fields(&self, token: &SecretString, id: &str, fields: &str) -> Result<IgUser, Error> {
        self.get(Call { name: CALL, path: &[id], query: vec![("fields", fields.to_owned())], token: Some(token) }).await
    }
}
