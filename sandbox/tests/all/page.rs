//! The sandbox's own page: what it says, and that its buttons do what they say.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stand::Stand;

/// Returns what the page's buttons put, by their names.
fn presets(html: &str) -> Vec<(String, Value)> {
    let buttons = html.split("data-name=\"").skip(1);
    let presets = buttons.map(|rest| {
        let (name, rest) = rest.split_once('"').unwrap();
        let fault = rest.split_once("data-fault=\"").unwrap().1.split_once('"').unwrap().0;
        let fault = fault.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'");
        (name.to_owned(), serde_json::from_str(&fault.replace("&amp;", "&")).unwrap())
    });
    presets.collect()
}

#[tokio::test]
async fn it_explains_its_people_its_calls_and_every_route_of_the_door() {
    let stand = Stand::start().await;
    stand.get("/v26.0/me?access_token=EAAsecret").await;

    let page = stand.get("/").await;

    let html = page.text();
    let people = stand.get("/_sandbox/users").await.json();
    let people = people.as_array().unwrap().iter().map(|person| person["user"].as_str().unwrap());
    let routes = [
        "/_sandbox/x/families",
        "PATCH /_sandbox/x/users/{user}",
        "PUT /_sandbox/faults/{name}",
        "/_sandbox/callbacks",
    ];
    for word in
        people.chain(routes).chain(["/v26.0/me", "123456789012345", "FacebookSession.GRAPH", "17841405822304914"])
    {
        assert!(html.contains(word), "{word}");
    }
    assert!(!html.contains("EAAsecret"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src 'self' 'unsafe"), "{policy}");
    for (path, kind) in [("/_sandbox/home.js", "text/javascript"), ("/_sandbox/home.css", "text/css")] {
        assert!(stand.get(path).await.header("content-type").starts_with(kind));
    }
    assert_eq!(stand.get("/_sandbox/calls").await.json().as_array().unwrap().len(), 1, "the page itself is no call");
    assert_eq!(stand.get("/?ids=me").await.error(), (400, 2500, 0), "what is the Graph's stays the Graph's");
}

#[tokio::test]
async fn its_routes_are_those_of_the_documentation() {
    let html = Stand::start().await.get("/").await.text();
    let document = include_str!("../../../docs/sandbox.md");

    let told = html.split("<th scope=\"row\"><code>").skip(1).map(|rest| rest.split_once("</code>").unwrap().0);
    let mut routes: Vec<_> = told.filter(|text| text.contains(" /_sandbox/")).map(str::to_owned).collect();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(route, _)| route);
    let mut documented: Vec<_> = rows.filter(|text| text.contains(" /_sandbox/")).map(str::to_owned).collect();

    routes.sort_unstable();
    documented.sort_unstable();
    assert!(routes.len() > 25);
    assert_eq!(routes, documented);
}

#[tokio::test]
async fn every_button_puts_a_fault_that_hits() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let html = stand.get("/").await.text();

    let presets = presets(&html);

    assert!(presets.len() > 15, "{}", presets.len());
    for (name, mut fault) in presets {
        if fault.get("hang_ms").is_some() {
            fault["hang_ms"] = json!(1);
        }
        fault["times"] = json!(1);
        let put = stand.call(Method::PUT, &format!("/_sandbox/faults/{name}"), Some(fault.clone())).await;
        assert_eq!(put.status, 200, "{name}: {}", put.text());
        let path = match (fault["match"]["service"].as_str(), fault["match"]["path_contains"].as_str()) {
            (Some("graph"), Some("oauth/access_token")) => "/v26.0/oauth/access_token".to_owned(),
            (Some("graph"), _) => format!("/v26.0/{account}/media?access_token={token}"),
            (Some("cdn"), _) => "/cdn/square/1.jpg".to_owned(),
            (Some("outlet"), _) => "/outlet/powr_io".to_owned(),
            (Some("x"), _) => "/x/2/tweets".to_owned(),
            (Some("slack"), _) => "/slack/services/T/B/secret".to_owned(),
            // Mail takes other steps: its own tests have these faults.
            (_, path) => {
                assert!(path.unwrap().starts_with("/smtp/"), "{name}");
                stand.call(Method::DELETE, &format!("/_sandbox/faults/{name}"), None).await;
                continue;
            }
        };
        let method = if path.starts_with("/x/") { Method::POST } else { Method::GET };
        let answer = stand.try_call(method, &path, None).await;
        if let Some(status) = fault["answer"]["status"].as_u64().filter(|_| name != "cut") {
            assert_eq!(u64::from(answer.unwrap().status), status, "{name}");
        } else if fault.get("hang_ms").is_none() {
            assert!(answer.is_err(), "{name}");
        }
        assert_eq!(stand.get("/_sandbox/faults").await.json(), json!([]), "{name} has hit");
    }
}

#[tokio::test]
async fn it_is_told_of_a_call_and_of_a_change_as_they_come() {
    let stand = Stand::start().await;
    let mut events = Events::open(&stand).await;
    assert_eq!(events.next().await["calls"], json!([]));

    stand.get("/v26.0/me").await;
    let told = events.until(|told| told["calls"][0]["status"] == 400).await;
    assert_eq!(told["calls"][0]["path"], "/v26.0/me");

    stand.patch("natgeo", json!({ "state": "password_changed", "usage_percent": 90 })).await;
    stand.call(Method::PUT, "/_sandbox/faults/x", Some(json!({ "match": {}, "drop": true }))).await;
    let told = events.until(|told| told["faults"][0]["name"] == "x").await;
    let person = told["people"].as_array().unwrap().iter().find(|person| person["user"] == "natgeo").unwrap().clone();
    assert_eq!((&person["state"], &person["is_ok"]), (&json!("password_changed"), &json!(false)));
    assert_eq!(person["changed"], json!(["90 % of the allowance used"]));

    // It ends with the sandbox, and does not hold it.
    futures_util::join!(stand.restart(), events.end());
}

/// What is told to the page.
struct Events {
    answer: Response,
    text: String,
}

impl Events {
    #[expect(clippy::disallowed_methods, reason = "the tests' one door to the sandbox")]
    async fn open(stand: &Stand) -> Self {
        let answer = stand.client.get(format!("{}/_sandbox/live", stand.base)).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new() }
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let event = std::mem::replace(&mut self.text, rest);
                if let Some(data) = event.trim_end().strip_prefix("data: ") {
                    return serde_json::from_str(data).unwrap();
                }
            }
            let chunk = self.answer.chunk().await.unwrap().unwrap();
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let told = self.next().await;
            if is_it(&told) {
                return told;
            }
        }
    }

    async fn end(mut self) {
        while let Ok(Some(_)) = self.answer.chunk().await {}
    }
}
