//! From the evidence to the verdict: pure. What is said of it is in `words`.

use chrono::TimeDelta;
use entities::install::Killed;
use serde::{Deserialize, Serialize};

use super::Others;
use super::evidence::{Asked, Evidence, Failure, Pages, Token};
use super::words;
use crate::graph::{Class, WhoActs};

/// What is wrong, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The token is dead.
    TokenDead,
    /// A permission was withdrawn.
    ScopeWithdrawn,
    /// The Page or the account was not ticked.
    PageNotGranted,
    /// The Page does not carry the account any more.
    PageUnlinked,
    /// The person has lost the role on the Page.
    RoleLost,
    /// The account is deleted or suspended.
    AccountGone,
    /// Instagram has restricted the account.
    AccountRestricted,
    /// The token is another app's.
    WrongApp,
    /// The token is another person's, or another Page's.
    WrongPerson,
    /// The Page carries another account.
    WrongAccount,
    /// The account is not a professional one any more.
    AccountChanged,
    /// Our app may not read this account: Standard Access.
    AccountNotAllowed,
    /// Our app is blocked, or its id or secret is wrong.
    AppBlocked,
    /// Meta's side, or our app's login configuration.
    LoginConfiguration,
    /// Meta's side.
    MetaSide,
    /// Data access ended, 90 days after the person's last visit.
    DataAccessExpired,
    /// A limit that looked like something else.
    LimitInDisguise,
    /// Nothing: it passed.
    Healthy,
    /// It cannot be told.
    Unknown,
}

/// What was found out, in plain words; free of tokens and of anybody's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What is wrong, as a word.
    pub word: Word,
    /// What is wrong, as a sentence.
    pub summary: String,
    /// What it is not.
    pub ruled_out: Vec<String>,
    /// What it can still be.
    pub remains: Vec<String>,
    /// The one next step, for whoever acts.
    pub next_step: String,
    /// Who that is.
    pub who_acts: WhoActs,
    /// Meta's code.
    pub code: Option<i64>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// Meta's name for the failure, which its support asks for.
    pub fbtrace_id: Option<String>,
}

/// Above this a limit may be what is behind any refusal.
pub(super) const NEAR_THE_LIMIT: f64 = 90.0;
/// How long after the first failure a dead token has to be dead still.
pub(super) const CONFIRMED_AFTER: TimeDelta = TimeDelta::minutes(4);
/// The code of an account that Instagram has restricted.
const RESTRICTED: i64 = 25;
/// The subcode of a token that has come to its end.
const EXPIRED: i64 = 463;
/// The subcode of a lost Page role.
const ROLE_LOST: i64 = 492;

/// Returns what the evidence says.
pub(crate) fn verdict(evidence: &Evidence) -> Verdict {
    words::verdict(word(evidence), evidence)
}

/// Returns what the evidence says of all who fail alike: what only its owner could mend is this account's own, and not
/// what all have in common.
pub(crate) fn verdict_for_all(evidence: &Evidence) -> Verdict {
    let evidence = &Evidence { others: Others { is_everybodys: true, ..evidence.others }, ..evidence.clone() };
    let word = match word(evidence) {
        Word::AppBlocked | Word::WrongApp | Word::AccountNotAllowed | Word::LimitInDisguise => word(evidence),
        _ => of_everybody(evidence),
    };
    words::verdict(word, evidence)
}

impl Evidence {
    /// Returns whether the token is dead beyond doubt: `debug_token` and a second call say so, some minutes after the
    /// first, and few others fail alike.
    pub(crate) fn is_death_confirmed(&self) -> bool {
        word(self) == Word::TokenDead && self.at - self.doubted_at >= CONFIRMED_AFTER
    }

    /// Returns what ended the connection before its time, once that is beyond doubt. What came to its end by itself was not
    /// killed.
    pub(crate) fn killed(&self) -> Option<Killed> {
        let is_sure = self.at - self.doubted_at >= CONFIRMED_AFTER && !self.others.are_many();
        match (word(self), words::subcode(self)) {
            _ if !is_sure => None,
            (Word::RoleLost, _) => Some(Killed::RoleLost),
            (Word::TokenDead, Some(460)) => Some(Killed::Password),
            (Word::TokenDead, Some(458)) => Some(Killed::AppRemoved),
            (Word::TokenDead, Some(459 | 464 | 483)) => Some(Killed::Checkpoint),
            (Word::TokenDead, code) if code != Some(EXPIRED) => Some(Killed::Invalidated),
            _ => None,
        }
    }

    /// The reads that were refused.
    pub(super) fn refusals(&self) -> impl Iterator<Item = &Failure> {
        [&self.account, &self.list, &self.direct].into_iter().filter_map(Asked::refusal)
    }

    /// Whether the account is read and its posts are listed, but single posts are not.
    pub(super) fn only_direct_reads_fail(&self) -> bool {
        self.account.is_answered() && self.list.is_answered() && self.direct.refusal().is_some()
    }

    fn is_refused_with(&self, is: impl Fn(&Failure) -> bool) -> bool {
        self.refusals().any(is)
    }
}

fn word(evidence: &Evidence) -> Word {
    let token = evidence.token.answer();
    if token.is_some_and(|token| token.is_valid && !token.is_ours) || evidence.token.refusal().is_some_and(is_foreign) {
        return Word::WrongApp;
    }
    if evidence.is_refused_with(|failure| failure.class == Class::RateLimited) {
        return Word::LimitInDisguise;
    }
    if evidence.refusals().next().is_none() {
        return if evidence.looks_like_a_limit() { Word::LimitInDisguise } else { Word::Healthy };
    }
    if evidence.is_refused_with(|failure| failure.not_allowed) {
        return Word::AccountNotAllowed;
    }
    let is_ours = |failure: &Failure| failure.class == Class::AppMisconfigured;
    if evidence.token.refusal().is_some_and(is_ours) || evidence.is_refused_with(is_ours) {
        return Word::AppBlocked;
    }
    if evidence.is_refused_with(|failure| failure.subcode == Some(ROLE_LOST)) {
        return Word::RoleLost;
    }
    if evidence.is_refused_with(|failure| failure.class == Class::TokenDead) {
        return of_a_token_called_dead(evidence, token);
    }
    if evidence.is_refused_with(|failure| failure.code == Some(RESTRICTED)) {
        return Word::AccountRestricted;
    }
    of_rights(evidence, token).unwrap_or_else(|| of_what_is_left(evidence))
}

/// `debug_token` refuses to speak of another app's token: (#100). With a subcode it is what all else answers too.
fn is_foreign(failure: &Failure) -> bool {
    failure.code == Some(100) && failure.subcode.is_none()
}

/// Reading says 190: it is dead if `debug_token` says so too, and if it is not everybody's.
fn of_a_token_called_dead(evidence: &Evidence, token: Option<&Token>) -> Word {
    match token {
        Some(token) if token.is_valid => Word::MetaSide,
        _ if evidence.others.are_many() => Word::MetaSide,
        Some(_) => Word::TokenDead,
        None => Word::Unknown,
    }
}

/// What the token and the list of Pages say is missing.
fn of_rights(evidence: &Evidence, token: Option<&Token>) -> Option<Word> {
    let pages = evidence.pages.answer();
    if let Some(token) = token {
        if token.is_theirs == Some(false) {
            return Some(Word::WrongPerson);
        }
        if token.data_access_expires_at.is_some_and(|end| end <= evidence.at) {
            return Some(Word::DataAccessExpired);
        }
        if !token.missing_scopes.is_empty() {
            return Some(Word::ScopeWithdrawn);
        }
    }
    let of_pages = pages.and_then(|pages| of_pages(evidence, pages, token));
    let is_unticked = |token: &Token| token.page_granted == Some(false) || token.account_granted == Some(false);
    of_pages.or_else(|| token.filter(|token| is_unticked(token)).map(|_| Word::PageNotGranted))
}

fn of_pages(evidence: &Evidence, pages: &Pages, token: Option<&Token>) -> Option<Word> {
    let Some(page) = &pages.page else {
        return Some(match token.and_then(|token| token.page_granted) {
            _ if pages.elsewhere.is_some() => Word::PageUnlinked,
            Some(true) => Word::RoleLost,
            Some(false) | None => Word::PageNotGranted,
        });
    };
    match &page.account_id {
        Some(account_id) if *account_id != evidence.account_id => Some(Word::WrongAccount),
        // A personal account is linked to no Page: Meta then speaks of the permission, not of what is not there.
        None if pages.elsewhere.is_none() && is_permission(evidence) => Some(Word::AccountChanged),
        None => Some(Word::PageUnlinked),
        Some(_) if !page.has_token => Some(Word::RoleLost),
        Some(_) => None,
    }
}

/// Token, permissions and Page are in order as far as is known: one account's trouble, or everybody's.
fn of_what_is_left(evidence: &Evidence) -> Word {
    let is_absent = |failure: &Failure| matches!(failure.class, Class::Ambiguous | Class::NotFound);
    if evidence.only_direct_reads_fail() {
        // Lists answer, so the account is there and may be read.
        return Word::MetaSide;
    }
    if evidence.others.are_many() {
        return of_everybody(evidence);
    }
    if evidence.looks_like_a_limit() && evidence.is_refused_with(is_absent) {
        return Word::LimitInDisguise;
    }
    let is_gone = [&evidence.account, &evidence.list].into_iter().all(|read| read.refusal().is_some_and(is_absent));
    if is_gone && evidence.pages.is_answered() { Word::AccountGone } else { Word::Unknown }
}

fn of_everybody(evidence: &Evidence) -> Word {
    if is_permission(evidence) { Word::LoginConfiguration } else { Word::MetaSide }
}

fn is_permission(evidence: &Evidence) -> bool {
    evidence.refusals().next().unwrap_or(&evidence.doubt).class == Class::PermissionLost
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
