//! A job that somebody polls.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::exchange::{ExchangeResult, FetchResult, OfferedPage, XExchangeResult};

/// The work is written, and can be polled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The job.
    #[schema(pattern = "^[0-9a-f]{32}$", example = "5f0c2a9e4b7d418c9a36e1d07bb2c4f8")]
    pub job_id: String,
    /// Where it can be polled.
    #[schema(format = "uri")]
    pub status_url: String,
}

/// How far a job is. Ended ones are kept for 7 days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Job {
    /// 128 random bits; whoever has it may see the job.
    #[schema(pattern = "^[0-9a-f]{32}$", example = "5f0c2a9e4b7d418c9a36e1d07bb2c4f8")]
    pub id: String,
    /// What it does: `exchange_token`, `exchange_x_code` or `fetch_feed`.
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// How often it has been tried, this time included.
    pub attempt: u32,
    /// When it is tried again.
    #[schema(required, format = DateTime)]
    pub next_try_at: Option<String>,
    /// What came of it; null unless `done`.
    #[schema(required, value_type = Option<JobResult>)]
    pub result: Option<Value>,
    /// Why it failed; null unless `failed`.
    #[schema(required, value_type = Option<JobError>)]
    pub error: Option<Value>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    /// It waits for its turn.
    Queued,
    /// It is worked on.
    Running,
    /// It waits for `next_try_at`.
    Retrying,
    /// It ended with a `result`.
    Done,
    /// It ended with an `error`.
    Failed,
}

impl JobState {
    /// Returns the word that the contract uses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What came of a job, by its kind.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) enum JobResult {
    /// Of `exchange_token`.
    Exchange(ExchangeResult),
    /// Of `exchange_x_code`.
    XExchange(XExchangeResult),
    /// Of `fetch_feed`.
    Fetch(FetchResult),
}

/// Why a job failed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) struct JobError {
    /// What happened; new codes may come.
    code: JobErrorCode,
    /// What it means for the caller.
    class: Class,
    /// What happened, for people.
    message: String,
    /// The one next step.
    advice: String,
    /// With `missing_scopes`: what was not granted.
    #[schema(nullable = false)]
    scopes: Option<Vec<String>>,
    /// With `choose_page` and `page_without_instagram`: the Pages that were shared.
    #[schema(nullable = false)]
    pages: Option<Vec<OfferedPage>>,
    /// With `wrong_account`: the account that the link renews, without `@`.
    #[schema(nullable = false)]
    expected_account: Option<String>,
    /// With `wrong_account`: the accounts that came instead, each with `@`; where one has no name, its Page's.
    #[schema(nullable = false)]
    accounts: Option<Vec<String>>,
}

/// What happened to a job: a case of its own, or a class.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) enum JobErrorCode {
    MissingScopes,
    NoPages,
    PageWithoutInstagram,
    ChoosePage,
    AccountNotAllowed,
    CodeExpired,
    Denied,
    /// Of a reconnect link alone.
    WrongAccount,
    Transient,
    RateLimited,
    TokenDead,
    PermissionLost,
    AppMisconfigured,
    NotFound,
    BadRequest,
    Ambiguous,
    NotConnected,
}

/// What a failure means for the caller: the same eight words everywhere, and `not_connected`.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from the worker's")]
pub(crate) enum Class {
    /// It passes by itself.
    Transient,
    /// It goes on when the limit ends.
    RateLimited,
    /// The account has to be connected again.
    TokenDead,
    /// A permission or a role is missing.
    PermissionLost,
    /// The operator has to look at the Meta app.
    AppMisconfigured,
    /// Meta does not know it, or does not show it.
    NotFound,
    /// A fault of the service.
    BadRequest,
    /// Meta's answer leaves open what is wrong.
    Ambiguous,
    /// No connected account serves it.
    NotConnected,
}
