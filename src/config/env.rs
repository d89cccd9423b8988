//! The environment of the process, and how single values are read from it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use anyhow::Context;
use secrecy::SecretString;

/// The environment, as it was at the start.
#[derive(Clone)]
pub(crate) struct Env(pub(super) BTreeMap<String, String>);

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Env(…)")
    }
}

impl Env {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub(crate) fn of_process() -> Self {
        let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// Returns a variable; an empty one counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Returns a variable that has a form, or `default`.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> anyhow::Result<T> {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// Returns a variable that has a form, if it is set.
    pub(crate) fn optional<T: FromStr<Err: Display>>(&self, name: &str) -> anyhow::Result<Option<T>> {
        self.text(name)
            .map(|value| value.parse().map_err(|error| anyhow::anyhow!("{name}={value}: {error}")))
            .transpose()
    }

    /// Returns a secret, from `NAME` or from the file that `NAME_FILE` names.
    pub(crate) fn secret(&self, name: &str) -> anyhow::Result<Option<SecretString>> {
        if let Some(value) = self.text(name) {
            return Ok(Some(value.into()));
        }
        let file_name = format!("{name}_FILE");
        let Some(path) = self.text(&file_name) else { return Ok(None) };
        // Somebody may have written the secret itself there: only what looks like a path is repeated.
        let is_path = path.starts_with(['/', '.', '~']);
        anyhow::ensure!(
            is_path || std::path::Path::new(&path).exists(),
            "{file_name} names no file; it takes a path such as /run/secrets/{name}, not the secret"
        );
        let text = std::fs::read_to_string(&path).with_context(|| format!("{file_name}={path} cannot be read"))?;
        anyhow::ensure!(!text.trim().is_empty(), "{file_name}={path} is empty");
        Ok(Some(text.trim().to_owned().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::Env;

    #[test]
    fn what_is_set_is_not_seen() {
        let env = Env([("META_APP_SECRET".to_owned(), "hunter2".to_owned())].into());
        let secret = env.secret("META_APP_SECRET").expect("read").expect("set");
        assert!(!format!("{env:?} {secret:?}").contains("hunter2"));
    }
}
