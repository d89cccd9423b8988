//! What is known of an install: what Meta says of its token, its Page, its account, a list and a single post, and how many
//! others fail alike. That a call fails is evidence too. It is kept, so nothing in it is a secret or somebody's text.

use chrono::{DateTime, Utc};
use entities::feed::Source;
use entities::{FeedKey, diagnosis, feed, install};
use queue::JobError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Others;
use super::verdict::NEAR_THE_LIMIT;
use crate::exchange::access::REQUIRED_SCOPES;
use crate::graph::{self, Class, Expiry, Graph, Page, Scope, TokenInfo};
use crate::throttles::{Key, Priority};
use crate::{Context, page_token};

/// Posts that are listed to see whether a list is answered.
const FEW: u32 = 3;

/// A failure of a call, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub class: Class,
    pub code: Option<i64>,
    pub subcode: Option<i64>,
    pub fbtrace_id: Option<String>,
    /// Whom a limit concerns.
    pub scope: Option<Scope>,
    /// Whether our app may not read this account for want of a role on it.
    pub not_allowed: bool,
}

/// What came of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked<T> {
    /// It was not put.
    #[default]
    No,
    /// It was answered.
    Answered(T),
    /// It was refused.
    Refused(Failure),
}

/// What Meta says of the token that serves the feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub is_ours: bool,
    /// Whether it is of the person who connected the account, and for its Page; unknown where Meta does not say.
    pub is_theirs: Option<bool>,
    pub is_valid: bool,
    /// Why it is not valid.
    pub why: Option<Failure>,
    pub expires_at: Option<DateTime<Utc>>,
    pub data_access_expires_at: Option<DateTime<Utc>>,
    /// What is needed and not granted.
    pub missing_scopes: Vec<String>,
    /// Whether the person ticked the Page; unknown where Meta does not say.
    pub page_granted: Option<bool>,
    /// Whether the person ticked the account.
    pub account_granted: Option<bool>,
}

/// What the person's list of Pages says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pages {
    /// The install's Page, if it is listed.
    pub page: Option<Listed>,
    /// Another Page that carries the account.
    pub elsewhere: Option<String>,
}

/// A Page as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Whether the person's role gives a token for it.
    pub has_token: bool,
    /// The account that it carries.
    pub account_id: Option<String>,
}

/// All that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// When it was gathered.
    pub at: DateTime<Utc>,
    /// What raised the doubt.
    pub doubt: Failure,
    /// When.
    pub doubted_at: DateTime<Utc>,
    /// The account that is configured.
    pub account_id: String,
    /// What `debug_token` says.
    pub token: Asked<Token>,
    /// What `me/accounts` says.
    pub pages: Asked<Pages>,
    /// Whether the account itself is read.
    pub account: Asked<()>,
    /// Whether its posts are listed.
    pub list: Asked<()>,
    /// Whether one of them is read.
    pub direct: Asked<()>,
    /// How much of the account's allowance is used, in per cent.
    pub percent: Option<f64>,
    /// How many others fail alike.
    pub others: Others,
}

impl From<&graph::Error> for Failure {
    fn from(error: &graph::Error) -> Self {
        let details = error.details();
        Self {
            class: error.class(),
            code: details.code,
            subcode: details.subcode,
            fbtrace_id: details.fbtrace_id.clone(),
            scope: error.limited(),
            not_allowed: error.is_account_not_allowed(),
        }
    }
}

impl<T> Asked<T> {
    pub(crate) const fn answer(&self) -> Option<&T> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::No | Self::Refused(_) => None,
        }
    }

    pub(crate) const fn refusal(&self) -> Option<&Failure> {
        match self {
            Self::Refused(failure) => Some(failure),
            Self::No | Self::Answered(_) => None,
        }
    }

    pub(crate) const fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(_))
    }

    /// What came of a call, unless Meta was away or was not asked: that is no evidence of anything, and is tried again.
    fn of<A>(outcome: Result<A, graph::Error>, read: impl FnOnce(A) -> T) -> Result<Self, JobError> {
        match outcome {
            Ok(answer) => Ok(Self::Answered(read(answer))),
            Err(error) if error.class() == Class::Transient => Err(error.into()),
            Err(error) if error.limited().is_some() && error.details().status.is_none() => Err(error.into()),
            Err(error) => Ok(Self::Refused(Failure::from(&error))),
        }
    }
}

/// Asks Meta all that bears on a doubt; `None`: there is no token to ask with.
pub(crate) async fn gather(
    ctx: &Context,
    row: &diagnosis::Model,
    install: &install::Model,
) -> Result<Option<Evidence>, JobError> {
    let Some(token) = page_token::open(ctx, install)? else { return Ok(None) };
    let graph = &ctx.graph_for(Key::of(install), Priority::Refresh);
    let id = &install.instagram_business_account_id;
    let now = ctx.now();
    let alone = Others::default();
    let others = if row.by_itself { alone } else { Others::of(&ctx.db.read, install, &row.class, now).await? };
    let percent = ctx.throttles.budget(&Key::Account(id.clone()), now).map(|budget| budget.used);
    let unasked = Evidence {
        at: now,
        doubt: Failure::of_row(row),
        doubted_at: row.doubted_at,
        account_id: id.clone(),
        token: Asked::No,
        pages: Asked::No,
        account: Asked::No,
        list: Asked::No,
        direct: Asked::No,
        percent,
        others,
    };
    if unasked.looks_like_a_limit() {
        // Calling on would make it longer.
        return Ok(Some(unasked));
    }
    let token_says = Asked::of(graph.debug_token(&token).await, |info| Token::of(graph, &info, install))?;
    let account = Asked::of(graph.ig_user(&token, id).await, |_| ())?;
    let pages = match user_token(ctx, install, now) {
        Some(user_token) => Asked::of(graph.accounts(&user_token).await, |pages| Pages::of(&pages, install))?,
        None => Asked::No,
    };
    let (mut list, mut direct) = (Asked::No, Asked::No);
    // A dead token is dead for lists too, and a limited account is not called on.
    let is_hopeless = |failure: &Failure| matches!(failure.class, Class::TokenDead | Class::RateLimited);
    if !account.refusal().is_some_and(is_hopeless) {
        let listed = graph.media(&token, id, FEW).await;
        let newest = listed.as_ref().ok().and_then(|media| Some(media.items.first()?.id.clone()));
        list = Asked::of(listed, |_| ())?;
        // A post that was just listed is there; one of the last body may have been deleted.
        if let Some(media_id) = newest.or(known_media(ctx, install).await?) {
            direct = Asked::of(graph.one_media(&token, &media_id).await, |()| ())?;
        }
    }
    Ok(Some(Evidence { token: token_says, pages, account, list, direct, ..unasked }))
}

impl Evidence {
    /// Whether what is not there may well be a limit's doing, which Meta has been seen to tell so.
    pub(super) fn looks_like_a_limit(&self) -> bool {
        let is_absent = matches!(self.doubt.class, Class::Ambiguous | Class::NotFound);
        is_absent && self.percent.is_some_and(|percent| percent >= NEAR_THE_LIMIT)
    }
}

impl Failure {
    /// What raised the doubt, as its row keeps it.
    fn of_row(row: &diagnosis::Model) -> Self {
        let class = Class::ALL.into_iter().find(|class| class.as_str() == row.class).unwrap_or(Class::Ambiguous);
        let fbtrace_id = row.fbtrace_id.clone();
        Self { class, code: row.code, subcode: row.subcode, fbtrace_id, scope: None, not_allowed: false }
    }
}

impl Token {
    fn of(graph: &Graph, info: &TokenInfo, install: &install::Model) -> Self {
        let at = |expiry| match expiry {
            Expiry::At(at) => Some(at),
            Expiry::Never | Expiry::Unknown => None,
        };
        let has = |scope: &&str| info.scopes.iter().any(|granted| granted == scope);
        let ticked = |scope: &str, id: &str| {
            let granted = info.granular_scopes.iter().find(|granted| granted.scope == scope)?;
            Some(granted.target_ids.as_ref().is_none_or(|ids| ids.iter().any(|ticked| ticked == id)))
        };
        Self {
            is_ours: graph.is_our_app(&info.app_id),
            is_theirs: both(
                info.user_id.as_ref().zip(install.facebook_user_id.as_ref()).map(|(one, other)| one == other),
                info.profile_id.as_ref().map(|page| *page == install.page_id),
            ),
            is_valid: info.is_valid,
            why: info.error.as_ref().map(Failure::from),
            expires_at: at(info.expires_at),
            data_access_expires_at: at(info.data_access_expires_at),
            missing_scopes: REQUIRED_SCOPES.iter().filter(|scope| !has(scope)).map(ToString::to_string).collect(),
            page_granted: ticked("pages_show_list", &install.page_id)
                .or_else(|| ticked("pages_read_engagement", &install.page_id)),
            account_granted: ticked("instagram_basic", &install.instagram_business_account_id),
        }
    }
}

impl Pages {
    fn of(pages: &[Page], install: &install::Model) -> Self {
        let account_of = |page: &Page| page.instagram.as_ref().map(|account| account.id.clone());
        let ours = |page: &&Page| page.id == install.page_id;
        let carries = |page: &&Page| account_of(page).as_ref() == Some(&install.instagram_business_account_id);
        Self {
            page: pages
                .iter()
                .find(ours)
                .map(|page| Listed { has_token: page.access_token.is_some(), account_id: account_of(page) }),
            elsewhere: pages.iter().find(|page| !ours(page) && carries(page)).map(|page| page.name.clone()),
        }
    }
}

fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}

/// The person's token, while it lives. That it does not open is no evidence: the Page token serves the feeds.
fn user_token(ctx: &Context, install: &install::Model, now: DateTime<Utc>) -> Option<SecretString> {
    let sealed = install.user_token.as_ref()?;
    let lives = install.user_token_expires_at.is_none_or(|end| end > now);
    ctx.keyring.open(install::USER_TOKEN.place(&install.id), sealed).ok().filter(|_| lives)
}

/// The newest post of the last body.
async fn known_media(ctx: &Context, install: &install::Model) -> Result<Option<String>, JobError> {
    let Ok(key) = FeedKey::account(&install.instagram_account) else { return Ok(None) };
    let body: Option<Option<String>> = feed::Entity::find()
        .select_only()
        .column(feed::Column::Body)
        .filter(feed::Column::Source.eq(Source::Graph))
        .filter(feed::Column::Key.eq(key))
        .into_tuple()
        .one(&ctx.db.read)
        .await?;
    let body = body.flatten().and_then(|body| serde_json::from_str::<Value>(&body).ok());
    Ok(body.and_then(|body| Some(body["data"][0]["id"].as_str()?.to_owned())))
}
