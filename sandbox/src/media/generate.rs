//! The generator: for every account the same posts at every start, newest first, of all types.
//! Only their dates depend on when the sandbox was first started.

use super::captions::caption;
use super::{Child, Media, Seed, Shape, Type};
use crate::people::Account;

const CODE_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SHAPES: [Shape; 4] = [Shape::Square, Shape::Square, Shape::Portrait, Shape::Wide];
const ALT_TEXTS: [&str; 4] = [
    "Hills in layers of blue under a low sun",
    "Circles of colour overlapping on a pale ground",
    "A calm sea at dusk",
    "Soft stripes running across the frame",
];

/// Returns an account's posts, newest first.
pub(super) fn posts(account: &Account, epoch_s: i64) -> Vec<Media> {
    posts_of((account.id, account.followers), account.posts, epoch_s)
}

/// Returns the posts of somebody who does not live here, newest first: they follow from the name.
pub(crate) fn made_up(name: &str, epoch_s: i64) -> Vec<Media> {
    let mut seed = Seed::of(&format!("account of {name}"));
    let id = format!("1784{}", seed.digits(13));
    posts_of((&id, seed.below(90_000)), 12 + seed.below(60), epoch_s)
}

fn posts_of(account: (&str, u32), count: u32, epoch_s: i64) -> Vec<Media> {
    let mut posted_s = epoch_s;
    (0..count)
        .map(|position| {
            let mut seed = Seed::of(&format!("{}/{position}", account.0));
            // A few hours to about three days between two posts.
            posted_s -= i64::from(seed.between(3 * 3_600, 70 * 3_600));
            post(account, position, posted_s, &mut seed)
        })
        .collect()
}

fn post((account_id, followers): (&str, u32), position: u32, posted_s: i64, seed: &mut Seed) -> Media {
    let id = format!("1{}{}", if position.is_multiple_of(3) { "80" } else { "79" }, seed.digits(14));
    // The first posts are one of each type, so that a short feed shows them all.
    let kind = if position < 5 { position } else { seed.below(9) };
    let (media_type, is_reel) = match kind {
        1 | 5 => (Type::CarouselAlbum, false),
        2 | 6 => (Type::Video, true),
        4 => (Type::Video, false),
        _ => (Type::Image, false),
    };
    let shape = match media_type {
        Type::Video if is_reel => Shape::Tall,
        Type::Video => Shape::Square,
        _ => seed.pick(&SHAPES).copied().unwrap_or(Shape::Square),
    };
    let types: Vec<Type> = if media_type == Type::CarouselAlbum {
        (0..seed.between(2, 6)).map(|part| if part == 1 { Type::Video } else { Type::Image }).collect()
    } else {
        Vec::new()
    };
    Media {
        account_id: account_id.to_owned(),
        media_type,
        is_reel,
        caption: caption(seed, position),
        alt_text: (media_type == Type::Image && seed.once_in(3))
            .then(|| seed.pick(&ALT_TEXTS).map(|text| (*text).to_owned()))
            .flatten(),
        posted_s,
        shortcode: shortcode(&id),
        shape,
        // One certain case each, near the top; the others are rare.
        withheld: media_type != Type::CarouselAlbum && (position == 8 || seed.once_in(20)),
        likes: (position != 6 && !seed.once_in(15)).then(|| seed.below(followers / 20 + 5)),
        comments: seed.below(followers / 900 + 4),
        children: children(&id, &types),
        id,
    }
}

/// Returns the parts of an album.
pub(crate) fn children(album_id: &str, types: &[Type]) -> Vec<Child> {
    let mut seed = Seed::of(&format!("children of {album_id}"));
    types
        .iter()
        .map(|media_type| {
            let id = format!("178{}", seed.digits(14));
            Child { shortcode: shortcode(&id), media_type: *media_type, id }
        })
        .collect()
}

/// Returns the code in a post's link.
pub(crate) fn shortcode(id: &str) -> String {
    let mut seed = Seed::of(&format!("shortcode of {id}"));
    let tail = (0..10).filter_map(|_| seed.pick(CODE_LETTERS).map(|letter| char::from(*letter)));
    std::iter::once('D').chain(tail).collect()
}
