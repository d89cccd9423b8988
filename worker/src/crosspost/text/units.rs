//! A text in the pieces that are never cut (a grapheme, a link), each with its weight by X's rules (version 3): 280 in all,
//! 2 a character, 1 for those of most alphabets, 2 an emoji, 23 a link.
//!
//! Where X's own programs disagree about something rare, the heavier reading is taken: a text may come out a little
//! shorter, and is never refused.

use unicode_segmentation::UnicodeSegmentation as _;

use super::links;

/// What a link weighs, whatever its length.
const LINK: usize = 23;
/// What an emoji weighs, of whatever it consists.
const EMOJI: usize = 2;
/// The emoji that X counts as one: those of this version of Unicode's list. Of later ones it counts each part.
const KNOWN_EMOJI: (u32, u32) = (11, 0);

/// What joins emoji into one; it weighs 1 where it does not.
const JOINER: char = '\u{200d}';
/// The eye in a speech bubble, the one old emoji that X writes otherwise than everybody.
const SPEECH_BUBBLE: &str = "\u{200d}\u{1f5e8}\u{fe0f}";

/// One piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Where it ends, in bytes.
    pub end: usize,
    /// What it weighs.
    pub weight: usize,
}

/// Returns what a text weighs, which is in Unicode's form NFC.
pub fn weigh(text: &str) -> usize {
    units(text).iter().map(|unit| unit.weight).sum()
}

/// Returns a text's pieces.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut links = links::find(text).peekable();
    let (mut units, mut until): (Vec<Unit>, _) = (Vec::new(), 0);
    for (start, grapheme) in text.grapheme_indices(true) {
        let end = start + grapheme.len();
        if start < until {
            // What a link has taken in; a mark on its last letter goes with it.
            if let Some(link) = units.last_mut().filter(|_| end > until) {
                *link = Unit { end, weight: link.weight + plain(&text[until..end]) };
                until = end;
            }
            continue;
        }
        match links.next_if(|link| link.range.start < end) {
            Some(link) => {
                until = link.range.end;
                let own = if link.is_certain { 0 } else { plain(&text[start..until]) };
                units.push(Unit { end: until, weight: LINK + own });
            }
            None => units.push(Unit { end, weight: of_grapheme(grapheme) }),
        }
    }
    units
}

/// An emoji that X does not count as one, it counts by its parts, and what joins them.
fn of_grapheme(grapheme: &str) -> usize {
    if grapheme.is_ascii() {
        return grapheme.len();
    }
    let of_part = |part: &str| if is_known_emoji(part) { EMOJI } else { plain(part) };
    if is_known_emoji(grapheme) && !grapheme.ends_with(SPEECH_BUBBLE) {
        return EMOJI;
    }
    let joiners = grapheme.matches(JOINER).count();
    grapheme.split(JOINER).map(of_part).sum::<usize>() + joiners
}

/// What a text weighs in which every character stands for itself.
fn plain(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

fn is_known_emoji(grapheme: &str) -> bool {
    emojis::get(grapheme).is_some_and(|emoji| {
        let version = emoji.unicode_version();
        (version.major(), version.minor()) <= KNOWN_EMOJI
    })
}

/// What a character weighs where it stands for itself.
const fn of_char(char: char) -> usize {
    match char as u32 {
        0..=4_351 | 8_192..=8_205 | 8_208..=8_223 | 8_242..=8_247 => 1,
        _ => 2,
    }
}
