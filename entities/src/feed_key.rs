//! What may name a feed: `@account` or `#hashtag`, checked before it gets near a URL or a row.

use std::fmt;

use sea_orm::sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, ColumnType, DbErr, QueryResult, TryGetError, TryGetable, Value};
use unicode_normalization::UnicodeNormalization;

/// Instagram's longest user name.
const MAX_ACCOUNT: usize = 30;
/// Our bound on a hashtag, in characters; Instagram documents none, captions end far earlier.
const MAX_HASHTAG: usize = 100;

/// One feed's key: `@name` or `#tag`, normalised.
///
/// Account names are `[a-z0-9._]{1,30}` (capitals are lowered, Instagram ignores case). Hashtags are NFC,
/// lower case, letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedKey(String);

/// Why a string is no feed key. The text names what to send instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedKeyError {
    /// Neither `@` nor `#` in front.
    #[error("a feed key starts with @ (an account) or # (a hashtag)")]
    NoPrefix,
    /// Not an account name.
    #[error("an account name is 1 to 30 of the characters a-z, 0-9, dot and underscore")]
    Account,
    /// Not a hashtag.
    #[error("a hashtag is 1 to 100 letters, digits or underscores, without spaces, dots or emoji")]
    Hashtag,
}

impl FeedKey {
    /// Parses `@name` or `#tag`.
    pub fn parse(text: &str) -> Result<Self, FeedKeyError> {
        match text.trim().split_at_checked(1) {
            Some(("@", name)) => Self::account(name),
            Some(("#", tag)) => Self::hashtag(tag),
            _ => Err(FeedKeyError::NoPrefix),
        }
    }

    /// Returns the key of an account's feed; `name` comes without `@`.
    pub fn account(name: &str) -> Result<Self, FeedKeyError> {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'.' || c == b'_';
        if name.is_empty() || name.len() > MAX_ACCOUNT || !name.bytes().all(plain) {
            return Err(FeedKeyError::Account);
        }
        Ok(Self(format!("@{}", name.to_ascii_lowercase())))
    }

    /// Returns the key of a hashtag's feed; `tag` comes without `#`.
    pub fn hashtag(tag: &str) -> Result<Self, FeedKeyError> {
        // Bounded before it is normalised: ten kilobytes of combining marks are refused unread.
        if tag.is_empty() || tag.len() > MAX_HASHTAG * 8 {
            return Err(FeedKeyError::Hashtag);
        }
        let tag: String = tag.nfc().collect::<String>().to_lowercase().nfc().collect();
        let plain = |c: char| ((is_letter(c) || is_digit(c)) && !is_symbol(c)) || c == '_' || is_mark(c);
        let starts_well = tag.chars().next().is_some_and(|c| !is_mark(c));
        if !starts_well || tag.chars().count() > MAX_HASHTAG || !tag.chars().all(plain) {
            return Err(FeedKeyError::Hashtag);
        }
        Ok(Self(format!("#{tag}")))
    }

    /// Returns the whole key, prefix included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the account's name if this is an account's feed.
    pub fn account_name(&self) -> Option<&str> {
        self.0.strip_prefix('@')
    }

    /// Returns the hashtag, without `#`, if this is a hashtag's feed.
    pub fn tag(&self) -> Option<&str> {
        self.0.strip_prefix('#')
    }
}

/// Roman numerals are letters to Unicode too, and none to a hashtag.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

/// A digit stands for itself: `½`, `²` and `Ⅷ` are other ways to write digits or letters.
fn is_digit(c: char) -> bool {
    c.is_numeric() && std::iter::once(c).nfkc().eq([c])
}

/// Marks that letters of many scripts are written with (NFC leaves those that have no composed form).
fn is_mark(c: char) -> bool {
    // Enclosing marks and variation selectors make emoji, not letters.
    let makes_emoji = matches!(c, '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}');
    unicode_normalization::char::is_combining_mark(c) && !makes_emoji
}

/// Letters and digits in circles, squares and brackets: Unicode calls many of them alphabetic or numeric, and shows some as
/// emoji. No hashtag holds one.
fn is_symbol(c: char) -> bool {
    let is_enclosed = matches!(c, '\u{2460}'..='\u{24ff}' | '\u{2776}'..='\u{2793}' | '\u{3200}'..='\u{32ff}');
    // The information sign is a small letter to Unicode; of the block of emoji, squared letters are.
    is_enclosed || matches!(c, '\u{2139}' | '\u{1f000}'..='\u{1faff}')
}

impl fmt::Display for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FeedKey> for Value {
    fn from(key: FeedKey) -> Self {
        key.0.into()
    }
}

impl TryGetable for FeedKey {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        Self::parse(&text).map_err(|error| TryGetError::DbErr(DbErr::Type(format!("feed key {text:?}: {error}"))))
    }
}

impl ValueType for FeedKey {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        Self::parse(&text).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "FeedKey".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        String::column_type()
    }
}

impl Nullable for FeedKey {
    fn null() -> Value {
        String::null()
    }
}

#[cfg(test)]
mod tests {
    use super::{FeedKey, FeedKeyError};

    #[test]
    fn names_and_tags_are_normalised() {
        for (given, key) in [
            ("@powr_io", "@powr_io"),
            ("@Powr.IO", "@powr.io"),
            (" #Food ", "#food"),
            ("#Cafe\u{301}", "#caf\u{e9}"),
            ("#ÜBER_2026", "#über_2026"),
            ("#हिन्दी", "#हिन्दी"),
            ("#東京", "#東京"),
            ("#二〇二六", "#二〇二六"),
            ("#ΟΔΟΣ", "#οδος"),
            ("#οδος", "#οδος"),
        ] {
            assert_eq!(FeedKey::parse(given).expect(given).as_str(), key);
        }
    }

    #[test]
    fn emoji_that_unicode_calls_letters_or_digits_are_none() {
        for symbol in ["🅰", "🅱", "🄰", "🅐", "🆎", "🄀", "ℹ", "Ⓜ", "ⓐ", "①", "❶", "㉑", "㊗", "🇩🇪", "🫶"]
        {
            let tag = format!("#food{symbol}");
            assert_eq!(FeedKey::parse(&tag), Err(FeedKeyError::Hashtag), "{tag}");
        }
    }

    #[test]
    fn digits_in_other_dress_are_none() {
        for dressed in ["②", "½", "Ⅷ", "ⅷ", "²", "₂"] {
            let tag = format!("#food{dressed}");
            assert_eq!(FeedKey::parse(&tag), Err(FeedKeyError::Hashtag), "{tag}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("@{}", "a".repeat(10_000));
        let long_tag = format!("#{}", "\u{301}".repeat(10_000));
        for given in ["@../../x", "@", "@a b", "@a\0", "@naïve", "@a/b", "@a?b", "@😀", &long] {
            assert_eq!(FeedKey::parse(given), Err(FeedKeyError::Account), "{given:?}");
        }
        for given in ["#", "#a,b{id}", "#a b", "#😀", "#1\u{fe0f}\u{20e3}", "#a\0", "#a.b", "#\u{301}a", &long_tag] {
            assert_eq!(FeedKey::parse(given), Err(FeedKeyError::Hashtag), "{given:?}");
        }
        for given in ["", "powr_io", "%40powr", "\0"] {
            assert_eq!(FeedKey::parse(given), Err(FeedKeyError::NoPrefix), "{given:?}");
        }
    }
}
