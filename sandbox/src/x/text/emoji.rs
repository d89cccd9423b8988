//! Where an emoji ends: one picture may be many code points (a family, a flag, a skin colour).

const JOINER: char = '\u{200d}';
const AS_PICTURE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Returns how many code points at the beginning are one emoji; 0 if they are none.
pub(super) fn length(letters: &[char]) -> usize {
    match letters {
        ['0'..='9' | '#' | '*', AS_PICTURE, KEYCAP, ..] => 3,
        ['0'..='9' | '#' | '*', KEYCAP, ..] => 2,
        [first, second, ..] if is_flag_half(*first) && is_flag_half(*second) => 2,
        // These are letters unless it is said that they are pictures.
        ['©' | '®', AS_PICTURE, ..] => 2,
        [first, ..] if is_picture(*first) => 1 + tail(&letters[1..]),
        _ => 0,
    }
}

/// What belongs to the picture before: its colour, its tags, and further pictures that are joined to it.
fn tail(letters: &[char]) -> usize {
    match letters {
        [JOINER, next, ..] if is_picture(*next) => 2 + tail(&letters[2..]),
        [next, ..] if is_modifier(*next) => 1 + tail(&letters[1..]),
        _ => 0,
    }
}

fn is_modifier(letter: char) -> bool {
    matches!(letter, AS_PICTURE | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

fn is_flag_half(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_picture(letter: char) -> bool {
    !is_flag_half(letter)
        && matches!(
            letter,
            '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{2199}' | '\u{21a9}' | '\u{21aa}'
            | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}'
            | '\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
        )
}
