//! What a file is, by its bytes: X looks itself, whatever it was told.

use super::uploads::MediaKind;

/// How long a video may be, in seconds.
const SHORTEST_S: f64 = 0.5;
const LONGEST_S: f64 = 140.0;

/// Returns the content type of a file that X takes as this kind, or why it does not.
pub(super) fn look(bytes: &[u8], kind: MediaKind) -> Result<&'static str, String> {
    let found = match bytes {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "video/mp4",
        _ => return Err("media type unrecognized".to_owned()),
    };
    let fits = match kind {
        MediaKind::Photo => found.starts_with("image/"),
        MediaKind::AnimatedGif => found == "image/gif",
        MediaKind::Video => found == "video/mp4",
    };
    if !fits {
        return Err(format!("{found} does not fit the media category"));
    }
    if kind == MediaKind::Video {
        check_length(bytes)?;
    }
    Ok(found)
}

/// The length of a film stands in its header `mvhd`.
fn check_length(bytes: &[u8]) -> Result<(), String> {
    let unreadable = || "the video could not be read".to_owned();
    let at = bytes.windows(4).position(|window| window == b"mvhd").ok_or_else(unreadable)? + 4;
    let number = |from: usize| {
        let four: Option<[u8; 4]> = bytes.get(at + from..at + from + 4).and_then(|four| four.try_into().ok());
        four.map(u32::from_be_bytes).ok_or_else(unreadable)
    };
    // The second edition of the header has longer times; films of days do not come by here.
    let (scale, length) = match bytes.get(at) {
        Some(0) => (number(12)?, number(16)?),
        Some(1) => (number(20)?, number(28)?),
        _ => return Err(unreadable()),
    };
    let seconds = f64::from(length) / f64::from(scale.max(1));
    if (SHORTEST_S..=LONGEST_S).contains(&seconds) {
        return Ok(());
    }
    Err(format!("the video lasts {seconds:.1} s; it must last from {SHORTEST_S} s to {LONGEST_S} s"))
}
