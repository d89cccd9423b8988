//! What of a media X can be handed: up to four pictures, or one video. Pure.

use super::seen::Item;

/// So many pictures has a post.
const MOST_PICTURES: usize = 4;

/// The files of one post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files<'a> {
    /// The addresses of pictures, in order.
    Pictures(Vec<&'a str>),
    /// The address of a video.
    Video(&'a str),
}

/// Why a media has nothing that can be posted: one word for the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It was deleted on Instagram.
    Deleted,
    /// Meta gives no file, as it does with music that others own.
    WithoutFile,
    /// It is neither picture nor video nor album.
    UnknownKind,
    /// A file is larger than X, or we, take.
    TooLarge,
    /// X does not take a file, such as a video that is too long.
    FileRefused,
    /// X has a post of this account that says the same.
    SameText,
}

impl Skip {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::WithoutFile => "without_file",
            Self::UnknownKind => "unknown_kind",
            Self::TooLarge => "too_large",
            Self::FileRefused => "file_refused",
            Self::SameText => "same_text",
        }
    }
}

impl Item {
    /// Returns what is posted of it: of an album the first four pictures, or the first video if it has none.
    pub fn files(&self) -> Result<Files<'_>, Skip> {
        let own = (self.media_type.as_deref(), self.media_url.as_deref());
        let parts = self.children.iter().map(|part| (part.media_type.as_deref(), part.media_url.as_deref()));
        let all: Vec<_> = match own.0 {
            Some("CAROUSEL_ALBUM") => parts.collect(),
            Some("IMAGE" | "VIDEO") => vec![own],
            _ => return Err(Skip::UnknownKind),
        };
        let of_kind = |kind| all.iter().filter(move |file| file.0 == Some(kind)).filter_map(|file| file.1);
        let pictures: Vec<_> = of_kind("IMAGE").take(MOST_PICTURES).collect();
        if !pictures.is_empty() {
            return Ok(Files::Pictures(pictures));
        }
        of_kind("VIDEO").next().map(Files::Video).ok_or(Skip::WithoutFile)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Files, Item, Skip};

    fn item(media_type: &str, url: Option<&str>, children: &[(&str, Option<&str>)]) -> Item {
        let children: Vec<Value> =
            children.iter().map(|(kind, url)| json!({"media_type": kind, "media_url": url})).collect();
        let item = json!({"id": "1", "media_type": media_type, "media_url": url, "children": children});
        serde_json::from_value(item).expect("an item")
    }

    #[test]
    fn a_post_has_up_to_four_pictures_or_one_video() {
        let (picture, video) = (("IMAGE", Some("p")), ("VIDEO", Some("v")));
        for (item, files) in [
            (item("IMAGE", Some("p"), &[]), Ok(Files::Pictures(vec!["p"]))),
            (item("VIDEO", Some("v"), &[]), Ok(Files::Video("v"))),
            (item("CAROUSEL_ALBUM", Some("cover"), &[picture; 10]), Ok(Files::Pictures(vec!["p"; 4]))),
            (item("CAROUSEL_ALBUM", None, &[video, picture, picture]), Ok(Files::Pictures(vec!["p", "p"]))),
            (item("CAROUSEL_ALBUM", None, &[("IMAGE", None), video, video]), Ok(Files::Video("v"))),
            (item("CAROUSEL_ALBUM", Some("cover"), &[]), Err(Skip::WithoutFile)),
            (item("VIDEO", None, &[]), Err(Skip::WithoutFile)),
            (item("BROADCAST", Some("b"), &[]), Err(Skip::UnknownKind)),
        ] {
            assert_eq!(item.files(), files, "{item:?}");
        }
    }
}
