//! One file per job: it does it, it runs twice, the thing is gone at Meta, its key is limited, the answer is malformed.

mod check_token;
mod diagnose_install;
mod exchange_token;
mod exchange_token_sequences;
mod fetch_feed;
mod fetch_feed_accounts;
mod fetch_feed_hashtag;
mod fetch_feed_ledger;
mod fetch_feed_limits;
mod fetch_feed_outlet;
mod fetch_feed_pace;
mod fetch_feed_waits;
mod forget_installs;
mod migrate_app;
mod probe_incident;
mod push_due;
mod scan_expiring_installs;
mod scan_unchecked_installs;
mod send_expiry_email;
mod sweep;
mod tell_operator;
mod tell_operator_ways;
