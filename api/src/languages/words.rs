//! What a language has to say on our pages, page by page: what it leaves out does not compile.

use super::told::{How, Service, Told};
use crate::failed::Failure;
use crate::refused::Refused;

/// A language. What holds a gap is a function of what fills it.
#[derive(Debug)]
pub(crate) struct Language {
    /// Its tag (BCP 47).
    pub tag: &'static str,
    /// What many pages say.
    pub general: General,
    /// The pages that ask somebody to connect.
    pub asking: Asking,
    /// The page that shows how far it is.
    pub progress: Progress,
    /// The page that asks which account it is to be.
    pub choosing: Choosing,
    /// The page that shows what was connected.
    pub connected: Connected,
    /// How a page is sent to somebody else.
    pub sending: Sending,
    /// What became of a wish to be forgotten.
    pub deletion: Deletion,
    /// An account on X.
    pub on_x: OnX,
    /// Why somebody is turned away at the door.
    pub refused: fn(Refused, Service) -> Told,
    /// Why connecting did not work.
    pub failed: fn(&Failure<'_>, Service) -> Told,
    /// How a Page becomes visible to us.
    pub visible: How,
    /// How an account is linked to a Page.
    pub linking: How,
}

/// What many pages say.
#[derive(Debug)]
pub(crate) struct General {
    /// The last line of each page.
    pub only_reads: &'static str,
    /// Stands above the one fix.
    pub what_to_do: &'static str,
    /// The button.
    pub try_again: &'static str,
    /// What somebody does who cannot begin again from our pages.
    pub from_the_site: &'static str,
    /// There is nothing left to do.
    pub close: &'static str,
    /// A failure touches nothing that was there before.
    pub nothing_changed: &'static str,
    /// Names the account.
    pub account: &'static str,
    /// Names the Page.
    pub page: &'static str,
    /// Names the end.
    pub until: &'static str,
    /// Names an end that has come.
    pub ended: &'static str,
    /// Where no end is known.
    pub no_end: &'static str,
    /// Names the sites.
    pub sites: &'static str,
}

/// The pages that ask somebody to connect.
#[derive(Debug)]
pub(crate) struct Asking {
    /// Heading: for the first time.
    pub title: &'static str,
    /// What comes next.
    pub story: &'static str,
    /// Which account it will be.
    pub any_account: &'static str,
    /// Heading: before the end of an account's connection.
    pub keep: fn(&str) -> String,
    /// Why.
    pub keep_story: &'static str,
    /// Heading: after its end.
    pub bring_back: fn(&str) -> String,
    /// Why.
    pub bring_back_story: &'static str,
    /// The one button.
    pub button: &'static str,
    /// Which profile to use for a Page.
    pub profile: fn(&str) -> String,
    /// What is read.
    pub reads: [&'static str; 2],
    /// What never happens.
    pub never: [&'static str; 2],
    /// How it is ended again.
    pub revoke: &'static str,
    /// What is needed beforehand.
    pub before: How,
    /// Heading: the link has served, and all is well.
    pub done: fn(&str) -> String,
    /// That there is nothing to do.
    pub done_story: &'static str,
    /// Heading: the link has served.
    pub used: &'static str,
    /// What it did.
    pub used_story: fn(&str) -> String,
    /// What to do for an account.
    pub used_advice: fn(&str) -> String,
}

/// The page that shows how far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The window's title meanwhile.
    pub title: &'static str,
    /// Names the list of steps.
    pub label: &'static str,
    /// The steps.
    pub steps: [&'static str; 4],
    /// Heading.
    pub heading: &'static str,
    /// It waits for its turn.
    pub queued: &'static str,
    /// It is worked on.
    pub running: &'static str,
    /// It is tried again.
    pub retrying: fn(Service) -> String,
    /// We cannot be reached.
    pub offline: &'static str,
    /// It goes on by itself.
    pub leave: &'static str,
    /// Without scripts: look again.
    pub look: &'static str,
}

/// The page that asks which account it is to be.
#[derive(Debug)]
pub(crate) struct Choosing {
    /// Heading.
    pub title: &'static str,
    /// What it means.
    pub story: &'static str,
    /// Names a Page.
    pub page: fn(&str) -> String,
    /// A Page cannot be used: it carries no account.
    pub no_account: &'static str,
    /// A Page cannot be used: the person may not use its account.
    pub no_role: fn(&str) -> String,
    /// It was answered too late.
    pub expired: &'static str,
    /// It could not be taken.
    pub failed: &'static str,
    /// The wanted one is not there.
    pub missing: &'static str,
    /// The link behind that.
    pub again: &'static str,
    /// Above the Pages of which none will do.
    pub seen: &'static str,
}

/// The page that shows what was connected.
#[derive(Debug)]
pub(crate) struct Connected {
    /// The window's title.
    pub title: &'static str,
    /// The window's title if it did not work.
    pub not: &'static str,
    /// Heading.
    pub heading: fn(&str) -> String,
    /// What follows.
    pub story: &'static str,
    /// What the end means.
    pub renew: &'static str,
    /// The button.
    pub home: &'static str,
    /// Above the posts.
    pub posts: &'static str,
    /// Without scripts: where they are.
    pub on_instagram: &'static str,
}

/// How a page is sent to somebody else.
#[derive(Debug)]
pub(crate) struct Sending {
    /// Heading.
    pub title: &'static str,
    /// What they will see.
    pub story: &'static str,
    /// Names the link.
    pub link: &'static str,
    /// The button.
    pub copy: &'static str,
    /// When it has been pressed.
    pub copied: &'static str,
    /// The link to a mail.
    pub mail: &'static str,
    /// The mail's subject.
    pub subject: fn(Service) -> String,
}

/// What became of a wish to be forgotten.
#[derive(Debug)]
pub(crate) struct Deletion {
    /// Heading and story: it was done.
    pub done: (&'static str, &'static str),
    /// Heading and story: it is under way.
    pub pending: (&'static str, &'static str),
    /// Nobody has asked.
    pub unknown: (&'static str, &'static str, &'static str),
    /// Names the code.
    pub code: &'static str,
    /// Names when it was asked for.
    pub asked: &'static str,
    /// Names when it was done.
    pub done_at: &'static str,
    /// What is not the person's.
    pub stays: &'static str,
}

/// An account on X.
#[derive(Debug)]
pub(crate) struct OnX {
    /// Heading.
    pub heading: fn(&str) -> String,
    /// What follows.
    pub story: &'static str,
    /// Names the account.
    pub account: &'static str,
    /// Names what it calls itself.
    pub name: &'static str,
    /// Heading meanwhile.
    pub working: &'static str,
    /// What is done meanwhile.
    pub running: &'static str,
    /// The last line of the page.
    pub only_new: &'static str,
}
