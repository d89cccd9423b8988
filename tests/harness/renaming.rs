//! Accounts that change their names on Instagram.

use serde_json::json;

use super::StandIns;

impl StandIns {
    /// Has Meta call a user's account otherwise from now on, with one post.
    pub(crate) async fn rename(&self, user: &str, name: &str) {
        let account = self.account_id(user).await;
        let renamed = json!({"id": account, "username": name, "media_count": 1}).to_string();
        let one_post = r#"{"data":[{"id":"17900000000000001"}]}"#;
        // The first that fits answers.
        for (fault, path, body) in
            [("a post", format!("/{account}/media"), one_post), ("b account", account, &*renamed)]
        {
            let answer = json!({"answer": {"status": 200, "headers": {}, "body": body}});
            self.fault(&format!("{fault} of {user}"), json!({"path_contains": path}), answer).await;
        }
    }
}
