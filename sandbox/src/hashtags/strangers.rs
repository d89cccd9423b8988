//! The public posts of strangers: every tag has a top, and all but the quiet ones a last day.
//! Which posts those are depends on the tag's name alone; their dates, on the clock's hours.

use super::tag::is_quiet;
use crate::media::{Media, Seed, Shape, Type, children, shortcode};

/// The account of strangers: nobody here may know whose a post is.
pub(super) const NOBODY: &str = "";

const DAY_S: i64 = 86_400;
const HOUR_S: i64 = 3_600;
const LINES: [&str; 12] = [
    "Could do this every day.",
    "Found on the way home",
    "No words needed ✨",
    "Trying something new this week",
    "My favourite corner of the city 🏙️",
    "Slow Sunday.",
    "Before and after 👉 swipe",
    "Who else?",
    "Made with love ❤️",
    "Best seat in the house",
    "Ask me anything about it 👇",
    "One from the archive.",
];
const OTHER_TAGS: [&str; 8] =
    ["#instagood", "#picoftheday", "#love", "#travel", "#handmade", "#local", "#inspo", "#mood"];
const SHAPES: [Shape; 4] = [Shape::Square, Shape::Square, Shape::Portrait, Shape::Wide];

/// Returns the most popular posts with a tag, in no order.
pub(super) fn top(name: &str, epoch_s: i64) -> Vec<Media> {
    let count = Seed::of(&format!("top of #{name}")).between(30, 90);
    let posts = (0..count).map(|number| {
        let mut seed = Seed::of(&format!("top of #{name}/{number}"));
        // Older than a day when the sandbox begins, and its clock never goes back.
        let posted_s = epoch_s - i64::from(seed.between(2 * 86_400, 700 * 86_400));
        let likes = 400 + seed.below(60_000);
        post(name, posted_s, likes, &mut seed)
    });
    posts.collect()
}

/// Returns the posts of the last day with a tag, in no order.
pub(super) fn recent(name: &str, now_s: i64) -> Vec<Media> {
    if is_quiet(name) {
        return Vec::new();
    }
    let most = Seed::of(&format!("pace of #{name}")).between(1, 5);
    let hours = (now_s - DAY_S).div_euclid(HOUR_S)..=now_s.div_euclid(HOUR_S);
    let posts = hours.flat_map(|hour| {
        let mut seed = Seed::of(&format!("hour {hour} of #{name}"));
        (0..seed.between(1, most)).map(move |_| {
            let posted_s = hour * HOUR_S + i64::from(seed.between(0, 3_599));
            // Now and then one is popular at once, and stands in both lists.
            let likes = if seed.once_in(12) { 20_000 } else { 300 };
            let likes = seed.below(likes);
            post(name, posted_s, likes, &mut seed)
        })
    });
    posts.filter(|media| media.posted_s <= now_s && media.posted_s > now_s - DAY_S).collect()
}

fn post(name: &str, posted_s: i64, likes: u32, seed: &mut Seed) -> Media {
    let id = format!("1{}{}", if seed.once_in(2) { "80" } else { "79" }, seed.digits(14));
    let (media_type, is_reel) = match seed.below(8) {
        0 | 1 => (Type::CarouselAlbum, false),
        2 | 3 => (Type::Video, true),
        _ => (Type::Image, false),
    };
    let shape = match media_type {
        Type::Video => Shape::Tall,
        _ => seed.pick(&SHAPES).copied().unwrap_or(Shape::Square),
    };
    let types: Vec<Type> = if media_type == Type::CarouselAlbum {
        (0..seed.between(2, 5)).map(|part| if part == 2 { Type::Video } else { Type::Image }).collect()
    } else {
        Vec::new()
    };
    // Reels keep their file with downloads off or with licensed audio.
    let withheld = seed.once_in(if media_type == Type::Video { 4 } else { 30 });
    Media {
        account_id: NOBODY.to_owned(),
        media_type,
        is_reel,
        caption: Some(caption(name, seed)),
        alt_text: None,
        posted_s,
        shortcode: shortcode(&id),
        shape,
        withheld,
        likes: (!seed.once_in(12)).then_some(likes),
        comments: seed.below(likes / 30 + 3),
        children: children(&id, &types),
        id,
    }
}

fn caption(name: &str, seed: &mut Seed) -> String {
    let mut text = seed.pick(&LINES).copied().unwrap_or_default().to_owned();
    let place = seed.below(3);
    for number in 0..3 {
        if number == place {
            text.push_str(" #");
            text.push_str(name);
        } else if let Some(tag) = seed.pick(&OTHER_TAGS).filter(|tag| !text.contains(**tag)) {
            text.push(' ');
            text.push_str(tag);
        }
    }
    text
}
