//! `diagnoses`: the newest doubt about an install, and what was found out. At most one of each install.

use sea_orm::entity::prelude::*;

/// One install's diagnosis, or the wish for one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "diagnoses")]
pub struct Model {
    /// The install.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// The credential that is in doubt.
    pub generation: i32,
    /// The class of the failure that raised the doubt.
    pub class: String,
    /// Its code.
    pub code: Option<i64>,
    /// Its subcode.
    pub subcode: Option<i64>,
    /// Meta's name for it.
    pub fbtrace_id: Option<String>,
    /// What was found out, in the shape of `worker`'s verdict; null until then.
    pub verdict: Option<Json>,
    /// When the failure was first seen.
    pub doubted_at: DateTimeUtc,
    /// When it is to be looked into, next or at all; null: not again.
    pub diagnose_at: Option<DateTimeUtc>,
    /// When it was last looked into.
    pub diagnosed_at: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// The install may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
