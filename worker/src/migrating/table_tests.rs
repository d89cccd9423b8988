//! Every combination of what decides about an app that may have to move, in one table: where a feed comes from, whether the
//! banner is shown, and what the value is once the app is saved.

use chrono::DateTime;
use entities::app::{self, NEVER};
use entities::feed::Source::{self, Graph, Outlet};
use entities::{FeedKey, StringList};

use super::{Kept, Terms, source_of};

const DATE: &str = "2026-11-20T10:00:00Z";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Account,
    Hashtag,
}

/// Whether one of the app's connections reads it. What was disconnected is told from what never was by nothing but that its
/// name is not in the list: it had left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Never,
    Connected,
    DisconnectedAgain,
}

/// One combination.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table")]
#[derive(Clone, Copy, Debug)]
struct Case {
    has_outlet: bool,
    is_old: bool,
    in_rollout: bool,
    takes_part: bool,
    value: Option<&'static str>,
    is_listed: bool,
    reader: Reader,
    key: Key,
}

/// What follows from it: the source, the banner, and the value that the app has once it is saved again.
type Outcome = (Source, bool, Option<&'static str>);

/// The table. `_` is: whatever it is. Every combination fits one row, and the first that fits counts.
#[expect(clippy::match_same_arms, reason = "a row is a rule: rules that agree are still two")]
#[rustfmt::skip]
fn expected(case: &Case) -> Outcome {
    use {Key::*, Reader::*};
    const N: Option<&str> = Some(NEVER);
    const D: Option<&str> = Some(DATE);
    let &Case { has_outlet, is_old, in_rollout, takes_part, value, is_listed, reader, key } = case;
    //     outlet      old     rollout     type        value  listed     reader             key
    match (has_outlet, is_old, in_rollout, takes_part, value, is_listed, reader,            key) {
        // A new app always reads from the Graph, is offered nothing, and never gets the value.
        (_,            false,  _,          _,          v,     _,         _,                 _) => (Graph, false, v),
        // An old one of another kind takes no part: the outlet serves it as ever, and saving it changes nothing.
        (true,         true,   _,          false,      v,     _,         _,                 _) => (Outlet, false, v),
        (false,        true,   _,          false,      v,     _,         _,                 _) => (Graph, false, v),
        // Without an outlet there is only the Graph; the move is offered all the same.
        (false,        true,   false,      true,       v,     _,         _,                 _) => (Graph, false, v),
        (false,        true,   true,       true,       None,  _,         _,                 _) => (Graph, false, N),
        (false,        true,   true,       true,       N,     _,         _,                 _) => (Graph, true, N),
        (false,        true,   true,       true,       v,     _,         _,                 _) => (Graph, false, v),
        // Null: everything from the outlet, whatever is connected; saved inside the rollout it becomes "never".
        (true,         true,   false,      true,       None,  _,         _,                 _) => (Outlet, false, None),
        (true,         true,   true,       true,       None,  _,         _,                 _) => (Outlet, false, N),
        // "never": the same, and the banner; outside the rollout it is hidden, and the value stays.
        (true,         true,   true,       true,       N,     _,         _,                 _) => (Outlet, true, N),
        (true,         true,   false,      true,       N,     _,         _,                 _) => (Outlet, false, N),
        // A date: hashtags come from the Graph while any account is connected; a list says nothing of them.
        (true,         true,   _,          true,       D,     _,         Connected,         Hashtag) => (Graph, false, D),
        (true,         true,   _,          true,       D,     _,         _,                 Hashtag) => (Outlet, false, D),
        // What is in the list stays with the outlet: also in the moment between the connection and the job.
        (true,         true,   _,          true,       D,     true,      _,                 Account) => (Outlet, false, D),
        // What is not, has moved; or came to the app later, connected already.
        (true,         true,   _,          true,       D,     false,     Connected,         Account) => (Graph, false, D),
        // Disconnected again it goes back: the Graph serves connected accounts alone.
        (true,         true,   _,          true,       D,     false,     DisconnectedAgain, Account) => (Outlet, false, D),
        // Never connected and not listed: it came to the app a moment ago.
        (true,         true,   _,          true,       D,     false,     Never,             Account) => (Outlet, false, D),
        (true,         true,   _,          true,       Some(other), ..) => unreachable!("{other}"),
    }
}

/// All of them: 2 · 2 · 2 · 2 · 3 · 2 · 3 · 2.
fn all() -> Vec<Case> {
    let both = [false, true];
    let mut cases = Vec::new();
    for has_outlet in both {
        for is_old in both {
            for in_rollout in both {
                for takes_part in both {
                    for value in [None, Some(NEVER), Some(DATE)] {
                        for is_listed in both {
                            for reader in [Reader::Never, Reader::Connected, Reader::DisconnectedAgain] {
                                for key in [Key::Account, Key::Hashtag] {
                                    cases.push(Case {
                                        has_outlet,
                                        is_old,
                                        in_rollout,
                                        takes_part,
                                        value,
                                        is_listed,
                                        reader,
                                        key,
                                    });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    cases
}

fn app(feeds: &[&str]) -> app::Model {
    app::Model {
        app_id: "w1".to_owned(),
        user: "ann".to_owned(),
        app_type: "socialFeed".to_owned(),
        owner_email: None,
        language: None,
        allowed_origins: StringList::default(),
        feeds: feeds.iter().copied().collect(),
        saved_before: true,
        instagram_graph_api_migrated_at: None,
        instagram_not_migrated_feeds: StringList::default(),
        migrate_due_at: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

impl Case {
    fn key(&self) -> FeedKey {
        let text = if self.key == Key::Account { "@powr_io" } else { "#food" };
        FeedKey::parse(text).expect(text)
    }

    fn outcome(&self) -> Outcome {
        let terms = Terms { has_outlet: self.has_outlet, ..Terms::default() };
        let key = self.key();
        let mut app = app(&[key.as_str()]);
        app.saved_before = self.is_old;
        app.app_type = if self.takes_part { "socialFeed" } else { "photoGallery" }.to_owned();
        app.instagram_graph_api_migrated_at = self.value.map(str::to_owned);
        app.instagram_not_migrated_feeds = self.is_listed.then(|| key.to_string()).into_iter().collect();
        let has_reader = self.reader == Reader::Connected;
        let saved = Kept::when_saved(&terms, &app, self.in_rollout, &[]).migrated_at;
        let saved = [None, Some(NEVER), Some(DATE)].into_iter().find(|value| *value == saved.as_deref());
        let saved = saved.expect("no other value");
        (source_of(&terms, &app, &key, has_reader), terms.offers(&app, self.in_rollout), saved)
    }
}

#[test]
fn every_combination_is_decided_as_the_table_says() {
    let cases = all();
    assert_eq!(cases.len(), 576);
    for case in cases {
        assert_eq!(case.outcome(), expected(&case), "{case:?}");
    }
}

/// Connected names, and what the list is behind it.
fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_example_moves_the_hashtag_and_the_connected_account_and_later_another() {
    let terms = Terms { has_outlet: true, ..Terms::default() };
    let now = DATE.parse().expect("a date");
    let mut app = app(&["#food", "@powr_io", "@natgeo", "@apple", "@trees"]);
    let connect = |app: &mut app::Model, connected: &[&str]| {
        let kept = Kept::when_connected(&terms, app, &names(connected), now);
        if let Some(kept) = &kept {
            app.instagram_graph_api_migrated_at.clone_from(&kept.migrated_at);
            app.instagram_not_migrated_feeds = kept.not_migrated_feeds.clone();
        }
        kept.map(|kept| (kept.migrated_at, kept.not_migrated_feeds.0))
    };
    let moved = |list: &[&str]| Some((Some(DATE.to_owned()), names(list)));

    assert_eq!(connect(&mut app, &["powr_io"]), None, "null: nothing moves");
    app.instagram_graph_api_migrated_at = Kept::when_saved(&terms, &app, true, &[]).migrated_at;
    assert_eq!(connect(&mut app, &[]), None, "who has disconnected meanwhile has not moved");
    assert_eq!(connect(&mut app, &["powr_io"]), moved(&["@natgeo", "@apple", "@trees"]));
    assert_eq!(connect(&mut app, &["powr_io"]), None, "it says so already");
    assert_eq!(connect(&mut app, &["powr_io", "natgeo"]), moved(&["@apple", "@trees"]), "the date is the first one");
    assert_eq!(connect(&mut app, &["natgeo"]), moved(&["@powr_io", "@apple", "@trees"]), "disconnected again");
    assert_eq!(connect(&mut app, &[]), moved(&["@powr_io", "@natgeo", "@apple", "@trees"]), "the last one, too");
}

#[test]
fn the_list_follows_the_feeds_that_are_saved() {
    let terms = Terms { has_outlet: true, ..Terms::default() };
    let mut app = app(&["#food", "@powr_io", "@natgeo", "@new", "#new"]);
    app.instagram_graph_api_migrated_at = Some(DATE.to_owned());
    app.instagram_not_migrated_feeds = ["@natgeo", "@apple"].into_iter().collect();

    let saved = Kept::when_saved(&terms, &app, true, &names(&["powr_io"]));

    assert_eq!(saved.migrated_at.as_deref(), Some(DATE));
    assert_eq!(saved.not_migrated_feeds.0, names(&["@natgeo", "@new"]), "one left, one came");
}

#[test]
fn who_takes_no_part_any_more_is_not_moved_by_connecting() {
    let (terms, now) = (Terms::default(), DATE.parse().expect("a date"));
    let offered = app::Model { instagram_graph_api_migrated_at: Some(NEVER.to_owned()), ..app(&["@powr_io"]) };
    for app in [
        app::Model { app_type: "photoGallery".to_owned(), ..offered.clone() },
        app::Model { saved_before: false, ..offered.clone() },
    ] {
        assert_eq!(Kept::when_connected(&terms, &app, &names(&["powr_io"]), now), None, "{app:?}");
    }
    assert!(Kept::when_connected(&terms, &offered, &names(&["powr_io"]), now).is_some());
}
