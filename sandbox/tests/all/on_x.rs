//! The stand-in X as an app asks it: consent, tokens, calls by somebody's leave.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{Answer, Stand, parameter};

pub(crate) const BACK: &str = "http://127.0.0.1:3000/x/callback";
pub(crate) const SCOPES: &str = "tweet.read tweet.write users.read media.write offline.access";
/// A proof and its S256 challenge, from RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// A picture's first bytes: more than that the stand-in does not look at.
pub(crate) const PICTURE: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];

/// A pair of tokens.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Pair {
    pub(crate) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

impl Stand {
    /// Consents without a click; the answer is the code.
    pub(crate) async fn x_code(&self, user: &str) -> String {
        let answer = self.get(&consent_page(("_user", user))).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let back = answer.header("location").parse().unwrap();
        assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c"));
        parameter(&back, "code").unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn at_the_token_door(&self, path: &str, secret: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}/x/2/oauth2/{path}", self.base);
        let request = self.client.post(url).basic_auth("sandbox-x-client", Some(secret)).form(form);
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn trade(&self, code: &str, verifier: &str, redirect: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        self.at_the_token_door("token", "sandbox-x-secret", &form).await
    }

    pub(crate) async fn renew(&self, refresh: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        self.at_the_token_door("token", "sandbox-x-secret", &form).await
    }

    /// Connects an account.
    pub(crate) async fn on_x(&self, user: &str) -> Pair {
        let code = self.x_code(user).await;
        Pair::of(&self.trade(&code, VERIFIER, BACK).await)
    }

    /// A call by somebody's leave.
    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn x(&self, method: Method, path: &str, access: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("{}/x/2/{path}", self.base)).bearer_auth(access);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn tweet(&self, access: &str, body: Value) -> Answer {
        self.x(Method::POST, "tweets", access, Some(body)).await
    }

    /// Sends a form with a file.
    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    pub(crate) async fn send_file(
        &self,
        access: &str,
        path: &str,
        bytes: &[u8],
        field: (&'static str, &str),
    ) -> Answer {
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n\
             --edge\r\nContent-Disposition: form-data; name=\"media\"; filename=\"media\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            field.0, field.1
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self.client.post(format!("{}/x/2/media/upload{path}", self.base)).bearer_auth(access);
        let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Uploads a picture; the answer is its id.
    pub(crate) async fn picture(&self, access: &str) -> String {
        let answer = self.send_file(access, "", PICTURE, ("media_category", "tweet_image")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["data"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn posts(&self) -> Vec<Value> {
        self.get("/_sandbox/posts").await.json().as_array().unwrap().clone()
    }

    /// What became of the first consent.
    pub(crate) async fn family(&self) -> Value {
        self.get("/_sandbox/x/families").await.json()[0].clone()
    }

    pub(crate) async fn change_x(&self, path: &str, body: Value) {
        let answer = self.call(Method::PATCH, &format!("/_sandbox/x{path}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// A post that says only this.
pub(crate) fn saying(text: &str) -> Value {
    json!({ "text": text })
}

/// The address of the consent page, with one parameter in place of the right one.
pub(crate) fn consent_page(changed: (&str, &str)) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, right) in [
        ("response_type", "code"),
        ("client_id", "sandbox-x-client"),
        ("redirect_uri", BACK),
        ("scope", SCOPES),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("_user", "powr_io"),
    ] {
        query.append_pair(name, if name == changed.0 { changed.1 } else { right });
    }
    format!("/x/i/oauth2/authorize?{}", query.finish())
}
