//! Who takes part in the move, and whether it is offered.

use std::str::FromStr;

use entities::app::{self, Move};

/// The kind of widget that takes part.
const SOCIAL_FEED: &str = "socialFeed";

/// The kinds of widgets that take part: `MIGRATION_APP_TYPES`. Written otherwise (`social_feed`, `Social Feed`) a kind is
/// the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTypes(Vec<String>);

impl Default for AppTypes {
    fn default() -> Self {
        Self(vec![plain(SOCIAL_FEED)])
    }
}

impl FromStr for AppTypes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds: Vec<_> = text.split(',').map(plain).filter(|kind| !kind.is_empty()).collect();
        let says = "name at least one kind of widget, such as `socialFeed`; several are separated by commas";
        if kinds.is_empty() { Err(says) } else { Ok(Self(kinds)) }
    }
}

impl AppTypes {
    /// Returns whether a kind of widget takes part. One that was never told takes none.
    pub fn contain(&self, app_type: &str) -> bool {
        self.0.contains(&plain(app_type))
    }
}

/// A kind's letters and digits alone, in lower case.
fn plain(kind: &str) -> String {
    kind.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What the operator said of the move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Which kinds of widgets take part.
    pub types: AppTypes,
    /// Whether there is an outlet: `OUTLET_URL`.
    pub has_outlet: bool,
}

impl Terms {
    /// Returns whether an app takes part in the move: it was saved before the Graph API came, and is of a kind that does.
    pub fn include(&self, app: &app::Model) -> bool {
        app.saved_before && self.types.contain(&app.app_type)
    }

    /// Returns whether the move is offered to an app: whether the banner is shown. `"never"` says that it is to be made; and
    /// a rollout that is taken back hides the banner again, without another save.
    pub fn offers(&self, app: &app::Model, in_rollout: bool) -> bool {
        self.include(app) && in_rollout && app.has_moved() == Move::Offered
    }
}

#[cfg(test)]
mod tests {
    use super::AppTypes;

    #[test]
    fn a_kind_is_known_however_it_is_written() {
        let types = AppTypes::default();
        for alias in ["socialFeed", "SocialFeed", "social_feed", "social-feed", "Social Feed"] {
            assert!(types.contain(alias), "{alias}");
        }
        for other in ["", "  ", "feed", "socialFeeds", "photoGallery"] {
            assert!(!types.contain(other), "{other}");
        }
    }

    #[test]
    fn an_operator_names_other_kinds() {
        let types: AppTypes = "socialFeed, instagram-feed,".parse().expect("two kinds");
        assert!(types.contain("instagramFeed") && types.contain("socialFeed") && !types.contain(""));
        for nothing in ["", " , ", "--"] {
            assert!(nothing.parse::<AppTypes>().is_err(), "{nothing:?}");
        }
    }
}
