//! A direct read of one post: it has failed for weeks while lists went on, so a diagnosis tries it apart.

use secrecy::SecretString;
use serde::de::IgnoredAny;

use super::{Call, Error, Graph, checked_id};

impl Graph {
    /// Asks for one post by its id; what it says of the post is not looked at.
    pub async fn one_media(&self, token: &SecretString, id: &str) -> Result<(), Error> {
        const CALL: &str = "one_media";
        let path = [checked_id(CALL, id)?];
        let query = vec![("fields", "id".to_owned())];
        let _: IgnoredAny = self.get(Call { name: CALL, path: &path, query, token: Some(token) }).await?;
        Ok(())
    }
}
