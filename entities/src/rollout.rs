//! `rollouts`: who sees what is not for everybody yet. A rollout that has no row is off.

use std::fmt;
use std::str::FromStr;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sha2::{Digest, Sha256};

use crate::StringList;

/// Whose users see that old apps can move off the outlet.
pub const MIGRATE_APPS: &str = "instagram_graph_api_migrate_apps";

/// By what users are let in.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Rule {
    /// Nobody is.
    #[sea_orm(string_value = "off")]
    Off,
    /// Everybody is.
    #[sea_orm(string_value = "all")]
    All,
    /// A share of all users is, each always or never while the share stays.
    #[sea_orm(string_value = "percent")]
    Percent,
    /// Those on a list are.
    #[sea_orm(string_value = "users")]
    Users,
}

/// One rollout.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollouts")]
pub struct Model {
    /// What is rolled out.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// By what users are let in.
    pub rule: Rule,
    /// The share, under [`Rule::Percent`].
    pub percent: Option<i32>,
    /// The list, under [`Rule::Users`].
    pub users: StringList,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

/// A rollout belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who is let in, as an operator writes it: `off`, `all`, `25%` or `users:ann,bob`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nobody.
    Off,
    /// Everybody.
    All,
    /// So many of a hundred users.
    Percent(u8),
    /// These users.
    Users(StringList),
}

/// Why a text is no [`Share`]. It names what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is `off`, `all`, a share such as `25%` (whole, from 0 to 100), or a list such as `users:ann,bob`")]
pub struct NoShare;

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        match text {
            "off" => return Ok(Self::Off),
            "all" => return Ok(Self::All),
            _ => {}
        }
        if let Some(number) = text.strip_suffix('%') {
            let percent = number.trim().parse().ok().filter(|percent| *percent <= 100);
            return percent.map(Self::Percent).ok_or(NoShare);
        }
        let names = text.strip_prefix("users:").ok_or(NoShare)?.split(',').map(str::trim);
        let mut users = StringList::default();
        for name in names.filter(|name| !name.is_empty()) {
            if !users.contains(name) {
                users.0.push(name.to_owned());
            }
        }
        if users.0.is_empty() { Err(NoShare) } else { Ok(Self::Users(users)) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::All => f.write_str("all"),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Users(users) => write!(f, "users:{}", users.0.join(",")),
        }
    }
}

impl Share {
    /// Returns whether a rollout of this share lets `user` in. Whom a percentage lets in, every larger one does too.
    pub fn includes(&self, rollout: &str, user: &str) -> bool {
        match self {
            Self::Off => false,
            Self::All => true,
            Self::Percent(percent) => place(rollout, user) < u64::from(*percent),
            Self::Users(users) => users.contains(user),
        }
    }
}

/// The user's place among a hundred, from 0: another one in each rollout, so that not always the same ones are first.
fn place(rollout: &str, user: &str) -> u64 {
    let digest = Sha256::new().chain_update(rollout).chain_update([0]).chain_update(user).finalize();
    let (first, _) = digest.split_at(8);
    first.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)) % 100
}

impl Model {
    /// Returns who is let in.
    pub fn share(&self) -> Share {
        match self.rule {
            Rule::Off => Share::Off,
            Rule::All => Share::All,
            Rule::Percent => Share::Percent(self.percent.and_then(|percent| u8::try_from(percent).ok()).unwrap_or(0)),
            Rule::Users => Share::Users(self.users.clone()),
        }
    }

    /// Returns whether it lets `user` in.
    pub fn includes(&self, user: &str) -> bool {
        self.share().includes(&self.name, user)
    }
}

impl Entity {
    /// Returns whether a rollout lets `user` in.
    pub async fn includes(db: &impl ConnectionTrait, name: &str, user: &str) -> Result<bool, DbErr> {
        let rollout = Self::find_by_id(name).one(db).await?;
        Ok(rollout.is_some_and(|rollout| rollout.includes(user)))
    }

    /// Keeps who is let in from now on.
    pub async fn set(db: &impl ConnectionTrait, name: &str, share: Share, now: DateTimeUtc) -> Result<(), DbErr> {
        let (rule, percent, users) = match share {
            Share::Off => (Rule::Off, None, StringList::default()),
            Share::All => (Rule::All, None, StringList::default()),
            Share::Percent(percent) => (Rule::Percent, Some(i32::from(percent)), StringList::default()),
            Share::Users(users) => (Rule::Users, None, users),
        };
        let row = ActiveModel {
            name: Set(name.to_owned()),
            rule: Set(rule),
            percent: Set(percent),
            users: Set(users),
            updated_at: Set(now),
        };
        let columns = [Column::Rule, Column::Percent, Column::Users, Column::UpdatedAt];
        let replace = OnConflict::column(Column::Name).update_columns(columns).to_owned();
        Self::insert(row).on_conflict(replace).exec_without_returning(db).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{NoShare, Share};

    fn share(text: &str) -> Share {
        text.parse().expect(text)
    }

    /// Which of 2 000 users a share lets in.
    fn let_in(rollout: &str, text: &str) -> BTreeSet<String> {
        let (share, users) = (share(text), (0..2_000).map(|number| format!("user-{number:04}")));
        users.filter(|user| share.includes(rollout, user)).collect()
    }

    #[test]
    fn a_larger_share_takes_nobody_out_and_lets_in_about_as_many_as_it_says() {
        let mut before = let_in("r", "0%");
        assert!(before.is_empty());
        for percent in [1, 10, 25, 50, 99, 100] {
            let now = let_in("r", &format!("{percent}%"));
            assert!(now.is_superset(&before), "{percent}%");
            assert!(now.len().abs_diff(20 * percent) <= 70, "{percent}%: {} of 2 000", now.len());
            before = now;
        }
        assert_eq!(before.len(), 2_000);
        assert_ne!(let_in("r", "10%"), let_in("other", "10%"), "not always the same ones are first");
    }

    #[test]
    fn who_is_let_in_today_is_let_in_tomorrow() {
        // Whatever becomes of this code: who has seen the banner goes on seeing it.
        let first: Vec<_> = let_in(super::MIGRATE_APPS, "10%").into_iter().take(5).collect();
        assert_eq!(first, ["user-0003", "user-0020", "user-0033", "user-0054", "user-0066"]);
    }

    #[test]
    fn a_share_is_written_as_it_is_read() {
        for text in ["off", "all", "0%", "25%", "100%", "users:ann", "users:ann,bob"] {
            assert_eq!(share(text).to_string(), text);
        }
        assert_eq!(share(" users: ann, bob,,ann "), share("users:ann,bob"));
        assert!(share("users:ann").includes("r", "ann") && !share("users:ann").includes("r", "bob"));
        assert!(share("all").includes("r", "bob") && !share("off").includes("r", "bob"));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "on", "ALL", "101%", "-1%", "2.5%", "%", "25", "users:", "users:,", "ann"] {
            assert_eq!(text.parse::<Share>(), Err(NoShare), "{text:?}");
        }
    }
}
