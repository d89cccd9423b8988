//! One file per job: it does it, it runs twice, the thing is gone at Meta, its key is limited, the answer is malformed.

mod check_token;
mod crosspost_media;
mod diagnose_install;
mod exchange_token;
mod exchange_token_sequences;
mod exchange_x_code;
mod fetch_feed;
mod fetch_feed_accounts;
mod fetch_feed_hashtag;
mod fetch_feed_ledger;
mod fetch_feed_limits;
mod fetch_feed_pace;
mod fetch_feed_waits;
mod forget_installs;
mod probe_incident;
mod push_due;
mod refresh_x_token;
mod refresh_x_tokens;
mod revoke_x_token;
mod scan_crossposts;
mod scan_expiring_installs;
mod scan_unchecked_installs;
mod send_expiry_email;
mod sweep;
mod tell_operator;
mod tell_operator_ways;
