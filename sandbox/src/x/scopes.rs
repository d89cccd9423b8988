//! What an app may be allowed on X, kept as a set of bits.

/// Every scope known here; the position is the bit, so only ever append.
const ALL: [(&str, &str); 5] = [
    ("tweet.read", "See all the posts you can see"),
    ("tweet.write", "Post and repost for you"),
    ("users.read", "See any account you can see"),
    ("media.write", "Upload media for you"),
    ("offline.access", "Stay connected to your account until you revoke access"),
];

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(pub(crate) u8);

impl Scopes {
    /// Reads scopes with spaces between; the error is one that X does not have.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        text.split(' ').filter(|name| !name.is_empty()).try_fold(Self(0), |scopes, name| {
            let bit = ALL.iter().position(|(known, _)| *known == name).ok_or_else(|| name.to_owned())?;
            Ok(Self(scopes.0 | 1 << bit))
        })
    }

    /// Tells whether a scope is among them.
    pub(crate) fn has(self, name: &str) -> bool {
        self.described().any(|(known, _)| known == name)
    }

    /// Returns each with what the consent page says of it.
    pub(crate) fn described(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        ALL.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, scope)| scope)
    }

    /// Writes them as X does.
    pub(crate) fn text(self) -> String {
        self.described().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    }
}
