//! What a browser is asked beside its pages: what it complains of, and what would keep people out. And how it is held.

use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::{ParseError, Url};

use super::Http;
use super::browser::Browser;

/// The accessibility checker (axe-core), as Chromium carries it in its own tools for developers.
static CHECKER: OnceCell<String> = OnceCell::const_new();
/// Where those lie on the port on which Chromium lets itself be inspected.
const TOOLS: &str = "devtools/third_party/lighthouse/lighthouse-dt-bundle.js";

/// A command that is Chromium's own.
#[derive(Debug)]
struct Command(&'static str, Value);

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

impl Browser {
    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Command(path, body)).await.expect("Chromium answers")
    }

    /// Says something in Chromium's own protocol.
    pub(crate) async fn say(&self, command: &str, params: Value) {
        self.command("goog/cdp/execute", json!({"cmd": command, "params": params})).await;
    }

    /// Gives the window another size, narrower than a window may be where it has to, and its system another colour.
    pub(crate) async fn hold(&self, width: u32, height: u32, dark: bool) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < super::browser::PHONE});
        self.say("Emulation.setDeviceMetricsOverride", size).await;
        let colours = json!({"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }});
        self.say("Emulation.setEmulatedMedia", json!({"features": [colours]})).await;
    }

    /// Presses a key where the focus is.
    pub(crate) async fn press(&self, key: char) {
        let keys = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.command("actions", json!({"actions": [{"type": "key", "id": "keys", "actions": keys}]})).await;
    }

    /// The errors of the console since it was last asked, what a policy forbade among them.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let told = self.command("se/log", json!({"type": "browser"})).await;
        let lines = told.as_array().expect("a list of lines").iter();
        let errors = lines.filter(|line| line["level"] == "SEVERE" || line["source"] == "security");
        errors.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What a serious finding of the accessibility checker is about, in its own words.
    pub(crate) async fn barriers(&self) -> Vec<String> {
        let checker = CHECKER.get_or_init(|| self.checker()).await;
        let check = "; return axe.run(document, {resultTypes: ['violations']}).then(found => ({rules: found.passes.length, \
             serious: found.violations.filter(({impact}) => impact === 'serious' || impact === 'critical').map(({id, nodes}) => \
                 id + ': ' + nodes.map(({target, failureSummary}) => target.flat().join(' ') + ': ' + failureSummary).join('; '))}))";
        let found = self.client.execute(&format!("{checker}{check}"), Vec::new()).await.expect("the checker runs");
        assert!(found["rules"].as_u64().is_some_and(|rules| rules > 10), "it has checked something: {found}");
        found["serious"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|each| each.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Fails unless the console is silent and the checker finds nothing serious.
    pub(crate) async fn is_clean(&self, page: &str) {
        assert_eq!(self.complaints().await, [""; 0], "the console of {page}");
        assert_eq!(self.barriers().await, [""; 0], "the barriers of {page}");
    }

    /// Takes the checker out of Chromium's tools, where it lies as a text within a script.
    async fn checker(&self) -> String {
        let told = self.client.capabilities().and_then(|said| said["goog:chromeOptions"]["debuggerAddress"].as_str());
        let tools = Http::new().get(&format!("http://{}/{TOOLS}", told.expect("an address"))).await.text;
        let (_, text) = tools.split_once("`/*! axe v").expect("this Chromium carries an accessibility checker");
        let mut escaped = false;
        let end = text.find(|letter| {
            let is_end = letter == '`' && !escaped;
            escaped = letter == '\\' && !escaped;
            is_end
        });
        let literal = format!("return `/*! axe v{}`", &text[..end.expect("its end")]);
        let read = self.client.execute(&literal, Vec::new()).await.expect("a text");
        read.as_str().expect("a text").to_owned()
    }
}
