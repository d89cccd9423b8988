//! Every page's words in every language.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};

use super::{ALL, Language, Service, Told};
use crate::failed::Failure;
use crate::refused::Refused;

const SERVICES: [Service; 2] = [Service::Facebook, Service::X];

fn failures<'a>(scopes: &'a [String], found: &'a [String]) -> Vec<Failure<'a>> {
    vec![
        Failure::MissingScopes(scopes),
        Failure::NoPages,
        Failure::PageWithoutInstagram(Some("Crème & Co")),
        Failure::PageWithoutInstagram(None),
        Failure::AccountNotAllowed,
        Failure::CodeExpired,
        Failure::Denied,
        Failure::WrongAccount { wanted: "powr_io", found },
        Failure::TokenDead,
        Failure::Transient,
        Failure::RateLimited,
        Failure::PermissionLost,
        Failure::AppMisconfigured,
        Failure::NotFound,
        Failure::BadRequest,
        Failure::Ambiguous,
    ]
}

/// Everything that a language tells about what did not work.
fn all_told(language: &Language) -> Vec<Told> {
    let (scopes, found) = (["instagram_basic".to_owned(), "new_scope".to_owned()], ["@natgeo".to_owned()]);
    let failures = failures(&scopes, &found);
    let of = |service| {
        let refused = Refused::ALL.into_iter().map(move |why| (language.refused)(why, service));
        failures.iter().map(move |what| (language.failed)(what, service)).chain(refused)
    };
    SERVICES.into_iter().flat_map(of).collect()
}

fn asking_for(list: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_str(list).expect("a header"))])
}

#[test]
fn whatever_goes_wrong_has_a_heading_a_reason_and_one_fix_in_sentences() {
    for language in ALL {
        for Told { title, message, advice } in all_told(language) {
            let at = format!("{}: {title}", language.tag);
            assert!(!title.is_empty() && !title.ends_with('.') && title.chars().count() <= 60, "{at}");
            for text in [&message, &advice] {
                assert!(text.ends_with('.') && !text.contains("  "), "{at}: {text}");
            }
            assert!(advice.chars().count() <= 140, "{at}: one fix: {advice}");
        }
    }
}

#[test]
fn permissions_are_named_by_what_they_are_good_for() {
    let scopes = ["instagram_basic".to_owned(), "new_scope".to_owned()];
    let message = |language: &Language| (language.failed)(&Failure::MissingScopes(&scopes), Service::Facebook).message;

    let [english, german] = ALL;
    assert_eq!(message(english), "Facebook did not let us: read the account and its posts; new_scope.");
    assert_eq!(message(german), "Facebook erlaubt uns nicht: das Konto und seine Beiträge zu lesen; new_scope.");
}

#[test]
fn no_language_is_another_one_that_was_copied() {
    let [english, german] = ALL.map(all_told);
    for (english, german) in english.iter().zip(&german) {
        assert!(english.title != german.title && english.advice != german.advice, "{english:?}");
    }
}

#[test]
fn the_owners_language_comes_first_then_the_visitors_then_english() {
    let none = HeaderMap::new();
    for (owners, visitors, tag) in [
        (Some("de-AT"), "en", "de"),
        (Some("en"), "de", "en"),
        (Some("DE_ch"), "", "de"),
        (Some("fr"), "de-DE,en;q=0.5", "de"),
        (None, "de-DE,de;q=0.9,en;q=0.8", "de"),
        (None, "fr, en;q=0.4, de;q=0.7", "de"),
        (None, "de;q=0, en", "en"),
        (None, "en-US,en;q=0.9,de;q=0.8", "en"),
        (None, "fr", "en"),
        (None, "*", "en"),
        (None, "de;q=x,;,=", "en"),
    ] {
        assert_eq!(Language::choose(owners, &asking_for(visitors)).tag, tag, "{owners:?} {visitors}");
    }
    assert_eq!(Language::choose(None, &none).tag, "en");
}

#[test]
fn pages_and_letters_are_written_in_the_same_languages_and_every_file_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/languages");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| entry.expect("an entry").file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !["mod", "tests", "told", "words"].contains(&name.as_str()))
        .collect();
    let listed: BTreeSet<String> = ALL.into_iter().map(|language| language.tag.to_owned()).collect();
    assert_eq!(files, listed);
    assert_eq!(worker::letters::languages().map(str::to_owned).collect::<BTreeSet<_>>(), listed);
}
