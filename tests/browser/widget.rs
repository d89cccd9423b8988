//! The widget on somebody's site, under a strict policy, in every state: what a visitor sees, hears and can do.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::browser::Browser;
use crate::harness::{Site, World};

/// Two of the same account on one page, each its own way.
const TWO: &str = r#"<feedkeeper-feed id="grid" app="bakery" feed="@powr_io" columns="4" items="8" captions refresh="1"></feedkeeper-feed>
<h2>The same, side by side</h2>
<feedkeeper-feed id="row" app="bakery" feed="powr_io" layout="carousel" columns="4" no-header refresh="1"></feedkeeper-feed>"#;

/// Names each widget's root, `grid` and `row`, to a script.
const ROOTS: &str = "const [grid, row] = ['grid', 'row'].map(id => document.getElementById(id).shadowRoot); ";

/// What all widgets of a page say of themselves.
const STATES: &str = "return [...document.querySelectorAll('feedkeeper-feed')].map(feed => feed.dataset.state)";

/// Whether every picture and cover in the window is there; and that of every one that came, something is to be seen.
const DRAWN: &str = "const box = node => node.getBoundingClientRect(); \
     const inside = node => box(node).bottom > 0 && box(node).top < innerHeight && box(node).left < box(node.getRootNode().host).right - 1 \
         && !node.closest('[inert]'); \
     const all = css => [...document.querySelectorAll('feedkeeper-feed')].flatMap(feed => [...feed.shadowRoot.querySelectorAll(css)]); \
     return all('img').filter(inside).every(img => img.complete && img.naturalWidth > 0) && \
         all('video').filter(inside).every(video => video.poster || video.readyState > 1) && \
         all('article').length";

/// Where the keyboard is, in a widget.
const FOCUS: &str = "let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; \
     return at.getAttribute('aria-label') || at.textContent || at.localName";

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const RIGHT: char = '\u{e014}';

/// Waits until the widgets of a page are in these states.
async fn states(browser: &Browser, expected: &[&str]) {
    let said = serde_json::to_string(expected).expect("a list");
    browser.until(&format!("const said = (() => {{ {STATES} }})(); return JSON.stringify(said) === '{said}'")).await;
}

async fn posts(browser: &Browser) -> Value {
    let count = "return [grid, row].map(root => root.querySelectorAll('article').length)";
    browser.client.execute(&format!("{ROOTS}{count}"), Vec::new()).await.expect("a count")
}

async fn value(browser: &Browser, script: &str) -> Value {
    browser.client.execute(script, Vec::new()).await.expect("a value")
}

/// Looks at the page on a phone and on a desk, by day and by night; it is clean everywhere.
async fn look(browser: &Browser, name: &str) {
    for (width, height, dark) in [(360, 800, true), (360, 800, false), (1200, 1500, true), (1200, 1500, false)] {
        browser.hold(width, height, dark).await;
        browser.until(DRAWN).await;
        browser.until("return document.documentElement.scrollWidth <= innerWidth").await;
        let (size, light) = (if width < 500 { "narrow" } else { "wide" }, if dark { "dark" } else { "light" });
        browser.is_clean(&format!("{name}, {size} and {light}")).await;
        browser.picture(&format!("widget-{name}-{size}-{light}")).await;
    }
}

#[tokio::test]
async fn two_on_one_page_go_through_their_states_and_never_blank_or_move() {
    let world = World::start().await;
    world.connect("powr_io", "bakery").await;
    let markup =
        json!({"user": "powr_io", "caption": "From six: rye <b>and</b> spelt", "alt_text": "A loaf \"of\" rye"});
    world.http.post_json(&format!("{}/_sandbox/media", world.stand_ins.url), &markup).await;
    let site = Site::open(&world.url, &world.stand_ins.url, TWO).await;
    let browser = Browser::open(1200, 1500).await;
    browser.hold(1200, 1500, false).await;

    browser.go(&site.url).await;
    states(&browser, &["pending", "pending"]).await;
    browser.is_clean("what waits").await;
    browser.picture("widget-pending-wide-light").await;

    world.drain().await;
    states(&browser, &["fresh", "fresh"]).await;
    browser.until(DRAWN).await;
    assert_eq!(value(&browser, "return moved").await, json!([]), "everything had its place");
    let told = value(&browser, "return told.slice(0, 2).map(event => event.join(' ')).sort()").await;
    assert_eq!(told, json!(["load grid 50 fresh", "load row 50 fresh"]));
    let first = "const post = grid.querySelector('article'); \
         return [post.querySelector('.text p').textContent, post.querySelector('img').alt, post.querySelector('b')]";
    let first = value(&browser, &format!("{ROOTS}{first}")).await;
    assert_eq!(first, json!(["From six: rye <b>and</b> spelt", "A loaf \"of\" rye", null]), "text stays text");
    let lazy = "return [...grid.querySelectorAll('article img')].every(img => img.loading === 'lazy' && img.width && img.height)";
    assert_eq!(value(&browser, &format!("{ROOTS}{lazy}")).await, json!(true), "pictures are lazy, and say their size");
    look(&browser, "fresh").await;

    // A night in which nothing was fetched, and a morning with the same pictures at new addresses.
    value(&browser, "window.seen = document.getElementById('grid').shadowRoot.querySelector('article img').src").await;
    world.advance(TimeDelta::hours(9)).await;
    states(&browser, &["stale", "stale"]).await;
    look(&browser, "stale").await;
    world.push_feed().await;
    world.drain().await;
    states(&browser, &["fresh", "fresh"]).await;
    let now = world.ask("bakery", "@powr_io").await.json()["data"][0]["media_url"].clone();
    let same = "return [grid.querySelector('article img').src === seen, seen]";
    let kept = value(&browser, &format!("{ROOTS}{same}")).await;
    assert!(kept[0] == true && kept[1] != now, "what is seen is not fetched again: {kept}, {now}");

    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;
    states(&browser, &["blocked", "blocked"]).await;
    assert_eq!(posts(&browser).await, json!([8, 12]), "the last good posts stay");
    browser.is_clean("a connection that has ended").await;

    // Whoever builds the page may change their mind.
    let change = "document.getElementById('grid').setAttribute('layout', 'carousel'); \
         document.getElementById('row').setAttribute('items', '3')";
    value(&browser, change).await;
    browser
        .until(&format!("{ROOTS} return grid.querySelector('.nav') && row.querySelectorAll('article').length === 3"))
        .await;
    assert_eq!(value(&browser, "return forbidden").await, json!([]));
    browser.close().await;
}

#[tokio::test]
async fn without_a_mouse_albums_films_and_rows_are_usable() {
    let world = World::with_feed().await;
    let body = TWO.replace("\"bakery\"", "\"w1\"");
    let site = Site::open(&world.url, &world.stand_ins.url, &body).await;
    let browser = Browser::open(1200, 1500).await;
    browser.go(&site.url).await;
    states(&browser, &["fresh", "fresh"]).await;
    browser.until(DRAWN).await;

    // The account, the first picture, then the album, which the arrows turn.
    let mut way = Vec::new();
    for _ in 0..3 {
        browser.press(TAB).await;
        way.push(value(&browser, FOCUS).await.as_str().unwrap_or_default().to_owned());
    }
    assert!(way[0].contains("@powr_io") && way[0].contains("opens in a new tab"), "{way:?}");
    assert_eq!(way[2], "Album by @powr_io", "{way:?}");
    browser.press(RIGHT).await;
    let turned = "const slides = [...grid.querySelector('.track').children]; \
         return slides[0].inert && !slides[1].inert && grid.querySelector('[aria-live]').textContent";
    assert_eq!(browser.until(&format!("{ROOTS}{turned}")).await, "2 of 3");
    browser.picture("widget-keyboard").await;

    let film = "article[data-type=VIDEO]";
    browser.until(&format!("{ROOTS} grid.querySelector('{film} .play').focus(); return grid.activeElement")).await;
    let covered = format!(
        "{ROOTS} const {{preload, poster, controls}} = grid.querySelector('{film} video'); \
         return [preload, poster.includes('/cdn/'), controls]"
    );
    assert_eq!(value(&browser, &covered).await, json!(["none", true, false]), "a cover, and nothing loaded yet");
    browser.press(ENTER).await;
    let plays =
        "const film = grid.activeElement; return film.localName === 'video' && film.controls && film.currentTime > 0";
    browser.until(&format!("{ROOTS}{plays}")).await;

    let place = "return row.querySelector('.nav .sub').textContent";
    assert_eq!(value(&browser, &format!("{ROOTS}{place}")).await, "1–4 of 12");
    browser.until(&format!("{ROOTS} row.querySelector('.nav .next').focus(); return row.activeElement")).await;
    browser.press(ENTER).await;
    browser
        .until(&format!(
            "{ROOTS} return row.querySelector('.row').scrollLeft > 1000 && (() => {{ {place} }})() === '5–8 of 12'"
        ))
        .await;
    browser.is_clean("what was played with").await;

    // The service is out of reach: what is there stays, and says how old it is.
    browser.say("Network.enable", json!({})).await;
    let away = json!({"offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.say("Network.emulateNetworkConditions", away).await;
    states(&browser, &["stale", "stale"]).await;
    assert_eq!(posts(&browser).await, json!([8, 12]));
    let told = "const [type, , count, code] = told.at(-1); return [type, count, code].join(' ')";
    assert_eq!(value(&browser, told).await, "error 50 unreachable");
    browser.complaints().await;
    browser.close().await;
}

#[tokio::test]
async fn what_cannot_be_shown_is_said_and_no_picture_is_ever_broken() {
    let world = World::start().await;
    for user in ["powr_io", "no_posts"] {
        world.connect(user, "bakery").await;
    }
    world.register("bakery", &["@natgeo", "@powr_io"]).await;
    let withheld =
        json!({"user": "powr_io", "media_type": "IMAGE", "caption": "Bread and jazz", "without_media_url": true});
    world.http.post_json(&format!("{}/_sandbox/media", world.stand_ins.url), &withheld).await;
    let feed = |id: &str, key: &str| {
        let refresh = if id == "broken" { "5" } else { "300" };
        format!(
            "<h2>{key}</h2>\n<feedkeeper-feed id=\"{id}\" app=\"bakery\" feed=\"{key}\" columns=\"6\" items=\"6\" refresh=\"{refresh}\"></feedkeeper-feed>\n"
        )
    };
    let feeds = [("broken", "@powr_io"), ("empty", "@quiet_ceramics"), ("apart", "@natgeo"), ("unknown", "@nobody")];
    let body: String = feeds.iter().map(|(id, key)| feed(id, key)).collect();
    for key in ["@powr_io", "@quiet_ceramics"] {
        world.ask("bakery", key).await;
    }
    world.drain().await;
    // Files of every kind are gone, but for the squares.
    for kind in ["portrait", "wide", "tall"] {
        let gone = json!({"answer": {"status": 403, "headers": {}, "body": "URL signature expired"}});
        world.stand_ins.fault(kind, json!({"path_contains": format!("/cdn/{kind}/")}), gone).await;
    }

    let site = Site::open(&world.url, &world.stand_ins.url, &body).await;
    let browser = Browser::open(1200, 1500).await;
    browser.go(&site.url).await;
    states(&browser, &["fresh", "empty", "blocked", "error"]).await;
    browser.until(DRAWN).await;

    let cards = "const root = document.getElementById('broken').shadowRoot; \
         return [...root.querySelectorAll('article')].map(post => post.querySelector('.card p')?.textContent ?? '')";
    assert_eq!(value(&browser, cards).await[0], "Bread and jazz", "a card where Meta withholds the file");
    let links = "return [...document.getElementById('broken').shadowRoot.querySelectorAll('article')].every(post => \
         [...post.querySelectorAll('a')].some(link => link.href.startsWith('https://www.instagram.com/')))";
    assert_eq!(value(&browser, links).await, json!(true), "every post leads to Instagram");
    let said = "return ['empty', 'apart', 'unknown'].map(id => document.getElementById(id).shadowRoot.querySelector('.say p').textContent)";
    let sentences =
        ["No posts yet.", "This Instagram account is not connected yet.", "This feed is not set up for this site."];
    assert_eq!(value(&browser, said).await, json!(sentences));
    let kept = "window.kept = [...document.getElementById('broken').shadowRoot.querySelectorAll('.card')]; \
         window.before = told.length; return kept.length > 1";
    assert_eq!(value(&browser, kept).await, json!(true));
    browser.until("return told.length > before").await;
    let stay = "return kept.every(card => card.isConnected)";
    assert_eq!(value(&browser, stay).await, json!(true), "another look brings no other addresses: what is drawn stays");
    let told = "return [...new Set(told.map(event => event.join(' ')))].sort()";
    let events = [
        "error apart 0 not_connected",
        "error unknown 0 feed_not_registered",
        "load broken 50 fresh",
        "load empty 0 fresh",
    ];
    assert_eq!(value(&browser, told).await, json!(events));
    // What the console says of files and answers that are not there is the browser's own.
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|line| line.contains("Failed to load resource")), "{complaints:?}");
    for (width, height, dark) in [(360, 1400, true), (1200, 1300, false)] {
        browser.hold(width, height, dark).await;
        browser.until(DRAWN).await;
        assert_eq!(browser.barriers().await, [""; 0]);
        browser.picture(&format!("widget-said-{}", if dark { "narrow-dark" } else { "wide-light" })).await;
    }
    browser.complaints().await;
    browser.close().await;
}
