//! `incident_installs`: which installs an incident has met.

use sea_orm::entity::prelude::*;

/// One install in one incident.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident_installs")]
pub struct Model {
    /// The incident.
    #[sea_orm(primary_key, auto_increment = false)]
    pub incident_id: String,
    /// The install.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// First sight.
    pub first_seen_at: DateTimeUtc,
    /// Last sight.
    pub last_seen_at: DateTimeUtc,
}

/// Either side may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
