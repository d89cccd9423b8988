//! Ids of our own rows.

use std::fmt::Write;

/// Returns 128 random bits as 32 lower-case hexadecimal digits: unguessable, and unique without asking anybody.
///
/// # Panics
/// If the operating system has no randomness to give: nothing safe could be done without it.
pub fn new_id() -> String {
    let mut bits = [0_u8; 16];
    #[expect(clippy::expect_used, reason = "without randomness nothing here is safe to run")]
    getrandom::fill(&mut bits).expect("the operating system gives random bytes");
    bits.iter().fold(String::with_capacity(32), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Returns the part of an id that a log may hold. A run's id is the proof of whoever asks for it: its beginning tells it
/// from others, and opens nothing.
pub fn shown_id(id: &str) -> &str {
    id.get(..8).unwrap_or("…")
}

/// Returns whether a text may be an id of ours; what cannot be is not asked for.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::{is_id, new_id, shown_id};

    #[test]
    fn ids_are_32_hexadecimal_digits_and_differ() {
        let (one, other) = (new_id(), new_id());

        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }

    #[test]
    fn a_log_holds_the_beginning_of_an_id() {
        assert_eq!(shown_id("0123456789abcdef0123456789abcdef"), "01234567");
        assert_eq!((shown_id("short"), shown_id("1234567ä")), ("…", "…"));
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = new_id();
        assert!(is_id(&id));
        for text in [&id[..31], &format!("{id}0"), "", &format!("{}A", &id[..31]), &format!("{}\0", &id[..31])] {
            assert!(!is_id(text), "{text:?}");
        }
    }
}
