//! Which old apps may move off the outlet: `MIGRATION_APP_TYPES`.

use worker::migrating::{AppTypes, Terms};

use super::{Config, Env};

/// Reads `MIGRATION_APP_TYPES`.
pub(super) fn app_types(env: &Env) -> anyhow::Result<AppTypes> {
    env.parsed("MIGRATION_APP_TYPES", AppTypes::default())
}

impl Config {
    /// Returns what the operator said of the move; whether there is an outlet, the command knows.
    pub(crate) fn migrating(&self, has_outlet: bool) -> Terms {
        Terms { types: self.migration_app_types.clone(), has_outlet }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn the_kinds_that_take_part_are_named_by_the_operator() {
        let types = |vars: &[(&str, &str)]| read(vars).expect("read").migration_app_types;
        assert!(types(&[]).contain("socialFeed") && !types(&[]).contain("instagramFeed"));
        assert!(types(&[("MIGRATION_APP_TYPES", "socialFeed,instagramFeed")]).contain("instagramFeed"));
        let error = read(&[("MIGRATION_APP_TYPES", ",")]).expect_err("no kind").to_string();
        assert!(error.contains("MIGRATION_APP_TYPES=,: name at least one kind"), "{error}");
    }
}
