//! The kinds of objects that the Graph knows, and who may see which.

mod account;
mod discovery;
mod hashtag;
mod insights;
mod media;
mod page;
mod person;
mod unset;

use std::sync::Arc;

use serde_json::{Value, json};

use super::Error;
use super::read::View;
use crate::hashtags::{self, Tag};
use crate::media::Media;
use crate::patch::Standing;
use crate::people::{self, Account, Person};
use crate::token::Kind;

pub(crate) use discovery::find as discover;
pub(crate) use hashtag::{asker, check_fields};

/// An object of the Graph.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// A person.
    Person(&'static Person),
    /// A Page, by its owner and its position there.
    Page(&'static Person, usize),
    /// An Instagram account.
    Account(&'static Account),
    /// Somebody else's, found by its name.
    Discovered(&'static Account),
    /// A post.
    Media(Arc<Media>),
    /// A part of an album.
    Part(Arc<Media>, usize),
    /// A hashtag.
    Hashtag(Tag),
    /// A post as it is seen through a hashtag.
    Tagged(Arc<Media>),
    /// A part of such an album.
    TaggedPart(Arc<Media>, usize),
}

/// What a field turns out to be.
#[derive(Clone, Debug)]
pub(crate) enum Got {
    /// Nothing: Meta leaves such a field out.
    Absent,
    /// A value.
    Value(Value),
    /// Another object.
    Node(Node),
    /// A list of objects.
    Edge(Edge),
}

impl<T: Into<Value>> From<T> for Got {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl Got {
    fn or_absent(value: Option<impl Into<Value>>) -> Self {
        value.map_or(Self::Absent, |value| Self::Value(value.into()))
    }
}

/// What is told of a list's other pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// Nothing: the list is short.
    None,
    /// Cursors alone: whose ids cannot be read, cannot be linked to.
    Cursors,
    /// Cursors and links.
    Links,
}

/// A list of objects.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// Its name, for its links.
    pub(crate) name: &'static str,
    /// What is told of each object where nothing is asked.
    pub(crate) default_fields: &'static str,
    /// What Meta tells of its other pages.
    pub(crate) paging: Paging,
    /// All of it.
    pub(crate) items: Vec<Item>,
}

impl Edge {
    /// Tells how many objects there are in all.
    pub(crate) fn summary(&self) -> Value {
        json!({ "total_count": self.items.iter().filter(|item| !item.hidden).count() })
    }
}

/// An object of a list.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The object.
    pub(crate) node: Node,
    /// Its date, for `since` and `until`.
    pub(crate) at_s: i64,
    /// Whether it is deleted and only keeps its place.
    pub(crate) hidden: bool,
}

impl Node {
    /// Finds what a path names, if the caller may see it.
    pub(crate) fn find(view: &View<'_>, id: &str) -> Result<Self, Error> {
        let missing = || Error::no_such_object("get", id);
        let person = view.token.person;
        if id == "me" {
            return Ok(match view.token.kind {
                Kind::Page(index) => Self::Page(person, usize::from(index)),
                Kind::Short | Kind::Long => Self::Person(person),
            });
        }
        if id == person.id.to_string() && !matches!(view.token.kind, Kind::Page(_)) {
            return Ok(Self::Person(person));
        }
        if let Some((owner, index)) = people::page(id) {
            if !sees_page(view, owner, index) {
                return Err(missing());
            }
            if !view.scopes().has("pages_read_engagement") {
                return Err(Error::permission("pages_read_engagement"));
            }
            return Ok(Self::Page(owner, index));
        }
        if let Some(tag) = hashtags::find(view.shared, id) {
            view.check_public_content()?;
            return Ok(Self::Hashtag(tag));
        }
        let media = view.shared.catalog.find(id);
        let account_id = media.as_ref().map_or(id, |(media, _)| &media.account_id);
        let (owner, index, account) = people::account(account_id).ok_or_else(missing)?;
        if !sees_page(view, owner, index) {
            return Err(missing());
        }
        match view.patch.standing(view.token.consent_ms) {
            Standing::Deleted | Standing::Suspended | Standing::PageUnlinked | Standing::OtherApp => {
                return Err(missing());
            }
            Standing::Personal => return Err(Error::not_professional()),
            Standing::Restricted => return Err(Error::restricted()),
            _ => {}
        }
        if account.without_role {
            return Err(Error::no_role());
        }
        view.check_instagram()?;
        Ok(match media {
            None => Self::Account(account),
            Some((media, None)) => Self::Media(media),
            Some((media, Some(position))) => Self::Part(media, position),
        })
    }

    /// Returns the object's id.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Person(person) => person.id.to_string(),
            Self::Page(person, index) => person.pages.get(*index).map_or_else(String::new, |page| page.id.to_owned()),
            Self::Account(account) | Self::Discovered(account) => account.id.to_owned(),
            Self::Hashtag(tag) => tag.id.clone(),
            Self::Media(media) | Self::Tagged(media) => media.id.clone(),
            Self::Part(media, position) | Self::TaggedPart(media, position) => {
                media.children.get(*position).map_or_else(String::new, |child| child.id.clone())
            }
        }
    }

    /// Returns what is told where nothing is asked.
    pub(crate) fn default_fields(&self) -> &'static str {
        match self {
            Self::Person(_) | Self::Page(..) => "name,id",
            _ => "id",
        }
    }

    /// Looks a field up; an unknown one fails the call.
    pub(crate) fn get(&self, view: &View<'_>, field: &str) -> Result<Got, Error> {
        self.look(view, field)?.ok_or_else(|| Error::no_such_field(field, self.kind()))
    }

    /// Looks a field up; none if such objects have no such field.
    pub(crate) fn look(&self, view: &View<'_>, field: &str) -> Result<Option<Got>, Error> {
        if field == "id" {
            return Ok(Some(self.id().into()));
        }
        let got = match self {
            Self::Person(person) => person::get(view, person, field)?,
            Self::Page(person, index) => page::get(view, person, *index, field)?,
            Self::Account(account) => account::get(view, account, field)?,
            Self::Discovered(account) => discovery::get(view, account, field)?,
            Self::Media(media) if field == "insights" => Some(insights::of(view, &media.id)?),
            Self::Media(media) => media::get(view, media, field),
            Self::Part(album, position) => media::get_part(view, album, *position, field),
            Self::Hashtag(tag) => hashtag::get(tag, field),
            Self::Tagged(media) => hashtag::get_media(view, media, field),
            Self::TaggedPart(album, position) => hashtag::get_part(view, album, *position, field),
        };
        Ok(got.or_else(|| unset::is_known(self, field).then_some(Got::Absent)))
    }

    /// Returns Meta's word for such objects.
    fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "User",
            Self::Page(..) => "Page",
            Self::Account(_) | Self::Discovered(_) => "IGUser",
            Self::Hashtag(_) => "IGHashtag",
            Self::Media(_) | Self::Part(..) | Self::Tagged(_) | Self::TaggedPart(..) => "IGMedia",
        }
    }
}

/// Tells whether the caller has a role on a Page and was given it at the consent.
fn sees_page(view: &View<'_>, owner: &Person, index: usize) -> bool {
    let standing = view.patch.standing(view.token.consent_ms);
    let is_shared = owner.user == view.token.person.user
        && view.token.shares(index)
        && !matches!(standing, Standing::PageRoleLost | Standing::PageNotGranted);
    match view.token.kind {
        Kind::Page(own) => is_shared && usize::from(own) == index,
        Kind::Short | Kind::Long => is_shared,
    }
}
