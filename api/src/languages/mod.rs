//! The languages that our pages are written in: one file each, and its line in the list. What a language has to say is in
//! `words`; letters are written in the same ones (`worker::letters`).

mod de;
mod en;
#[cfg(test)]
mod tests;
mod told;
mod words;

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use entities::app;
use sea_orm::EntityTrait;

use crate::state::AppState;
pub(crate) use told::{How, Service, Told};
pub(crate) use words::Language;

/// Every language; the first one is for those that none fits.
const ALL: [&Language; 2] = [&en::LANGUAGE, &de::LANGUAGE];

impl Language {
    /// Finds the language of a tag, whatever region or script it names besides.
    fn of(tag: &str) -> Option<&'static Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        ALL.into_iter().find(|language| language.tag.eq_ignore_ascii_case(primary))
    }

    /// Returns the language that an owner reads, where we were told and write it; or else the one that the browser asks for.
    pub(crate) fn choose(owners: Option<&str>, headers: &HeaderMap) -> &'static Self {
        let owners = owners.and_then(Self::of);
        owners.unwrap_or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|tags| tags.to_str().ok());
            Self::accepted(accepted.unwrap_or_default())
        })
    }

    /// Returns the language of an app's pages. A database that cannot be asked is not news here.
    pub(crate) async fn of_app(state: &AppState, headers: &HeaderMap, app_id: &str) -> &'static Self {
        let app = app::Entity::find_by_id(app_id).one(&state.db.read).await.ok().flatten();
        Self::choose(app.and_then(|app| app.language).as_deref(), headers)
    }

    /// Returns the best of what `Accept-Language` lists (RFC 9110): by weight, then in order.
    fn accepted(list: &str) -> &'static Self {
        let wishes = list.split(',').filter_map(|wish| {
            let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            Some((Self::of(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        let best = wishes.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(ALL[0], |(language, _)| language)
    }

    /// Returns the heading of what is under way, and what is done meanwhile.
    pub(crate) fn working(&self, service: Service) -> (&'static str, &'static str) {
        match service {
            Service::Facebook => (self.progress.heading, self.progress.running),
            Service::X => (self.on_x.working, self.on_x.running),
        }
    }

    /// Writes a day.
    pub(crate) fn date(&self, at: DateTime<Utc>) -> String {
        worker::letters::date(self.tag, at)
    }
}
