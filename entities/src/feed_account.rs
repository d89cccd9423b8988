//! Whose posts a feed of `feeds` holds: by that they are found when the account is forgotten, and when its name is another's.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, QuerySelect};

use crate::FeedKey;
use crate::feed::{Column, Entity, Model, Source};
use crate::install;

impl Entity {
    /// Lists the ids of the feeds of these sources that show an account, in order: under its name, unless another install
    /// serves that; and those that hold its posts, under whatever name.
    pub(crate) async fn of_install(
        db: &impl ConnectionTrait,
        install: &install::Model,
        sources: &[Source],
    ) -> Result<Vec<String>, DbErr> {
        let mut ids = BTreeSet::new();
        if let Ok(key) = FeedKey::account(&install.instagram_account)
            && !install::Entity::is_served_by_another(db, install).await?
        {
            // By source and key there is an index.
            let named = Self::find().select_only().column(Column::Id).filter(Column::Key.eq(key));
            let named = named.filter(Column::Source.is_in(sources.iter().copied()));
            ids.extend(named.into_tuple::<String>().all(db).await?);
        }
        let held = Self::find().select_only().columns([Column::Id, Column::Source]);
        let held = held.filter(Column::AccountId.eq(&install.instagram_business_account_id));
        let held: Vec<(String, Source)> = held.into_tuple().all(db).await?;
        ids.extend(held.into_iter().filter(|(_, source)| sources.contains(source)).map(|(id, _)| id));
        Ok(ids.into_iter().collect())
    }

    /// Deletes the Graph's feed of the name that an account bore `before`, and returns what it was. It stays where another
    /// install serves the name, and it holds none of the account's posts.
    pub async fn leave_name(tx: &DatabaseTransaction, before: &install::Model) -> Result<Option<Model>, DbErr> {
        let Some(feed) = Self::lock_account(tx, &before.instagram_account).await? else { return Ok(None) };
        let is_own = feed.account_id.as_ref() == Some(&before.instagram_business_account_id);
        if !is_own && install::Entity::is_served_by_another(tx, before).await? {
            return Ok(None);
        }
        Self::delete_by_id(&feed.id).exec(tx).await?;
        Ok(Some(feed))
    }

    /// Deletes the Graph's feed of an account's name if it holds another's posts, who bore the name before, and returns what
    /// it was: nobody is shown them as this account's.
    pub async fn take_name(tx: &DatabaseTransaction, bearer: &install::Model) -> Result<Option<Model>, DbErr> {
        let feed = Self::lock_account(tx, &bearer.instagram_account).await?;
        let is_others = |id: &String| *id != bearer.instagram_business_account_id;
        let Some(feed) = feed.filter(|feed| feed.account_id.as_ref().is_some_and(is_others)) else { return Ok(None) };
        Self::delete_by_id(&feed.id).exec(tx).await?;
        Ok(Some(feed))
    }

    async fn lock_account(tx: &DatabaseTransaction, name: &str) -> Result<Option<Model>, DbErr> {
        let Ok(key) = FeedKey::account(name) else { return Ok(None) };
        let found = Self::find().filter(Column::Source.eq(Source::Graph)).filter(Column::Key.eq(key));
        found.lock_exclusive().one(tx).await
    }
}
