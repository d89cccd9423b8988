//! The outlet fails whoever is asked for: that is everybody's, and it is over with its first answer. Nobody is made to wait
//! for its end by the incident: how long the outlet is left alone is the outlet's own matter (`crate::outlet`).

use entities::incident::{self, Alike, Kind, Seen, open_key};
use sea_orm::DbErr;

use crate::Context;
use crate::graph::Class;

/// Keeps that the outlet fails.
pub(crate) async fn failed(ctx: &Context, class: Class) -> Result<(), DbErr> {
    let class = class.as_str();
    let alike = Alike { class, kind: Kind::Outlet, code: None };
    let seen = Seen { alike, subcode: None, fbtrace_id: None, at: ctx.now() };
    let db = &ctx.db.write;
    if incident::Entity::see_again(db, &open_key(class, Kind::Outlet, None), &seen).await?.is_some() {
        return Ok(());
    }
    if let Some(id) = incident::Entity::open(db, None, &seen, None).await? {
        tracing::error!(incident_id = id, class, "incident of everybody's: the outlet fails");
    }
    Ok(())
}

/// Keeps that the outlet has answered.
pub(crate) async fn answered(ctx: &Context) -> Result<(), DbErr> {
    let keys = [Class::Transient, Class::AppMisconfigured].map(|class| open_key(class.as_str(), Kind::Outlet, None));
    for over in incident::Entity::by_keys(&ctx.db.read, keys.to_vec()).await? {
        incident::Entity::close(&ctx.db.write, &over.id, ctx.now()).await?;
        tracing::warn!(incident_id = over.id, class = over.class, "incident of everybody's over");
    }
    Ok(())
}
