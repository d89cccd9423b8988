//! `feedkeeper mail`: the letters to owners, as they are written. It needs no key, no configuration and no network.

use anyhow::Context;
use chrono::{DateTime, TimeDelta};
use clap::{Subcommand, ValueEnum};
use entities::install::Killed;
use worker::letters::{self, Facts, Letter};

use super::say;

/// What is done with the letters.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Prints the letter of a stage, about an account that there is not
    Preview {
        /// Which letter
        stage: Stage,
        /// Why the connection was ended early
        #[arg(long, value_enum, default_value_t = Why::Invalidated)]
        why: Why,
        /// In which language, such as `de`
        #[arg(long, value_name = "TAG", default_value = "en")]
        language: String,
        /// Prints the HTML in place of subject and text
        #[arg(long)]
        html: bool,
    },
}

/// A letter.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stage {
    /// The end is near
    Expiring,
    /// It has come
    Expired,
    /// It came early
    Killed,
}

/// Why a connection was ended early.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Why {
    /// A new password on Facebook
    Password,
    /// The app was removed on Facebook
    AppRemoved,
    /// Facebook wants the person to log in first
    Checkpoint,
    /// The person has no role on the Page any more
    RoleLost,
    /// Facebook does not say
    Invalidated,
}

impl Why {
    fn killed(self) -> Killed {
        match self {
            Self::Password => Killed::Password,
            Self::AppRemoved => Killed::AppRemoved,
            Self::Checkpoint => Killed::Checkpoint,
            Self::RoleLost => Killed::RoleLost,
            Self::Invalidated => Killed::Invalidated,
        }
    }
}

/// Does it.
pub(crate) fn run(action: &Action) -> anyhow::Result<()> {
    let Action::Preview { stage, why, language, html } = action;
    let (stage, ends_in) = match stage {
        Stage::Expiring => (letters::Stage::Expiring, 10),
        Stage::Expired => (letters::Stage::Expired, 0),
        Stage::Killed => (letters::Stage::Killed(why.killed()), 40),
    };
    if !letters::languages().any(|known| language.split(['-', '_']).next() == Some(known)) {
        let known: Vec<_> = letters::languages().collect();
        anyhow::bail!("--language {language}: letters are written in {}", known.join(", "));
    }
    // A day like any other, so that two previews are the same.
    let now = DateTime::from_timestamp(1_795_000_000, 0).context("a time")?;
    let facts = Facts {
        account: "example_bakery".to_owned(),
        page: "Example Bakery".to_owned(),
        sites: ["www.example.com", "shop.example.com"].map(str::to_owned).to_vec(),
        ends_at: Some(now + TimeDelta::days(ends_in)),
        is_estimate: false,
        link: "https://feeds.example.com/connect/preview".to_owned(),
        link_ends_at: now + TimeDelta::days(14),
        now,
    };
    let Letter { subject, text, html: looked_at } = letters::write(stage, Some(language), &facts)?;
    say(&if *html { looked_at } else { format!("Subject: {subject}\n\n{text}") });
    Ok(())
}
