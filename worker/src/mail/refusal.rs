//! Whom a refusal for good (`5xx`) is about: the address, or us. What is about us is the operator's to mend, and the address
//! may be as good as any.

/// The codes of a server that wants a login, or another one.
const LOGIN: [u16; 4] = [530, 534, 535, 538];
/// What servers say that do not work for us, where they tell no status of it.
const WORDS: [&str; 11] = [
    "relay",
    "rcpthosts",
    "not verified",
    "unverified",
    "authenticat",
    "log in",
    "not authorized",
    "quota",
    "sending limit",
    "limit exceeded",
    "sending paused",
];
/// What they say of a mailbox that is full.
const FULL: [&str; 2] = ["mailbox", "over quota"];
/// Its code.
const TOO_MUCH: u16 = 552;

/// Returns whether a refusal with this code and text is about us: relaying, a login, a quota, a policy.
pub(super) fn is_about_us(code: u16, text: &str) -> bool {
    let text = text.to_lowercase();
    match status(&text) {
        // A mailbox or a domain that has another owner by now.
        Some((7, 17 | 18)) => false,
        // Security and policy; and the sender's address.
        Some((7, _) | (1, 7 | 8)) => true,
        // The address, or its mailbox.
        Some((1 | 2, _)) => false,
        _ => {
            let text = without_names(&text);
            let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
            LOGIN.contains(&code) || (code != TOO_MUCH && says(&WORDS) && !says(&FULL))
        }
    }
}

/// Leaves addresses and hosts out, whose names may be like any word.
fn without_names(text: &str) -> String {
    let is_name =
        |word: &&str| word.contains('@') || word.trim_end_matches(|c: char| !c.is_alphanumeric()).contains('.');
    text.split_whitespace().filter(|word| !is_name(word)).collect::<Vec<_>>().join(" ")
}

/// Reads the status (RFC 3463) of a refusal for good, such as `5.7.1`, without its class.
fn status(text: &str) -> Option<(u16, u16)> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut parts = word.trim_end_matches('.').split('.');
        let of_class = parts.next() == Some("5");
        let numbers = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (of_class && parts.next().is_none()).then_some(numbers)
    })
}

#[cfg(test)]
mod tests {
    use super::is_about_us;

    #[test]
    fn a_refusal_is_about_us_or_about_the_address() {
        for (code, text, is_ours) in [
            (550, "5.7.1 Relaying denied", true),
            (554, "5.7.1 <ann@example.com>: Relay access denied", true),
            (550, "relay not permitted", true),
            (553, "sorry, that domain isn't in my list of allowed rcpthosts", true),
            (554, "Message rejected: Email address is not verified.", true),
            (550, "5.4.5 Daily user sending quota exceeded.", true),
            (554, "quota", true),
            (530, "5.5.1 Authentication Required.", true),
            (530, "who are you?", true),
            (553, "5.1.8 the sender's domain does not exist", true),
            (554, "Sending paused for this account.", true),
            (550, "nobody here", false),
            (550, "5.1.1 nobody to relay this to", false),
            (552, "5.2.2 quota exceeded", false),
            (552, "quota exceeded", false),
            (550, "Mailbox quota exceeded", false),
            (554, "user is over quota", false),
            (550, "5.7.17 the mailbox has another owner", false),
            (550, "<quota@example.com> is nobody at relay.example.com.", false),
            (554, "spam", false),
            (550, "no such user on 5.7.1.2 or 15.7.1", false),
        ] {
            assert_eq!(is_about_us(code, &format!("permanent error ({code}): {text}")), is_ours, "{code} {text}");
        }
    }
}
