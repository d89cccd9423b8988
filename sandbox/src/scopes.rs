//! The permissions that the sandbox's dialog can ask for, kept as a set of bits.

/// Every permission known here; the position in this list is the bit, so only ever append.
const ALL: [(&str, &str); 22] = [
    ("public_profile", "Read your name and profile picture"),
    ("email", "Read your email address"),
    ("pages_show_list", "Show a list of the Pages you manage"),
    ("pages_read_engagement", "Read content posted on the Page"),
    ("instagram_basic", "Access profile and posts from the Instagram account"),
    ("business_management", "Manage your business"),
    ("instagram_manage_insights", "Access insights for the Instagram account"),
    ("instagram_manage_comments", "Manage comments for the Instagram account"),
    ("instagram_content_publish", "Upload media and create posts for the Instagram account"),
    ("instagram_manage_messages", "Manage messages for the Instagram account"),
    ("pages_manage_metadata", "Manage accounts, settings and webhooks for a Page"),
    ("pages_manage_posts", "Create and manage content on your Page"),
    ("pages_read_user_content", "Read user content on your Page"),
    ("pages_manage_engagement", "Manage comments on your Page"),
    ("pages_messaging", "Manage and access Page conversations in Messenger"),
    ("pages_manage_ads", "Manage ads for Pages you manage"),
    ("read_insights", "Read insights of your Pages"),
    ("ads_read", "Read your ads"),
    ("ads_management", "Manage your ads"),
    ("catalog_management", "Manage your product catalogs"),
    ("instagram_branded_content_brand", "Manage branded content approvals"),
    ("instagram_shopping_tag_products", "Tag products on Instagram"),
];

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(pub(crate) u32);

impl Scopes {
    /// What Meta gives every app.
    pub(crate) fn public_profile() -> Self {
        Self(1)
    }

    /// What the login button of the sandbox's app asks for.
    pub(crate) fn login_button() -> Self {
        // The first six of the list except `email`.
        Self(0b11_1101)
    }

    /// Returns the set of one permission; empty if it is not known.
    pub(crate) fn one(name: &str) -> Self {
        ALL.iter().position(|(known, _)| *known == name).map_or(Self(0), |bit| Self(1 << bit))
    }

    /// Reads names; the error is the first one that is not known.
    pub(crate) fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut set = Self(0);
        for name in names {
            let one = Self::one(name);
            if one.0 == 0 {
                return Err(name.to_owned());
            }
            set = set.and_also(one);
        }
        Ok(set)
    }

    /// The union.
    pub(crate) fn and_also(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The intersection.
    pub(crate) fn limited_to(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Tells whether the permission is in the set.
    pub(crate) fn has(self, name: &str) -> bool {
        self.0 & Self::one(name).0 != 0
    }

    /// Returns the names with what the dialog says about each.
    pub(crate) fn described(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        ALL.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, entry)| entry)
    }

    /// Returns the names.
    pub(crate) fn names(self) -> Vec<&'static str> {
        self.described().map(|(name, _)| name).collect()
    }
}
