//! A browser on its way through `/connect`, Meta's dialog and back, as far as addresses and cookies go.

use reqwest::Method;

use super::{Answer, World};

/// What a browser has after `/connect`: where it is sent, and its cookie.
pub(crate) struct Visitor {
    pub dialog: String,
    pub cookie: String,
}

impl Visitor {
    /// Goes where anybody may.
    pub(crate) async fn go(world: &World) -> Self {
        Self::of(&world.http.get(&format!("{}/connect?app_id=w1&user=u", world.url)).await)
    }

    /// Was sent to the dialog.
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 302, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        Self { dialog: answer.header("location").to_owned(), cookie }
    }

    pub(crate) async fn get(&self, world: &World, url: &str) -> Answer {
        world.http.send(Method::GET, url, &[("cookie", &self.cookie)], None).await
    }

    /// Agrees as a user of the stand-ins, and returns where Meta sends the browser.
    pub(crate) async fn agree(&self, world: &World, user: &str) -> String {
        let answer = world.http.get(&format!("{}&_user={user}", self.dialog)).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").split('#').next().expect("an address").to_owned()
    }

    /// Agrees, comes back, and waits; returns the address of the outcome.
    pub(crate) async fn connect(&self, world: &World, user: &str) -> String {
        let page = self.get(world, &self.agree(world, user).await).await;
        assert_eq!(page.status, 200, "{}", page.text);
        world.drain().await;
        format!("{}{}", world.url, page.attribute("data-poll"))
    }

    pub(crate) fn state(&self) -> String {
        let url: url::Url = self.dialog.parse().expect("a url");
        url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
    }
}
