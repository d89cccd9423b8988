//! What a text weighs on X, counted here in the stand-in's own way, from X's page on counting characters alone:
//! an address weighs 23, an emoji sequence 2, most letters 1, all others 2.
//!
//! Where X's page leaves a doubt, the lighter count is taken: the stand-in refuses what X would refuse for sure.

mod emoji;
mod links;

pub(super) use links::{has_link, links};

/// What an address weighs, however long it is.
const LINK: usize = 23;

/// Returns what a text weighs that is in NFC.
pub(super) fn weight(text: &str) -> usize {
    let (mut weight, mut done) = (0, 0);
    for link in links(text) {
        weight += of_letters(&text[done..link.start]);
        let address = &text[link.clone()];
        // Of an ending that may be none X might count the letters.
        weight += if links::is_certain(address) { LINK } else { LINK.min(of_letters(address)) };
        done = link.end;
    }
    weight + of_letters(&text[done..])
}

fn of_letters(text: &str) -> usize {
    let letters: Vec<char> = text.chars().collect();
    let (mut weight, mut at) = (0, 0);
    while let Some(letter) = letters.get(at) {
        match emoji::length(&letters[at..]) {
            0 => {
                weight += of_letter(*letter);
                at += 1;
            }
            length => {
                weight += 2;
                at += length;
            }
        }
    }
    weight
}

fn of_letter(letter: char) -> usize {
    match u32::from(letter) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{has_link, weight};

    #[test]
    fn texts_weigh_what_x_says() {
        for (text, expected) in [
            ("", 0),
            ("hello", 5),
            ("h\u{e9}llo", 5),
            ("日本語", 6),
            ("👍", 2),
            ("👍🏽", 2),
            ("👨‍👩‍👧‍👦", 2),
            ("🏳️‍🌈", 2),
            ("🇫🇷🇯🇵", 4),
            ("1️⃣ 2", 4),
            ("❤️", 2),
            ("❤", 2),
            ("© 2026", 6),
            ("a — b", 5),
            ("“so”", 4),
            ("…", 2),
            ("https://www.instagram.com/p/abcdefghijklmnopqrstuvwxyz/", 23),
            ("see https://a.io.", 28),
            ("(https://www.powr.io/plugins?a=1&b=2)", 25),
            ("powr.io", 23),
            ("mail me@powr.io", 15),
            ("no link: powr.invalid", 21),
            ("v1.2.3", 6),
        ] {
            assert_eq!(weight(text), expected, "{text}");
        }
    }

    #[test]
    fn a_link_is_known_as_one() {
        for (text, expected) in [
            ("https://www.instagram.com/p/abc/", true),
            ("see powr.io now", true),
            ("me@powr.io", false),
            ("one. two", false),
            ("http://localhost", false),
        ] {
            assert_eq!(has_link(text), expected, "{text}");
        }
    }
}
