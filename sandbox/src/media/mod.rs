//! The posts of the sandbox's accounts: those generated and those published by tests.

mod captions;
mod generate;
mod seed;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::hashtags::{self, Tag};
use crate::people::{self, Account, PEOPLE};

pub(crate) use generate::{children, made_up, shortcode};
pub(crate) use seed::Seed;

/// What Meta calls a media's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Type {
    /// A picture.
    Image,
    /// A video or a reel.
    Video,
    /// Several of both.
    CarouselAlbum,
}

impl Type {
    /// Returns Meta's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::CarouselAlbum => "CAROUSEL_ALBUM",
        }
    }
}

/// The shape of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// 1:1.
    Square,
    /// 4:5.
    Portrait,
    /// 16:9.
    Wide,
    /// 9:16, of reels.
    Tall,
}

impl Shape {
    /// Returns width and height in pixels.
    pub(crate) fn size(self) -> (u16, u16) {
        match self {
            Self::Square => (640, 640),
            Self::Portrait => (640, 800),
            Self::Wide => (640, 360),
            Self::Tall => (450, 800),
        }
    }
}

/// One picture or video of an album.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Child {
    /// The media id.
    pub(crate) id: String,
    /// Picture or video.
    pub(crate) media_type: Type,
    /// The code in its link.
    pub(crate) shortcode: String,
}

/// A post.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "`media_type` is Meta's word")]
pub(crate) struct Media {
    /// The media id.
    pub(crate) id: String,
    /// The IG user id of the owner.
    pub(crate) account_id: String,
    /// Picture, video or album.
    pub(crate) media_type: Type,
    /// Whether it is a reel.
    pub(crate) is_reel: bool,
    /// The text; many posts have none.
    pub(crate) caption: Option<String>,
    /// The description for people who cannot see it.
    pub(crate) alt_text: Option<String>,
    /// When it was posted, in seconds.
    pub(crate) posted_s: i64,
    /// The code in its link.
    pub(crate) shortcode: String,
    /// The shape of its pictures.
    pub(crate) shape: Shape,
    /// Whether Meta withholds the file (copyright).
    pub(crate) withheld: bool,
    /// Likes; none if the owner hides them.
    pub(crate) likes: Option<u32>,
    /// Comments.
    pub(crate) comments: u32,
    /// The parts of an album.
    pub(crate) children: Vec<Child>,
}

#[derive(Debug, Default)]
struct Index {
    /// By account, newest first; deleted posts stay, so that cursors keep their place.
    by_account: HashMap<String, Vec<Arc<Media>>>,
    by_id: HashMap<String, (Arc<Media>, Option<usize>)>,
    /// By the id of a hashtag in the caption: the tag and its posts, in no order.
    by_tag: HashMap<String, (Tag, Vec<Arc<Media>>)>,
    deleted: BTreeSet<String>,
    /// When the sandbox was first started.
    epoch_s: i64,
}

/// All posts. Those of the crowd are made when somebody looks at them.
#[derive(Debug)]
pub(crate) struct Catalog(RwLock<Index>);

impl Catalog {
    /// Generates the posts as of `epoch_s` and adds what tests published and deleted.
    pub(crate) fn new(epoch_s: i64, published: &[Media], deleted: &BTreeSet<String>) -> Self {
        let mut index = Index { deleted: deleted.clone(), epoch_s, ..Index::default() };
        for account in PEOPLE.iter().flat_map(people::Person::accounts) {
            index.generate(account);
        }
        for media in published {
            index.publish(media.clone());
        }
        Self(RwLock::new(index))
    }

    /// Adds a post.
    pub(crate) fn publish(&self, media: Media) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).publish(media);
    }

    /// Hides a post.
    pub(crate) fn delete(&self, id: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).deleted.insert(id.to_owned());
    }

    /// Finds a post, or the album and the position of a part.
    pub(crate) fn find(&self, id: &str) -> Option<(Arc<Media>, Option<usize>)> {
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = index.by_id.get(id)?;
        (!index.deleted.contains(&found.0.id)).then(|| found.clone())
    }

    /// Returns an account's posts, newest first, each with whether it was deleted.
    pub(crate) fn of_account(&self, account_id: &str) -> Vec<(Arc<Media>, bool)> {
        let mut index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if !index.by_account.contains_key(account_id) {
            drop(index);
            self.0.write().unwrap_or_else(PoisonError::into_inner).look_at(account_id);
            index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        }
        index
            .by_account
            .get(account_id)
            .into_iter()
            .flatten()
            .map(|media| (Arc::clone(media), index.deleted.contains(&media.id)))
            .collect()
    }

    /// Finds a hashtag that a caption carries, by its id.
    pub(crate) fn tag(&self, id: &str) -> Option<Tag> {
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        index.by_tag.get(id).map(|(tag, _)| tag.clone())
    }

    /// Returns the posts whose captions carry a hashtag, without the deleted ones.
    pub(crate) fn tagged(&self, tag_id: &str) -> Vec<Arc<Media>> {
        let index = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let posts = index.by_tag.get(tag_id).into_iter().flat_map(|(_, posts)| posts);
        posts.filter(|media| !index.deleted.contains(&media.id)).cloned().collect()
    }
}

impl Index {
    /// Makes the posts of an account that were there before the sandbox was.
    fn generate(&mut self, account: &Account) {
        self.by_account.entry(account.id.to_owned()).or_default();
        for media in generate::posts(account, self.epoch_s) {
            self.add(media);
        }
    }

    /// Makes an account's posts, where nobody has looked at them before.
    fn look_at(&mut self, account_id: &str) {
        if let Some((_, _, account)) = people::account(account_id).filter(|_| !self.by_account.contains_key(account_id))
        {
            self.generate(account);
        }
    }

    fn publish(&mut self, media: Media) {
        self.look_at(&media.account_id);
        self.add(media);
    }

    fn add(&mut self, media: Media) {
        let media = Arc::new(media);
        self.by_id.insert(media.id.clone(), (Arc::clone(&media), None));
        for (position, child) in media.children.iter().enumerate() {
            self.by_id.insert(child.id.clone(), (Arc::clone(&media), Some(position)));
        }
        for tag in media.caption.as_deref().map(hashtags::in_text).unwrap_or_default() {
            let (_, posts) = self.by_tag.entry(tag.id.clone()).or_insert((tag, Vec::new()));
            posts.push(Arc::clone(&media));
        }
        let list = self.by_account.entry(media.account_id.clone()).or_default();
        let place = list.partition_point(|other| other.posted_s > media.posted_s);
        list.insert(place, media);
    }
}
