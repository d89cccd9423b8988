//! The text of a post: a template filled with a media's caption, shortened to what X takes.
//!
//! | file | is |
//! |---|---|
//! | `units` | a text in the pieces that are never cut, each with its weight by X's rules |
//! | `links` | what X takes for a link |
//! | `shorten` | the longest beginning that fits, at whole words |

mod links;
mod shorten;
mod units;

#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization as _;

pub use units::weigh;

/// The heaviest text that X takes.
pub const MOST: usize = 280;
/// The template of who gives none.
pub const TEMPLATE: &str = "{caption}";
/// The longest template, in characters: beside it a caption has room.
pub const LONGEST_TEMPLATE: usize = 200;
/// The placeholder for the link to Instagram.
const PERMALINK: &str = "{permalink}";

/// What a template is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words<'a> {
    /// `{caption}`.
    pub caption: &'a str,
    /// `{permalink}`; `None` leaves its place empty.
    pub permalink: Option<&'a str>,
    /// `{username}`.
    pub username: &'a str,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Its posts do not differ.
    #[error("it has neither {{caption}} nor {{permalink}}: every post would say the same, which X refuses")]
    SaysTheSame,
    /// It has a character that no post shows.
    #[error("it has a control character other than the end of a line")]
    Control,
    /// It leaves a caption no room.
    #[error("it is longer than {LONGEST_TEMPLATE} characters")]
    TooLong,
    /// It has a placeholder that nothing fills.
    #[error("it has a placeholder other than {{caption}}, {{permalink}} and {{username}}")]
    Unknown,
}

/// One part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Fixed(&'a str),
    Caption,
    Permalink,
    Username,
}

/// Returns whether a template asks for the link to Instagram.
pub fn asks_for_link(template: &str) -> bool {
    template.contains(PERMALINK)
}

/// Returns whether X finds a link in a text: a post that has one costs 13 times as much.
pub fn has_link(text: &str) -> bool {
    links::find(text).next().is_some()
}

/// Returns whether a template can be filled, and that its posts differ.
pub fn check(template: &str) -> Result<(), TemplateError> {
    if template.chars().count() > LONGEST_TEMPLATE {
        return Err(TemplateError::TooLong);
    }
    if !template.chars().all(is_shown) {
        return Err(TemplateError::Control);
    }
    let parts = parts(template);
    let is_unknown = |part: &Part<'_>| matches!(part, Part::Fixed(text) if text.contains(['{', '}']));
    if parts.iter().any(is_unknown) {
        return Err(TemplateError::Unknown);
    }
    let is_the_same = |part: &Part<'_>| matches!(part, Part::Fixed(_) | Part::Username);
    if parts.iter().all(is_the_same) { Err(TemplateError::SaysTheSame) } else { Ok(()) }
}

/// Whether a character is one that a post may hold: control characters show nothing, and no database keeps them all.
fn is_shown(character: char) -> bool {
    character == '\n' || !character.is_control()
}

/// Fills a template, with as much of the caption as X takes: never more than [`MOST`]. A link that is wanted and that the
/// template has no place for stands at the end.
pub fn compose(template: &str, words: Words<'_>) -> String {
    let mut parts = parts(template);
    if words.permalink.is_some() && !parts.contains(&Part::Permalink) {
        parts.extend([Part::Fixed(" "), Part::Permalink]);
    }
    let caption: String = words.caption.chars().filter(|character| is_shown(*character)).nfc().collect();
    let fill = |caption: &str| {
        let text: String = parts
            .iter()
            .map(|part| match part {
                Part::Fixed(text) => text,
                Part::Caption => caption,
                Part::Permalink => words.permalink.unwrap_or_default(),
                Part::Username => words.username,
            })
            .collect();
        text.trim().nfc().collect::<String>()
    };
    let text = fill(caption.trim());
    if weigh(&text) <= MOST {
        return text;
    }
    if parts.contains(&Part::Caption) {
        for shorter in shorten::shorter(caption.trim(), MOST.saturating_sub(weigh(&fill("")))) {
            // What stands beside the caption may read otherwise with it: a word that a link's end touches belongs to it.
            let text = fill(&shorter);
            if weigh(&text) <= MOST {
                return text;
            }
        }
    }
    // A template that is too heavy by itself.
    shorten::shorter(&fill(""), MOST).find(|text| weigh(text) <= MOST).unwrap_or_default()
}

/// Splits a template at its placeholders, so that what fills one is not read as another.
fn parts(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    let places = [("{caption}", Part::Caption), (PERMALINK, Part::Permalink), ("{username}", Part::Username)];
    while let Some((at, place, part)) =
        places.iter().filter_map(|(place, part)| Some((rest.find(place)?, place, *part))).min_by_key(|(at, ..)| *at)
    {
        if at > 0 {
            parts.push(Part::Fixed(&rest[..at]));
        }
        parts.push(part);
        rest = &rest[at + place.len()..];
    }
    if !rest.is_empty() {
        parts.push(Part::Fixed(rest));
    }
    parts
}
