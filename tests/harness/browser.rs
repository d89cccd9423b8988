//! Headless Chromium, driven through its own driver, with a profile of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Windows are no narrower: what is, is a phone.
pub(super) const PHONE: u32 = 500;

/// The longest that a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Browser {
    pub client: Client,
    driver: Child,
    _profile: TempDir,
}

impl Drop for Browser {
    /// Ends the driver and every process of the browser that it started: they share its process group.
    fn drop(&mut self) {
        if let Some(group) = self.driver.id() {
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
        }
    }
}

impl Browser {
    /// Opens a window of this size, or a phone.
    pub(crate) async fn open(width: u32, height: u32) -> Self {
        Self::open_with(width, height, &[]).await
    }

    /// Opens one for somebody whose system is dark.
    pub(crate) async fn open_dark(width: u32, height: u32) -> Self {
        Self::open_with(width, height, &["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]).await
    }

    async fn open_with(width: u32, height: u32, more: &[&str]) -> Self {
        let profile = TempDir::new().expect("a folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed");
        let mut lines = BufReader::new(driver.stdout.take().expect("stdout")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("read").expect("chromedriver says its port");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--lang=en".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let arguments: Vec<String> = arguments.into_iter().chain(more.iter().map(|&more| more.to_owned())).collect();
        let mut options = json!({"args": arguments});
        if width < PHONE {
            let screen = json!({"width": width, "height": height, "pixelRatio": 1, "mobile": true, "touch": true});
            options["mobileEmulation"] = json!({"deviceMetrics": screen});
        }
        let capabilities = json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let mut builder = ClientBuilder::new(http_connector());
        builder.capabilities(capabilities.as_object().cloned().expect("an object"));
        let address = format!("http://127.0.0.1:{port}");
        let client =
            tokio::time::timeout(PATIENCE, builder.connect(&address)).await.expect("in time").expect("a browser");
        Self { client, driver, _profile: profile }
    }

    /// Closes the window, as a person does. No page may have failed in its scripts, or gone against its policy.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        // An answer that is a refusal is no complaint: what a page must not ask for, `is_clean` says.
        let failed: Vec<_> = complaints.iter().filter(|line| !line.contains("Failed to load resource")).collect();
        assert!(failed.is_empty(), "the console: {failed:?}");
        let _ = tokio::time::timeout(PATIENCE, self.client.clone().close()).await;
    }

    pub(crate) async fn go(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// Waits for an element.
    pub(crate) async fn see(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}; the page: {}", self.client.source().await.unwrap_or_default()),
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        self.see(css).await.click().await.expect("clicked");
    }

    /// Runs a script until it returns something that is true, and returns that.
    pub(crate) async fn until(&self, script: &str) -> serde_json::Value {
        let look = async {
            loop {
                let value = self.client.execute(script, Vec::new()).await.unwrap_or_default();
                if !value.is_null() && value != json!(false) && value != json!(0) {
                    return value;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("never true: {script}"))
    }

    /// Keeps a picture of the window beside the build's output, for people to look at.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let png = self.client.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
    }
}

fn http_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
