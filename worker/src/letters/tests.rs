//! Every letter in every language.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta};
use entities::install::Killed;

use super::{Facts, Letter, Stage, languages, write};

const WHY: [Killed; 5] =
    [Killed::Password, Killed::AppRemoved, Killed::Checkpoint, Killed::RoleLost, Killed::Invalidated];
const LINK: &str = "https://feeds.example.com/connect/v1.a.bc";

fn facts() -> Facts {
    let now = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
    Facts {
        account: "powr_io".into(),
        page: "Crème & Co".into(),
        sites: vec!["shop.example".into(), "blog.example".into()],
        ends_at: Some(now + TimeDelta::days(10)),
        is_estimate: false,
        link: LINK.into(),
        link_ends_at: now + TimeDelta::days(14),
        now,
    }
}

fn stages() -> impl Iterator<Item = Stage> {
    [Stage::Expiring, Stage::Expired].into_iter().chain(WHY.map(Stage::Killed))
}

fn letter(stage: Stage, language: &str, facts: &Facts) -> Letter {
    write(stage, Some(language), facts).expect("a letter")
}

#[test]
fn every_letter_says_which_account_which_sites_and_has_one_button() {
    for language in languages() {
        for stage in stages() {
            let Letter { subject, text, html } = letter(stage, language, &facts());
            let at = format!("{language} {stage:?}");

            assert!(subject.contains("@powr_io") && subject.chars().count() <= 80, "{at}: {subject}");
            for part in [&text, &html] {
                for word in ["@powr_io", "shop.example", "blog.example"] {
                    assert!(part.contains(word), "{at}: {word}");
                }
                assert!(!part.contains("  ,") && !part.contains("{{"), "{at}");
            }
            assert_eq!((html.matches("<a ").count(), html.matches(LINK).count()), (1, 1), "{at}");
            assert!(text.lines().any(|line| line == LINK), "{at}: the address stands alone: {text}");
            assert!(text.lines().all(|line| line.chars().count() <= 72), "{at}: {text}");
            assert!(html.contains("prefers-color-scheme: dark") && !html.contains("<img"), "{at}");
        }
    }
}

#[test]
fn who_has_to_log_in_first_is_told_so_above_the_button() {
    for language in languages() {
        let text = letter(Stage::Killed(Killed::Checkpoint), language, &facts()).text;
        let (first, link) = (text.find("facebook.com"), text.find(LINK));
        assert!(first.is_some() && first < link, "{language}: {text}");
    }
}

#[test]
fn no_two_letters_of_a_language_say_the_same() {
    for language in languages() {
        let mut texts: Vec<String> = stages().map(|stage| letter(stage, language, &facts()).text).collect();
        let number = texts.len();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), number, "{language}");
    }
}

#[test]
fn what_others_wrote_stays_text() {
    let bad = Facts {
        account: "a\r\nBcc: x@example.com".into(),
        page: "<script>alert(1)</script>".into(),
        sites: vec!["<img src=x>".into()],
        ..facts()
    };
    for stage in stages() {
        let Letter { subject, html, .. } = letter(stage, "en", &bad);
        assert!(!subject.contains(['\r', '\n']), "{subject}");
        assert!(!html.contains("<script>") && !html.contains("<img"), "{html}");
    }
}

#[test]
fn the_owners_language_is_found_and_english_fits_everybody() {
    let (english, german) = (letter(Stage::Expiring, "en", &facts()), letter(Stage::Expiring, "de", &facts()));
    for tag in ["de", "de-AT", "DE_ch", "de-Latn-DE"] {
        assert_eq!(letter(Stage::Expiring, tag, &facts()), german, "{tag}");
    }
    for tag in ["en-GB", "", "tlh", "x", "deu"] {
        assert_eq!(letter(Stage::Expiring, tag, &facts()), english, "{tag}");
    }
    assert_eq!(write(Stage::Expiring, None, &facts()).expect("a letter"), english);
    assert!(german.subject.ends_with("innerhalb von 10 Tagen erneuern"), "{}", german.subject);
    assert!(german.html.contains("lang=\"de\""));
}

#[test]
fn days_are_counted_as_people_do_and_an_estimate_is_called_one() {
    let at = |left| {
        let facts = Facts { ends_at: Some(facts().now + left), is_estimate: true, ..facts() };
        letter(Stage::Expiring, "en", &facts)
    };
    for (left, says) in [
        (TimeDelta::minutes(5), "within one day"),
        (TimeDelta::hours(24), "within one day"),
        (TimeDelta::hours(25), "within 2 days"),
        (TimeDelta::days(10), "within 10 days"),
    ] {
        assert!(at(left).subject.ends_with(says), "{}", at(left).subject);
    }
    assert!(at(TimeDelta::days(3)).text.contains("about "));
}

#[test]
fn many_sites_are_counted_and_none_is_no_list() {
    let many = Facts { sites: (0..11).map(|number| format!("s{number}.example")).collect(), ..facts() };
    let none = Facts { sites: Vec::new(), ..facts() };

    let text = letter(Stage::Expired, "en", &many).text;
    assert!(text.contains("s7.example") && !text.contains("s8.example") && text.contains("and 3 more"), "{text}");
    assert!(!letter(Stage::Expired, "en", &none).text.contains("on:"));
}

#[test]
fn every_file_of_a_language_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/letters/languages");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| entry.expect("an entry").file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    let mut listed: Vec<&str> = languages().collect();
    files.sort();
    listed.sort_unstable();
    assert_eq!(files, listed);
}
