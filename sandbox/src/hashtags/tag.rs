//! What a hashtag is: its name, its id, and which are quiet or hidden.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::media::Seed;

/// Tags that Meta shows to nobody: unknown, hidden or banned, it does not say which.
pub(crate) const BANNED: [&str; 3] = ["banned", "hidden", "nosuchtag"];
/// What the name of a tag begins with that no stranger has used for a day.
pub(crate) const QUIET_PREFIX: &str = "quiet";
/// The longest name; Instagram documents none.
const MAX_LEN: usize = 100;

/// A hashtag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its id: the same for everybody and for ever.
    pub(crate) id: String,
    /// Its name, in small letters, without `#`.
    pub(crate) name: String,
}

impl Tag {
    /// Returns the tag of a name that is in small letters.
    pub(crate) fn of(name: String) -> Self {
        Self { id: format!("1784{}", Seed::of(&format!("hashtag {name}")).digits(13)), name }
    }

    /// Reads a name as people write it; none if no hashtag can be named so.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN * 8 {
            return None;
        }
        let name: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
        let starts_well = name.chars().next().is_some_and(|first| !is_combining_mark(first));
        let is_name = starts_well && name.chars().all(is_part) && name.chars().count() <= MAX_LEN;
        is_name.then(|| Self::of(name))
    }
}

/// Tells whether Meta shows nothing of a tag.
pub(crate) fn is_banned(name: &str) -> bool {
    BANNED.contains(&name)
}

/// Tells whether strangers have left a tag alone for a day.
pub(crate) fn is_quiet(name: &str) -> bool {
    name.starts_with(QUIET_PREFIX)
}

/// Returns the tags of a caption, each once.
pub(crate) fn in_text(text: &str) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for after in text.split('#').skip(1) {
        let end = after.find(|char| !is_part(char)).unwrap_or(after.len());
        if let Some(tag) = Tag::parse(&after[..end])
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    }
    tags
}

/// Letters, the marks on them, digits and `_`; no emoji, though Unicode takes some for letters.
fn is_part(char: char) -> bool {
    let is_emoji = matches!(char, '\u{1f000}'..='\u{1faff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}');
    !is_emoji && (char.is_alphanumeric() || char == '_' || is_combining_mark(char))
}

#[cfg(test)]
mod tests {
    use super::{Tag, in_text};

    fn name(text: &str) -> Option<String> {
        Tag::parse(text).map(|tag| tag.name)
    }

    #[test]
    fn case_and_composition_make_no_difference() {
        assert_eq!(name("FooD").as_deref(), Some("food"));
        assert_eq!(Tag::parse("CAFE\u{301}"), Tag::parse("café"));
        assert_eq!(name("हिन्दी_1").as_deref(), Some("हिन्दी_1"));
    }

    #[test]
    fn spaces_signs_and_emoji_name_no_tag() {
        for text in ["", " ", "#food", "a b", "a-b", "a.b", "🍕", "food🍕", "1\u{fe0f}\u{20e3}", "\u{301}a", "🅰"]
        {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(name(&"a".repeat(101)), None);
    }

    #[test]
    fn a_caption_carries_its_tags_once_each() {
        let names: Vec<_> = in_text("#Food, #food #a_1#b! # c #🍕 #شكرا").into_iter().map(|tag| tag.name).collect();

        assert_eq!(names, ["food", "a_1", "b", "شكرا"]);
    }
}
