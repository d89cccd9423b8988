//! Where a feed comes from.

use entities::FeedKey;
use entities::app::{self, Move};
use entities::feed::Source;

use super::Terms;

/// Returns which source serves a feed of an app: decided from what the app's row says, and from nothing else but whether one
/// of its connections can read the feed (`has_reader`: an account's own connection, for a hashtag any).
///
/// The first line that fits decides.
///
/// | the app | the feed | comes from | because |
/// |---|---|---|---|
/// | is new | any | the Graph | it never knew another source |
/// | is old, and no outlet is configured | any | the Graph | nobody else is there: connected accounts load, the others say `not_connected` |
/// | is of a kind that takes no part | any | the outlet | it was saved when there was nothing else, and nobody has offered it a move |
/// | says null | any | the outlet | its user has not seen the move: an account that is connected for other reasons changes nothing |
/// | says `"never"` | any | the outlet | the move is made by connecting, and was not made yet; or it was taken back |
/// | has a date | a hashtag, with any account connected | the Graph | Meta answers for a hashtag to whoever asks with an account |
/// | has a date | a hashtag, with none connected any more | the outlet | Meta answers to nobody without an account |
/// | has a date | an account in the list | the outlet | the list says so: `migrate_app` takes a name off once it is connected |
/// | has a date | an account that is connected, and not in the list | the Graph | it has moved |
/// | has a date | an account that is not connected | the outlet | it was disconnected again, or came to the app behind the move; Meta shows only connected accounts |
///
/// The rollout is not asked: it decides who is offered the move, and taking it back moves nobody's feeds. Nor is asked whether
/// a connection has ended: its feed stays with the Graph, old and with the reason, while its owner is told to renew it.
pub fn source_of(terms: &Terms, app: &app::Model, key: &FeedKey, has_reader: bool) -> Source {
    if !app.saved_before || !terms.has_outlet {
        return Source::Graph;
    }
    if !terms.include(app) || app.has_moved() != Move::Made {
        return Source::Outlet;
    }
    // The list names accounts alone; a hashtag in it would say nothing.
    let is_kept_back = key.account_name().is_some() && app.instagram_not_migrated_feeds.contains(key.as_str());
    if has_reader && !is_kept_back { Source::Graph } else { Source::Outlet }
}
