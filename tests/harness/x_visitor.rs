//! A browser on its way through `/x/connect`, X's consent page and back, as far as addresses and cookies go.

use reqwest::Method;

use super::{Answer, World};

/// What a browser has after `/x/connect`: where it is sent, and its cookie.
pub(crate) struct XVisitor {
    pub consent: String,
    pub cookie: String,
}

impl XVisitor {
    /// Goes where anybody may.
    pub(crate) async fn go(world: &World) -> Self {
        Self::of(&world.http.get(&format!("{}/x/connect?app_id=w1&user=owner", world.url)).await)
    }

    /// Was sent to X.
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 302, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        Self { consent: answer.header("location").to_owned(), cookie }
    }

    /// Agrees as an account of the stand-in, and returns where X sends the browser.
    pub(crate) async fn agree(&self, world: &World, user: &str) -> String {
        let answer = world.http.get(&format!("{}&_user={user}", self.consent)).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").to_owned()
    }

    pub(crate) async fn get(&self, world: &World, url: &str) -> Answer {
        world.http.send(Method::GET, url, &[("cookie", &self.cookie)], None).await
    }

    /// Comes back, while the work goes on: the page waits for it.
    pub(crate) async fn come_back(&self, world: &World, url: &str) -> Answer {
        let (http, url, cookie) = (world.http.clone(), url.to_owned(), self.cookie.clone());
        let page = tokio::spawn(async move { http.send(Method::GET, &url, &[("cookie", &cookie)], None).await });
        while !page.is_finished() {
            world.drain().await;
            tokio::task::yield_now().await;
        }
        page.await.expect("a page")
    }

    pub(crate) fn state(&self) -> String {
        let url: url::Url = self.consent.parse().expect("a url");
        url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
    }
}
