//! Who lives in the sandbox: Facebook users, their Pages, and the Instagram accounts behind those.
//! All of it is fixed; what tests change about a person is in `patch`. Beside these few there are any number in `crowd`.

use crate::crowd;

/// An Instagram professional account.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The IG user id.
    pub(crate) id: &'static str,
    /// The handle, without `@`.
    pub(crate) username: &'static str,
    /// The display name.
    pub(crate) name: &'static str,
    /// The text under the name.
    pub(crate) biography: &'static str,
    /// The link under the text.
    pub(crate) website: &'static str,
    /// How many follow it.
    pub(crate) followers: u32,
    /// How many it follows.
    pub(crate) follows: u32,
    /// How many posts the generator makes for it.
    pub(crate) posts: u32,
    /// Whether the app may not read it for want of a role (Standard Access).
    pub(crate) without_role: bool,
}

/// A Facebook Page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The Page id.
    pub(crate) id: &'static str,
    /// The Page's name.
    pub(crate) name: &'static str,
    /// Its category's id and name.
    pub(crate) category: (&'static str, &'static str),
    /// Whether a business portfolio owns it: then `business_management` is needed to see it listed.
    pub(crate) in_business: bool,
    /// The linked Instagram account.
    pub(crate) account: Option<Account>,
}

/// A person with a Facebook account.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name by which tests call this person.
    pub(crate) user: &'static str,
    /// The app-scoped Facebook user id.
    pub(crate) id: u64,
    /// The person's name.
    pub(crate) name: &'static str,
    /// What the stand-in's own pages say about this person.
    pub(crate) about: &'static str,
    /// The Pages with a role of this person; at most eight, as tokens keep them as bits.
    pub(crate) pages: &'static [Page],
}

impl Person {
    /// Returns the person's Instagram accounts.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &'static Account> {
        self.pages.iter().filter_map(|page| page.account.as_ref())
    }
}

/// Everybody.
pub(crate) static PEOPLE: [Person; 8] = [
    Person {
        user: "powr_io",
        id: 10_229_874_512_345_601,
        name: "POWR Owner",
        about: "one Page, one Instagram account with posts of every kind",
        pages: &[Page {
            id: "104523987612345",
            name: "POWR",
            category: ("2256", "Software Company"),
            in_business: false,
            account: Some(Account {
                id: "17841405822304914",
                username: "powr_io",
                name: "POWR · Website plugins",
                biography: "Plugins that grow your website 🚀\nNo code needed.",
                website: "https://www.powr.io/",
                followers: 12_874,
                follows: 312,
                posts: 60,
                without_role: false,
            }),
        }],
    },
    Person {
        user: "natgeo",
        id: 10_229_874_512_345_602,
        name: "Geographic Owner",
        about: "a large account: many posts, many followers",
        pages: &[Page {
            id: "23497828950",
            name: "National Geographic",
            category: ("1301", "Media"),
            in_business: false,
            account: Some(Account {
                id: "17841400573960012",
                username: "natgeo",
                name: "National Geographic",
                biography: "Step into wonder and find your inner explorer 🌍",
                website: "https://www.nationalgeographic.com/",
                followers: 281_406_113,
                follows: 190,
                posts: 240,
                without_role: false,
            }),
        }],
    },
    Person {
        user: "two_pages",
        id: 10_229_874_512_345_603,
        name: "Two Shops Owner",
        about: "two Pages, both with a usable Instagram account",
        pages: &[
            Page {
                id: "112233445566778",
                name: "Harbor Coffee",
                category: ("2252", "Food & Beverage"),
                in_business: false,
                account: Some(Account {
                    id: "17841431200450078",
                    username: "harbor_coffee",
                    name: "Harbor Coffee ☕",
                    biography: "Small roasts, big mornings.",
                    website: "https://harbor-coffee.example/",
                    followers: 4_120,
                    follows: 505,
                    posts: 60,
                    without_role: false,
                }),
            },
            Page {
                id: "112233445599001",
                name: "Harbor Roastery",
                category: ("2252", "Food & Beverage"),
                in_business: false,
                account: Some(Account {
                    id: "17841431200450991",
                    username: "harbor_roastery",
                    name: "Harbor Roastery",
                    biography: "Where the beans come from.",
                    website: "https://harbor-roastery.example/",
                    followers: 938,
                    follows: 77,
                    posts: 60,
                    without_role: false,
                }),
            },
        ],
    },
    Person {
        user: "no_instagram",
        id: 10_229_874_512_345_604,
        name: "Repair Shop Owner",
        about: "a Page that no Instagram account is linked to",
        pages: &[Page {
            id: "109876543210",
            name: "Corner Bicycle Repair",
            category: ("1103", "Local Service"),
            in_business: false,
            account: None,
        }],
    },
    Person {
        user: "no_pages",
        id: 10_229_874_512_345_605,
        name: "Without Pages",
        about: "a person without any Page",
        pages: &[],
    },
    Person {
        user: "no_role",
        id: 10_229_874_512_345_606,
        name: "Garden Owner",
        about: "consents to everything, yet the app may not read the account (Standard Access)",
        pages: &[Page {
            id: "118822773300441",
            name: "Walled Garden",
            category: ("2214", "Gardener"),
            in_business: false,
            account: Some(Account {
                id: "17841455512309987",
                username: "no_role",
                name: "Walled Garden",
                biography: "Tomatoes and patience.",
                website: "https://walled-garden.example/",
                followers: 211,
                follows: 98,
                posts: 12,
                without_role: true,
            }),
        }],
    },
    Person {
        user: "no_posts",
        id: 10_229_874_512_345_607,
        name: "Ceramics Owner",
        about: "an Instagram account that has not posted yet",
        pages: &[Page {
            id: "121212121200007",
            name: "Quiet Ceramics",
            category: ("2612", "Artist"),
            in_business: false,
            account: Some(Account {
                id: "17841460000417723",
                username: "quiet_ceramics",
                name: "Quiet Ceramics",
                biography: "Soon.",
                website: "https://quiet-ceramics.example/",
                followers: 3,
                follows: 12,
                posts: 0,
                without_role: false,
            }),
        }],
    },
    Person {
        user: "in_business",
        id: 10_229_874_512_345_608,
        name: "Portfolio Owner",
        about: "a Page of a business portfolio, listed only with business_management",
        pages: &[Page {
            id: "130011223344556",
            name: "Bay & Partners",
            category: ("2258", "Consulting Agency"),
            in_business: true,
            account: Some(Account {
                id: "17841470011223344",
                username: "bay.partners",
                name: "Bay & Partners",
                biography: "We plan ahead.",
                website: "https://bea-partners.example/",
                followers: 1_502,
                follows: 203,
                posts: 30,
                without_role: false,
            }),
        }],
    },
];

/// Finds a person by the name that tests use.
pub(crate) fn by_user(user: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.user == user).or_else(|| crowd::by_user(user))
}

/// Finds a person by the Facebook user id.
pub(crate) fn by_id(id: u64) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id).or_else(|| crowd::by_id(id))
}

/// Finds a Page, as its owner and its position among the owner's Pages.
pub(crate) fn page(id: &str) -> Option<(&'static Person, usize)> {
    PEOPLE.iter().chain(crowd::of_page(id)).find_map(|person| {
        let index = person.pages.iter().position(|page| page.id == id)?;
        Some((person, index))
    })
}

/// Finds an Instagram account by its name, with its person.
pub(crate) fn by_username(username: &str) -> Option<(&'static Person, &'static Account)> {
    PEOPLE.iter().chain(crowd::by_user(username)).find_map(|person| {
        let account = person.accounts().find(|account| account.username == username)?;
        Some((person, account))
    })
}

/// Finds an Instagram account with the person and the Page that it belongs to.
pub(crate) fn account(id: &str) -> Option<(&'static Person, usize, &'static Account)> {
    PEOPLE.iter().chain(crowd::of_account(id)).find_map(|person| {
        person.pages.iter().enumerate().find_map(|(index, page)| {
            let account = page.account.as_ref().filter(|account| account.id == id)?;
            Some((person, index, account))
        })
    })
}
