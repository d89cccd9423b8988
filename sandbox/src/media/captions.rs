//! The texts under the generated posts: plain ones, and those that break careless widgets.

use super::Seed;

const OPENINGS: [&str; 14] = [
    "Monday mood.",
    "Behind the scenes today 👀",
    "We made something new.",
    "Golden hour, no filter.",
    "Thank you for 10 years with us! 🎉",
    "Which one would you pick: 1, 2 or 3?",
    "A quiet morning before the doors open.",
    "Fresh from the workshop ✨",
    "Save this for later 📌",
    "Small steps, every day.",
    "Weekend plans?",
    "Meet the team: say hi 👋",
    "Light, water, patience.",
    "New on the blog: link in bio.",
];
const TAGS: [&str; 10] = [
    "#website",
    "#smallbusiness",
    "#design",
    "#nature",
    "#coffee",
    "#behindthescenes",
    "#food",
    "#photooftheday",
    "#nocode",
    "#weekend",
];
const HARD: [&str; 6] = [
    "First line\nSecond line\n\n— and after an empty one.",
    "صباح الخير من فريقنا! شكرا لكم جميعا ❤️ #شكرا",
    "👩‍👩‍👧‍👦 family day 🏳️‍🌈 café naïve Ωmega 𝒻𝒶𝓃𝒸𝓎 日本語のキャプション",
    "<b>5 > 3 & 2 < 4</b> \"quotes\" 'single' \\backslash\\ {{braces}} <script>alert(1)</script>",
    "עברית mixed with English and 123 numbers (and brackets).",
    "https://example.com/a?b=c&d=e — @mention, #hash_tag_1, mail@example.com",
];
/// Where the hard ones stand: near the top, where a widget's first page shows them.
const HARD_AT: [u32; 6] = [5, 7, 9, 11, 14, 17];
/// Where the longest one stands.
const LONGEST_AT: u32 = 3;
/// The longest caption that Instagram takes.
const LONGEST: usize = 2_200;

/// Returns the caption of an account's n-th newest post.
pub(super) fn caption(seed: &mut Seed, position: u32) -> Option<String> {
    if position == LONGEST_AT {
        return Some(longest());
    }
    if let Some(hard) = HARD_AT.iter().position(|at| *at == position) {
        return HARD.get(hard).map(|text| (*text).to_owned());
    }
    if seed.once_in(7) {
        return None;
    }
    let mut text = (*seed.pick(&OPENINGS)?).to_owned();
    for _ in 0..seed.below(4) {
        if let Some(tag) = seed.pick(&TAGS)
            && !text.contains(tag)
        {
            text.push(' ');
            text.push_str(tag);
        }
    }
    Some(text)
}

fn longest() -> String {
    "A long story, told without a break. ".chars().cycle().take(LONGEST).collect()
}
