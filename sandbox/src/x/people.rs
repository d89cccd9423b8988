//! Who has an account on X: three by name, and as many as anybody needs (`crowd_0`, `crowd_1`, …).

/// The accounts with names of their own: what tests call them, their handle, their name.
const NAMED: [(&str, &str, &str); 3] = [
    ("powr_io", "powr_io", "POWR · Website plugins"),
    ("natgeo", "NatGeo", "National Geographic"),
    ("harbor_coffee", "harborcoffee", "Harbor Coffee"),
];
/// What the ids of those count from.
const NAMED_ID: u64 = 1_702_000_000_000_000_000;
/// How many more there are.
const CROWD: u64 = 20_000;
/// What their names begin with.
const CROWD_NAME: &str = "crowd_";
/// What their ids count from.
const CROWD_ID: u64 = 1_703_000_000_000_000_000;

/// An account on X.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name by which tests call it.
    pub(crate) user: String,
    /// The id on X.
    pub(crate) id: u64,
    /// The handle, without `@`.
    pub(crate) username: String,
    /// The name that is shown.
    pub(crate) name: String,
}

/// Returns the accounts that the consent page offers.
pub(crate) fn named() -> impl Iterator<Item = Person> {
    (NAMED_ID..).zip(NAMED).map(|(id, (user, username, name))| Person {
        user: user.to_owned(),
        id,
        username: username.to_owned(),
        name: name.to_owned(),
    })
}

/// Finds an account by the name that tests use.
pub(crate) fn by_user(user: &str) -> Option<Person> {
    named().find(|person| person.user == user).or_else(|| {
        let number: u64 = user.strip_prefix(CROWD_NAME)?.parse().ok()?;
        by_id(CROWD_ID.checked_add(number)?).filter(|person| person.user == user)
    })
}

/// Finds an account by its id.
pub(crate) fn by_id(id: u64) -> Option<Person> {
    named().find(|person| person.id == id).or_else(|| {
        let number = id.checked_sub(CROWD_ID).filter(|number| *number < CROWD)?;
        let user = format!("{CROWD_NAME}{number}");
        Some(Person { id, username: user.clone(), name: format!("One of many, {number}"), user })
    })
}

/// Finds an account by its handle, however it is written.
pub(crate) fn by_username(username: &str) -> Option<Person> {
    named()
        .find(|person| person.username.eq_ignore_ascii_case(username))
        .or_else(|| by_user(&username.to_ascii_lowercase()).filter(|person| person.user.starts_with(CROWD_NAME)))
}
