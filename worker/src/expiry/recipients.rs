//! Who is told of an install's end: the owners of the apps that depend on it, each once.

use entities::{app, app_install};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// An owner, with the apps that depend on the install.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    /// The address as the ledger knows it: however an app writes it, it is the same person's.
    pub key: String,
    /// The address as the first app writes it.
    pub address: String,
    /// The language of the first app that has one.
    pub language: Option<String>,
    /// The apps, of which there is one at least, in order of id.
    pub apps: Vec<app::Model>,
}

/// Lists the owners who depend on an install, in order of address.
pub(crate) async fn of(db: &impl ConnectionTrait, install_id: &str) -> Result<Vec<Recipient>, DbErr> {
    let apps = app::Entity::find()
        .inner_join(app_install::Entity)
        .filter(app_install::Column::InstallId.eq(install_id))
        .filter(app::Column::OwnerEmail.is_not_null())
        .order_by_asc(app::Column::AppId)
        .all(db)
        .await?;
    Ok(grouped(apps))
}

fn grouped(apps: Vec<app::Model>) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::new();
    for app in apps {
        let Some(key) = app.owner() else { continue };
        if let Some(known) = found.iter_mut().find(|known| known.key == key) {
            known.language = known.language.take().or_else(|| app.language.clone());
            known.apps.push(app);
        } else {
            let address = app.owner_email.as_deref().unwrap_or_default().trim().to_owned();
            found.push(Recipient { key, address, language: app.language.clone(), apps: vec![app] });
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}
