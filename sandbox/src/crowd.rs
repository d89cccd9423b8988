//! The crowd: any number of people who are alike, for tests that need many. `crowd_0`, `crowd_1`, … each have one Page and
//! one Instagram account of the same name, which has posted now and then.
//!
//! They are always there, and are listed nowhere: who they are follows from their number alone.

use std::sync::{LazyLock, OnceLock};

use crate::people::{Account, Page, Person};

/// How many there are.
const MOST: usize = 20_000;
/// What their names begin with.
const NAME: &str = "crowd_";
/// What their ids count from.
const PERSON_ID: u64 = 10_230_000_000_000_000;
const PAGE_ID: u64 = 140_000_000_000_000;
const ACCOUNT_ID: u64 = 17_841_500_000_000_000;
/// How much each has posted.
const POSTS: u32 = 12;

static CROWD: LazyLock<Vec<OnceLock<Person>>> = LazyLock::new(|| (0..MOST).map(|_| OnceLock::new()).collect());

/// Finds one by the name that tests use.
pub(crate) fn by_user(user: &str) -> Option<&'static Person> {
    by_number(user.strip_prefix(NAME)?.parse().ok()?).filter(|person| person.user == user)
}

/// Finds one by the Facebook user id.
pub(crate) fn by_id(id: u64) -> Option<&'static Person> {
    by_number(id.checked_sub(PERSON_ID)?)
}

/// Finds the owner of a Page.
pub(crate) fn of_page(id: &str) -> Option<&'static Person> {
    by_number(id.parse::<u64>().ok()?.checked_sub(PAGE_ID)?)
}

/// Finds the owner of an Instagram account.
pub(crate) fn of_account(id: &str) -> Option<&'static Person> {
    by_number(id.parse::<u64>().ok()?.checked_sub(ACCOUNT_ID)?)
}

fn by_number(number: u64) -> Option<&'static Person> {
    let place = CROWD.get(usize::try_from(number).ok()?)?;
    Some(place.get_or_init(|| person(number)))
}

/// Its texts live as long as everybody's here: for ever.
fn person(number: u64) -> Person {
    let name = kept(format!("{NAME}{number}"));
    let account = Account {
        id: kept((ACCOUNT_ID + number).to_string()),
        username: name,
        name,
        biography: "One of many.",
        website: "https://crowd.example/",
        followers: 120,
        follows: 80,
        posts: POSTS,
        without_role: false,
    };
    let page = Page {
        id: kept((PAGE_ID + number).to_string()),
        name,
        category: ("1103", "Local Service"),
        in_business: false,
        account: Some(account),
    };
    Person {
        user: name,
        id: PERSON_ID + number,
        name,
        about: "one of many who are alike",
        pages: Box::leak(Box::new([page])),
    }
}

fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use crate::people;

    #[test]
    fn everybody_in_the_crowd_is_found_by_every_name_and_nobody_else_is() {
        for number in [0, 1, 4_999, super::MOST - 1] {
            let person = people::by_user(&format!("crowd_{number}")).unwrap();
            let (page, account) = (&person.pages[0], person.accounts().next().unwrap());
            assert_eq!(people::by_id(person.id), Some(person));
            assert_eq!(people::page(page.id), Some((person, 0)));
            assert_eq!(people::account(account.id), Some((person, 0, account)));
        }
        for nobody in ["crowd_", "crowd_01", "crowd_-1", "crowd_20000", "crowd_99999999999999999999", "crowd_x"] {
            assert_eq!(people::by_user(nobody), None, "{nobody}");
        }
        for nothing in ["", "1", "17841500000020000", "140000000020000", "99999999999999999999"] {
            assert_eq!((people::page(nothing), people::account(nothing)), (None, None), "{nothing}");
        }
    }
}
