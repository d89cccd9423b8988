//! What a text weighs, how templates are filled, and that no post is too heavy or cut amiss: by X's own counting.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::units::units;
use super::{LONGEST_TEMPLATE, MOST, TEMPLATE, TemplateError, Words, asks_for_link, check, compose, has_link, weigh};

/// Captions, and what X's own program counts: twitter-text 3.1, run by `tests/fixtures/x_lengths.js`.
const COUNTED: &str = include_str!("../../../../tests/fixtures/x_lengths.json");
const ELLIPSIS: char = '…';

#[derive(Deserialize)]
struct Counted {
    caption: String,
    /// What all of it weighs.
    weight: usize,
    /// From where to where, in bytes, a beginning of it is too heavy, with an ellipsis behind it.
    too_heavy: Vec<(usize, usize)>,
}

impl Counted {
    /// Whether X takes so many bytes of it, with an ellipsis behind them.
    fn takes(&self, bytes: usize) -> bool {
        !self.too_heavy.iter().any(|(from, to)| (*from..=*to).contains(&bytes))
    }
}

fn of_caption(caption: &str) -> String {
    compose(TEMPLATE, Words { caption, ..Words::default() })
}

#[test]
fn characters_emoji_and_links_weigh_what_x_says() {
    for (text, weight) in [
        ("", 0),
        ("plain text", 10),
        ("é", 1),
        ("日本語", 6),
        ("مرحبا", 5),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨\u{200d}👩\u{200d}👧\u{200d}👦", 2),
        ("🇩🇪", 2),
        ("1️⃣", 2),
        ("❤️\u{200d}🔥", 5),
        ("…", 2),
        ("https://example.com/a/very/long/path/that/goes/on/and/on?with=a&query=too", 23),
        ("see example.com now", 4 + 23 + 4),
        ("(example.com)", 25),
        ("the end.", 8),
        ("3.5 of 4", 8),
    ] {
        assert_eq!(weigh(text), weight, "{text}");
    }
}

#[test]
fn what_may_be_a_link_is_weighed_for_the_worse() {
    for text in ["http://日本語.jp/a", "ann@example.com", "the end.Next one", "x.example.weird"] {
        assert!(weigh(text) >= 23, "{text}");
    }
}

#[test]
fn a_template_is_filled_in_one_go() {
    let words =
        Words { caption: "a {permalink} of mine", permalink: Some("https://instagram.com/p/x"), username: "ann" };
    for (template, text) in [
        ("{caption}", "a {permalink} of mine https://instagram.com/p/x"),
        ("{permalink} {caption}", "https://instagram.com/p/x a {permalink} of mine"),
        ("{caption} (by {username})", "a {permalink} of mine (by ann) https://instagram.com/p/x"),
        ("{username}", "ann https://instagram.com/p/x"),
    ] {
        assert_eq!(compose(template, words), text, "{template}");
    }
    let bare = Words { permalink: None, ..words };
    let hidden = Words { caption: "before\0after\u{7}\nnext", ..bare };
    assert_eq!(compose("{caption}", hidden), "beforeafter\nnext");
    assert_eq!(compose("New: {caption}\n{permalink}", bare), "New: a {permalink} of mine");
    assert_eq!(compose(TEMPLATE, Words::default()), "");
}

#[test]
fn only_the_caption_is_shortened() {
    let caption = "word ".repeat(200);
    let permalink = "https://www.instagram.com/p/C0ffee/";
    let text =
        compose("By {username}: {caption}", Words { caption: &caption, permalink: Some(permalink), username: "ann" });
    assert!(text.starts_with("By ann: word ") && text.ends_with(&format!("word… {permalink}")), "{text}");
    assert!((MOST - 10..=MOST).contains(&weigh(&text)), "{}", weigh(&text));
}

#[test]
fn a_template_that_is_too_heavy_by_itself_is_cut_too() {
    let template = format!("{}{{caption}}", "字".repeat(190));
    let text = compose(&template, Words { caption: "hello", ..Words::default() });
    assert!(weigh(&text) <= MOST && text.ends_with('…'), "{text}");
}

#[test]
fn templates_that_cannot_be_filled_are_refused() {
    for (template, error) in [
        ("{caption}", None),
        ("{permalink}", None),
        ("by {username}", Some(TemplateError::SaysTheSame)),
        ("{caption}\0", Some(TemplateError::Control)),
        ("{caption}\nby {username}", None),
        ("hello", Some(TemplateError::SaysTheSame)),
        ("", Some(TemplateError::SaysTheSame)),
        ("{caption} {likes}", Some(TemplateError::Unknown)),
        ("{caption", Some(TemplateError::Unknown)),
        (&"x".repeat(LONGEST_TEMPLATE + 1), Some(TemplateError::TooLong)),
    ] {
        assert_eq!(check(template).err(), error, "{template}");
    }
    assert!(asks_for_link("{permalink}") && !asks_for_link(TEMPLATE));
    assert!(has_link("see example.com") && !has_link("see you"));
}

#[test]
fn two_hundred_captions_never_come_out_heavier_than_x_takes_nor_with_a_cut_grapheme() {
    let counted: Vec<Counted> = serde_json::from_str(COUNTED).expect("the fixture");
    assert!(counted.len() >= 200, "{}", counted.len());
    let (mut exact, mut shortened) = (0, 0);
    for row in &counted {
        let whole: String = row.caption.nfc().collect::<String>().trim().to_owned();
        let (own, text) = (weigh(&whole), of_caption(&row.caption));
        assert!(own >= row.weight, "{own}, lighter than X counts ({}): {whole}", row.weight);
        exact += usize::from(own == row.weight);
        if text == whole {
            assert!(row.weight <= MOST, "X counts {}: {text}", row.weight);
            continue;
        }
        shortened += 1;
        let heaviest = units(&whole).iter().map(|unit| unit.weight).max().unwrap_or_default();
        assert!(weigh(&text) + heaviest + 45 >= MOST, "more is missing than has to be: {text}");
        if text.is_empty() {
            continue;
        }
        let kept = text.strip_suffix(ELLIPSIS).unwrap_or_else(|| panic!("nothing says that it was cut: {text}"));
        assert!(whole.starts_with(kept) && row.takes(kept.len()), "too heavy for X: {text}");
        assert!(whole.grapheme_indices(true).any(|(start, _)| start == kept.len()), "a grapheme is cut: {text}");
    }
    assert!(shortened >= 100, "only {shortened} had to be shortened");
    assert!(exact * 2 >= counted.len(), "{exact} of {} weigh exactly what X counts", counted.len());
}
