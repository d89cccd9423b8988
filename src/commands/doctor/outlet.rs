//! The legacy outlet: whether it answers as one does.

use worker::outlet::Error;

use super::{Finding, Subject};

/// Says how it is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let outlet = match subject.config.outlet(None) {
        Ok(outlet) => outlet,
        Err(error) => return vec![Finding::failed(&error)],
    };
    let Some(outlet) = outlet else {
        return vec![Finding::nothing(if subject.is_deployed() {
            "OUTLET_URL is not set: apps that were saved before the Graph API show connected accounts alone"
        } else {
            "OUTLET_URL is not set; dev asks its stand-in"
        })];
    };
    vec![match outlet.reach().await {
        Ok(()) => Finding::good("the outlet answers"),
        Err(error @ Error::Limited { .. }) => Finding::warning(format!("{error}: it is there, and busy")),
        Err(error @ Error::Away { .. }) => {
            Finding::bad(format!("{error}; is OUTLET_URL right, and is the outlet reached from here?"))
        }
        Err(error) => Finding::bad(format!(
            "{error}; what answers at OUTLET_URL is no outlet: `GET {{OUTLET_URL}}/name?limit=1` is a feed, or 404"
        )),
    }]
}
