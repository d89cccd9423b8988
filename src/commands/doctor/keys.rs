//! The key ring: it can be read, and opens what is sealed.

use super::{Finding, Subject};
use crate::keyring;

/// Says how it is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let config = &subject.config;
    let ring = match (keyring::find(config), &subject.db) {
        (Err(error), _) => return vec![Finding::failed(&error)],
        (Ok(ring), Err(_)) => Ok(ring),
        (Ok(_), Ok(db)) => keyring::open(config, db).await,
    };
    let looked =
        if subject.db.is_ok() { "opens what is sealed" } else { "can be read; what is sealed was not looked at" };
    vec![match ring {
        Err(error) => Finding::failed(&error),
        Ok(Some(ring)) => {
            let others = ring.ids().count().saturating_sub(1);
            Finding::good(format!("the ring {looked}; {:?} seals, {others} more open", ring.first_id()))
        }
        Ok(None) if subject.is_deployed() => Finding::bad(
            "there is none: `feedkeeper keys generate` prints a key, and every process gets the same ring in KEYRING",
        ),
        Ok(None) => Finding::nothing("there is none yet, and nothing is sealed; dev makes one"),
    }]
}
