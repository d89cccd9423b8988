//! Whose fault it is that a hashtag was not read, and so what is done about it.

use crate::graph::{self, Class, Scope};

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody's: it is tried again.
    Passing,
    /// The account's: another one may serve.
    Accounts,
    /// The account's until a limit ends.
    AccountsForNow,
    /// The same, of all accounts that one person connected.
    PersonsForNow,
    /// A limit beyond the account: calling on makes it longer.
    Everybodys,
    /// The ledger's, which knows of fewer searches than Meta.
    Ledgers,
    /// The hashtag's: every account would be told the same.
    Tags,
    /// Ours: so would they.
    Ours,
}

impl Fault {
    pub(super) fn of(error: &graph::Error) -> Self {
        match error.class() {
            Class::Transient => Self::Passing,
            Class::RateLimited => match error.limited() {
                Some(Scope::Hashtag) => Self::Ledgers,
                Some(Scope::Account | Scope::Page) => Self::AccountsForNow,
                Some(Scope::User) => Self::PersonsForNow,
                Some(Scope::App | Scope::None) | None => Self::Everybodys,
            },
            Class::NotFound if error.is_hashtag_unknown() => Self::Tags,
            // What else is not there is the account in whose name was asked.
            Class::TokenDead | Class::PermissionLost | Class::NotFound => Self::Accounts,
            Class::AppMisconfigured if error.is_account_not_allowed() => Self::Accounts,
            // A number that we do not know might be counted with every account in turn.
            Class::Ambiguous if error.counts_nothing() => Self::Accounts,
            Class::AppMisconfigured | Class::BadRequest | Class::Ambiguous => Self::Ours,
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::Fault;
    use crate::graph::classify;

    #[test]
    fn an_answer_is_somebodys_fault() {
        for (code, subcode, fault) in [
            (2, 0, Fault::Passing),
            (190, 460, Fault::Accounts),
            (10, 0, Fault::Accounts),
            (100, 33, Fault::Accounts),
            (110, 0, Fault::Accounts),
            (803, 0, Fault::Accounts),
            (80002, 0, Fault::AccountsForNow),
            (32, 0, Fault::AccountsForNow),
            (17, 0, Fault::PersonsForNow),
            (613, 0, Fault::PersonsForNow),
            (4, 0, Fault::Everybodys),
            (18, 0, Fault::Ledgers),
            (24, 2_207_024, Fault::Tags),
            (191, 0, Fault::Ours),
            (987_654, 0, Fault::Ours),
        ] {
            let body = format!(r#"{{"error":{{"message":"no","code":{code},"error_subcode":{subcode}}}}}"#);
            let error = classify("hashtag_id", 400, &HeaderMap::new(), body.as_bytes());
            assert_eq!(Fault::of(&error), fault, "{error}");
        }
    }
}
