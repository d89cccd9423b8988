//! Whose token it is.

use secrecy::SecretString;
use serde::Deserialize;

use super::{Call, Error, X, checked_id};

/// An account on X.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// X's id of it.
    pub id: String,
    /// Its name, without `@`.
    pub username: String,
    /// What it calls itself.
    #[serde(default)]
    pub name: String,
}

#[derive(Deserialize)]
struct Reply {
    data: User,
}

impl X {
    /// Asks whose token it is.
    pub(crate) async fn me(&self, token: &SecretString) -> Result<User, Error> {
        const CALL: &str = "me";
        let answer = self.send(Call::get(CALL, &["users", "me"], token)).await?;
        let Reply { data } = answer.parse()?;
        checked_id(CALL, &data.id).map_err(|_| answer.malformed("the id is no number"))?;
        Ok(data)
    }
}
