//! Why an exchange ended without a connection, in words for the person who clicked.

use chrono::TimeDelta;
use entities::job_run;
use queue::{Death, JobError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::{advice, sentence};
use crate::graph::{self, Class};
use crate::{Context, incidents};

/// How long an open choice of a Page waits; its token lies sealed until then.
const CHOICE_WAITS: TimeDelta = TimeDelta::minutes(15);

/// One Page, as it is offered in a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOption {
    /// The Page's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The account that it carries, if it carries one.
    pub account: Option<String>,
    /// The account's picture.
    pub picture: Option<String>,
    /// Whether it can be taken.
    pub usable: bool,
}

impl From<&graph::Page> for PageOption {
    fn from(page: &graph::Page) -> Self {
        let instagram = page.instagram.as_ref();
        Self {
            id: page.id.clone(),
            name: page.name.clone(),
            account: instagram.and_then(|account| account.username.clone()),
            picture: instagram.and_then(|account| account.profile_picture_url.clone()),
            usable: instagram.is_some() && page.access_token.is_some(),
        }
    }
}

/// Why an exchange ended without a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The person did not grant all that is needed.
    MissingScopes(Vec<String>),
    /// The person manages no Page, or shared none.
    NoPages,
    /// None of the shared Pages carries an Instagram account that can be used.
    PageWithoutInstagram(Vec<PageOption>),
    /// Several can be used: the person has to say which.
    ChoosePage(Vec<PageOption>),
    /// A link renews one account, and the person brought others.
    WrongAccount {
        /// The account of the link.
        wanted: String,
        /// Those that came, in words.
        found: Vec<String>,
    },
    /// The connection that a link renews has been deleted since.
    Forgotten,
    /// The app was taken away meanwhile.
    AppGone,
    /// Our Meta app may not read this account (Standard Access, and the account has no role).
    AccountNotAllowed,
    /// The code has been used or is too old.
    CodeExpired,
    /// The person said no.
    Denied,
    /// The token belongs to another Meta app.
    ForeignToken,
    /// Meta says that the token is not valid.
    InvalidToken,
    /// Meta refused a call in a way that trying again does not mend.
    Graph(graph::Error),
    /// The engine has given up; the log says how it went.
    GaveUp(Death),
}

/// Why an exchange goes no further: news for the person, which ends the run, or a failure that the engine may mend
/// by trying again. With the two told apart here, the steps of an exchange contain only `?`.
#[derive(Debug)]
pub(crate) enum Stop {
    /// News for the person: the run has ended.
    Refused(Refusal),
    /// A failure that the engine handles.
    Failed(JobError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        Self::Failed(error)
    }
}

impl From<sea_orm::DbErr> for Stop {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Failed(error.into())
    }
}

/// Somebody waits: what trying again cannot mend is told at once; the rest is the engine's.
impl From<graph::Error> for Stop {
    fn from(error: graph::Error) -> Self {
        if error.is_code_refused() {
            return Refusal::CodeExpired.into();
        }
        if error.is_account_not_allowed() {
            return Refusal::AccountNotAllowed.into();
        }
        match error.class() {
            Class::Transient | Class::RateLimited => Self::Failed(error.into()),
            _ => Refusal::Graph(error).into(),
        }
    }
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::MissingScopes(_) => "missing_scopes",
            Self::NoPages => "no_pages",
            Self::PageWithoutInstagram(_) => "page_without_instagram",
            Self::ChoosePage(_) => "choose_page",
            Self::WrongAccount { .. } => "wrong_account",
            Self::AccountNotAllowed => "account_not_allowed",
            Self::CodeExpired => "code_expired",
            Self::Denied => "denied",
            Self::Forgotten
            | Self::AppGone
            | Self::ForeignToken
            | Self::InvalidToken
            | Self::Graph(_)
            | Self::GaveUp(_) => self.class().as_str(),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::MissingScopes(_) | Self::Denied => Class::PermissionLost,
            Self::WrongAccount { .. } => Class::BadRequest,
            Self::NoPages | Self::PageWithoutInstagram(_) | Self::Forgotten | Self::AppGone => Class::NotFound,
            Self::ChoosePage(_) => Class::Ambiguous,
            Self::AccountNotAllowed | Self::ForeignToken => Class::AppMisconfigured,
            Self::InvalidToken => Class::TokenDead,
            Self::Graph(error) => error.class(),
            Self::GaveUp(Death::TooOld(_)) => Class::RateLimited,
            // Beside a code of yesterday our own fault: an input that does not open, a job that nobody knows.
            Self::CodeExpired | Self::GaveUp(Death::Refused(_) | Death::Undecodable(_) | Death::Unknown(_)) => {
                Class::BadRequest
            }
            Self::GaveUp(Death::Attempts(_) | Death::WorkerDied) => Class::Transient,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::MissingScopes(scopes) => format!("Facebook did not grant: {}.", scopes.join(", ")),
            Self::NoPages => "Facebook shared no Page with us.".to_owned(),
            Self::PageWithoutInstagram(pages) if pages.len() == 1 => {
                format!("The Page \u{201c}{}\u{201d} carries no Instagram professional account.", pages[0].name)
            }
            Self::PageWithoutInstagram(_) => {
                "None of the shared Pages carries an Instagram professional account.".to_owned()
            }
            Self::ChoosePage(_) => "More than one Page can be connected.".to_owned(),
            Self::WrongAccount { wanted, found } => {
                format!("This link renews @{wanted}, and Facebook gave us {} instead.", found.join(", "))
            }
            Self::Forgotten => "The connection that this link renews has been deleted since.".to_owned(),
            Self::AppGone => "What the account was to be connected to has been deleted meanwhile.".to_owned(),
            Self::AccountNotAllowed => "Meta does not let this application read the account yet.".to_owned(),
            Self::CodeExpired => "The answer from Facebook was used before or came too late.".to_owned(),
            Self::Denied => "Facebook told us that you did not agree.".to_owned(),
            Self::ForeignToken => "The token was made for another Meta application.".to_owned(),
            Self::InvalidToken => sentence(Class::TokenDead).to_owned(),
            Self::Graph(error) => sentence(error.class()).to_owned(),
            Self::GaveUp(Death::TooOld(_)) => {
                "Meta asks us to wait longer than a connection can be kept open.".to_owned()
            }
            Self::GaveUp(Death::Attempts(_) | Death::WorkerDied) => "It did not work in several tries.".to_owned(),
            Self::GaveUp(_) => "This connection could not be worked on.".to_owned(),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::MissingScopes(_) => "Connect again and leave every permission ticked.",
            Self::NoPages => {
                "Connect again and tick the Page that your Instagram account is linked to. If you have none, make one \
                 and link it in Instagram's settings."
            }
            Self::PageWithoutInstagram(_) => {
                "Switch the Instagram account to a professional one and link it to your Page, then connect again."
            }
            Self::ChoosePage(_) => "Choose the Page whose Instagram account is to be shown.",
            Self::WrongAccount { .. } => {
                "Try again with the Facebook profile that manages the account of the link, and tick its Page. To add another \
                 account, connect it from your site's settings."
            }
            Self::Forgotten | Self::AppGone => "Connect the account anew from your site's settings.",
            Self::AccountNotAllowed => {
                "The operator has to add this account as a tester of the Meta app, or get Advanced Access for the app."
            }
            Self::CodeExpired => "Click connect again.",
            Self::Denied => "If that was a slip, try again and choose Continue.",
            Self::ForeignToken => "Use a token of the Meta app that this service is set up with.",
            Self::GaveUp(Death::TooOld(_)) => "Connect again tomorrow.",
            Self::InvalidToken | Self::Graph(_) | Self::GaveUp(_) => advice(self.class()),
        }
    }

    /// Returns the run's error, as the contract shapes it.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code(),
            "class": self.class().as_str(),
            "message": self.message(),
            "advice": self.advice(),
        });
        match self {
            Self::MissingScopes(scopes) => error["scopes"] = json!(scopes),
            Self::WrongAccount { wanted, found } => {
                error["expected_account"] = json!(wanted);
                error["accounts"] = json!(found);
            }
            Self::ChoosePage(pages) | Self::PageWithoutInstagram(pages) => error["pages"] = json!(pages),
            _ => {}
        }
        error
    }

    /// Ends the run with this refusal. A choice keeps its sealed input for a while; everything else is wiped.
    pub(crate) async fn record(&self, ctx: &Context, run_id: &str) -> Result<(), JobError> {
        let run = entities::shown_id(run_id);
        match self {
            Self::Graph(error) => tracing::warn!(run, %error, "exchange refused by Meta"),
            Self::GaveUp(death) => tracing::error!(run, %death, "exchange given up"),
            _ => tracing::info!(run, code = self.code(), "exchange refused"),
        }
        let end = ctx.end();
        if let Self::ChoosePage(_) = self {
            job_run::Entity::ask(&ctx.db.write, run_id, self.to_json(), end.at + CHOICE_WAITS, end).await?;
            return Ok(());
        }
        job_run::Entity::fail(&ctx.db.write, run_id, self.to_json(), end).await?;
        // What has a code of its own is the person's to mend.
        if self.code() == self.class().as_str() {
            incidents::exchange::refused(ctx, self.class()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use queue::Death;

    use super::{PageOption, Refusal};

    #[test]
    fn every_refusal_names_its_code_its_class_and_one_fix() {
        let page = PageOption { id: "1".into(), name: "P".into(), account: None, picture: None, usable: false };
        for (refusal, code) in [
            (Refusal::MissingScopes(vec!["instagram_basic".into()]), "missing_scopes"),
            (Refusal::NoPages, "no_pages"),
            (Refusal::PageWithoutInstagram(vec![page.clone()]), "page_without_instagram"),
            (Refusal::ChoosePage(vec![page]), "choose_page"),
            (Refusal::WrongAccount { wanted: "a".into(), found: vec!["@b".into()] }, "wrong_account"),
            (Refusal::Forgotten, "not_found"),
            (Refusal::AppGone, "not_found"),
            (Refusal::AccountNotAllowed, "account_not_allowed"),
            (Refusal::CodeExpired, "code_expired"),
            (Refusal::Denied, "denied"),
            (Refusal::ForeignToken, "app_misconfigured"),
            (Refusal::InvalidToken, "token_dead"),
            (Refusal::GaveUp(Death::WorkerDied), "transient"),
            (Refusal::GaveUp(Death::Attempts("x".into())), "transient"),
            (Refusal::GaveUp(Death::TooOld("x".into())), "rate_limited"),
            (Refusal::GaveUp(Death::Refused("x".into())), "bad_request"),
        ] {
            let error = refusal.to_json();
            assert_eq!(error["code"], code);
            for field in ["class", "message", "advice"] {
                assert!(error[field].as_str().is_some_and(|text| !text.is_empty()), "{code}: {field}");
            }
        }
    }
}
