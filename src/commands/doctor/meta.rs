//! The Meta app: whether Meta knows it by its id and its secret.

use url::Url;
use worker::graph::Graph;

use super::{Finding, Subject};
use crate::config::GRAPH;

/// The fix where Meta does not.
const WRONG: &str = "copy META_APP_ID and META_APP_SECRET anew from the app's basic settings in Meta's dashboard";

/// Says how it is.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let config = &subject.config;
    let deployed = subject.is_deployed();
    if !deployed && config.graph_url.is_none() {
        return vec![Finding::nothing("dev asks its stand-in, unless GRAPH_URL names Meta's address")];
    }
    let Some(app) = &config.meta_app else {
        let says = "META_APP_ID and META_APP_SECRET are not set, so that nobody can connect: copy them from the app's basic \
                    settings in Meta's dashboard";
        return vec![if deployed { Finding::bad(says) } else { Finding::nothing(says) }];
    };
    let graph =
        match Url::parse(GRAPH).map_err(Into::into).and_then(|meta| Graph::new(config.graph(&meta, Some(app.clone()))))
        {
            Ok(graph) => graph,
            Err(error) => return vec![Finding::failed(&error)],
        };
    vec![match graph.check_app().await {
        Ok(info) if info.is_valid && info.app_id == app.id => {
            Finding::good(format!("Meta knows app {} by its secret", app.id))
        }
        Ok(_) => Finding::bad(format!("Meta does not take META_APP_SECRET for this META_APP_ID: {WRONG}")),
        Err(error) if error.details().status.is_some() => Finding::bad(format!("{error}: {WRONG}")),
        Err(error) => Finding::warning(format!("{error}: Meta could not be asked from here")),
    }]
}
