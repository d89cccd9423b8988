//! English.

use super::told::{How, Service, Told, list, told};
use super::words::{Asking, Choosing, Connected, Deletion, General, Language, OnX, Progress, Sending};
use crate::failed::Failure;
use crate::refused::Refused;

const FROM_THE_SITE: &str = "Start again from your site's settings.";
const LINK_THEM: &str = "Switch the Instagram account to a professional one, link it to your Page, then connect again.";
const PEOPLE: &str = "Tell the people behind your site; then try again.";
/// What each of [`super::told::SCOPES`] is good for.
const SCOPES: [&str; 3] =
    ["read the account and its posts", "see which Pages you manage", "read what belongs to the Page"];

pub(super) const LANGUAGE: Language = Language {
    tag: "en",
    general: General {
        only_reads: "Feedkeeper only reads. It never posts, follows, likes or writes messages on Instagram.",
        what_to_do: "What to do",
        try_again: "Try again",
        from_the_site: FROM_THE_SITE,
        close: "You can close this page.",
        nothing_changed: "Nothing was changed. An account that was connected before goes on as it was.",
        account: "Instagram account",
        page: "Through the Page",
        until: "Connected until",
        ended: "Ended",
        no_end: "no end date known",
        sites: "Shown on",
    },
    asking: Asking {
        title: "Show your Instagram posts on your site",
        story: "Facebook asks which Page and which account you want to share. That is all: your posts then appear, and new \
                ones follow by themselves.",
        any_account: "your choice at Facebook",
        keep: |account| format!("Keep @{account} on your site"),
        keep_story: "Facebook wants a fresh yes now and then. Two clicks, and new posts go on appearing.",
        bring_back: |account| format!("Bring @{account} back"),
        bring_back_story: "Facebook's permission to show its posts has ended. What your site shows stays, and new posts \
                           appear again after this step.",
        button: "Continue with Facebook",
        profile: |page| {
            format!("Use the Facebook profile that manages \u{201c}{page}\u{201d}, and leave everything ticked.")
        },
        reads: ["We read the account's name and picture", "We read its posts, with captions, likes and comment counts"],
        never: ["We never post, follow, like or write messages", "We never see your password"],
        revoke: "You can end this at any time under \u{201c}Apps and websites\u{201d} in your Facebook settings.",
        before: How {
            title: "Does it not work? Three things that it takes",
            steps: [
                "Your Instagram account is a professional one (business or creator). Switching is free.",
                "It is linked to a Facebook Page.",
                "You are logged in to the Facebook profile that manages this Page.",
            ],
        },
        done: |account| format!("@{account} is connected again"),
        done_story: "This link has done its work, so there is nothing left to do.",
        used: "This link has been used",
        used_story: |account| format!("@{account} was connected with it before. A link works once."),
        used_advice: |account| {
            format!("Use the newest letter from us, or connect @{account} from your site's settings.")
        },
    },
    progress: Progress {
        title: "Connecting…",
        label: "Progress",
        steps: ["Facebook said yes", "Reading your accounts", "Testing a real read", "Connected"],
        heading: "Connecting your account",
        queued: "Your connection is next in line.",
        running: "We are reading your accounts and trying one real read. This takes a few seconds.",
        retrying: |at| format!("{} is slow to answer. We go on trying by ourselves.", at.name()),
        offline: "We cannot reach our own service just now. We go on trying.",
        leave: "You may leave this page. The work goes on without it.",
        look: "See how far it is",
    },
    choosing: Choosing {
        title: "Which account shall we connect?",
        story: "Pick the one whose posts you want to show. You can add others later.",
        page: |page| format!("Page: {page}"),
        no_account: "No Instagram account is linked to this Page",
        no_role: |account| format!("@{account} cannot be used: your role on this Page does not allow it"),
        expired: "This choice has waited too long. Please start again below.",
        failed: "That did not work. Please pick again.",
        missing: "Not in the list? At Facebook, tick its Page too.",
        again: "Start again",
        seen: "The Pages that Facebook showed us",
    },
    connected: Connected {
        title: "Connected",
        not: "Not connected",
        heading: |account| format!("@{account} is connected"),
        story: "Its posts now appear on your site, and new ones follow by themselves.",
        renew: "Facebook asks for a fresh yes now and then. Connect again before that day, with the same button.",
        home: "Back to your site",
        posts: "Its latest posts",
        on_instagram: "See them on Instagram",
    },
    sending: Sending {
        title: "Does somebody else look after this?",
        story: "Send them this page: it says what happened and what to do.",
        link: "Link to this page",
        copy: "Copy link",
        copied: "Copied",
        mail: "Write a mail",
        subject: |at| format!("Help with connecting {}", if at == Service::X { "X" } else { "Instagram" }),
    },
    deletion: Deletion {
        done: (
            "Your data is deleted",
            "We keep nothing of your Instagram and Facebook accounts any more: no access, no posts, no names, no addresses.",
        ),
        pending: (
            "Your data is being deleted",
            "Your request has arrived. This takes a few minutes as a rule; look at this page again.",
        ),
        unknown: (
            "There is no such request",
            "Nobody was given this confirmation code, or a part of it was lost on the way here.",
            "Open the link once more from \u{201c}Apps and websites\u{201d} in your Facebook settings.",
        ),
        code: "Confirmation code",
        asked: "Asked for",
        done_at: "Done",
        stays: "What a website's owner wrote about a website, such as which accounts it shows, is the website's own and stays \
                there.",
    },
    on_x: OnX {
        heading: |account| format!("@{account} on X is connected"),
        story: "What you publish on Instagram from now on can be posted there. Nothing that is older is ever posted.",
        account: "Account on X",
        name: "Its name",
        working: "Connecting your account on X",
        running: "We are asking X whose account it is. This takes a few seconds.",
        only_new: "To X goes only what is published on Instagram from now on, and only where a cross-post was set up.",
    },
    refused,
    failed,
    visible: How {
        title: "How do I make a Page visible?",
        steps: [
            "Are you logged in to the Facebook profile that manages the Page? If not, switch first.",
            "Start again as said above, and on Facebook tick the Page that you want to use.",
            "No Page yet? On Facebook choose Menu → Pages → Create, then link your Instagram account to it.",
        ],
    },
    linking: How {
        title: "How do I link them?",
        steps: [
            "In the Instagram app open Settings → Account type and switch to a professional account. It is free.",
            "On your Facebook Page open Settings → Linked accounts → Instagram and connect it.",
            "Come back here and start again as said above.",
        ],
    },
};

fn refused(why: Refused, service: Service) -> Told {
    let at = service.name();
    match why {
        Refused::Denied => failed(&Failure::Denied, service),
        Refused::DialogFailed => told(format!("{at} could not finish this"))
            .since(format!("{at} told us that something went wrong on its side. It is nothing that you did."))
            .so("Wait a moment, then try again."),
        Refused::Forged => told("This link is not one of ours")
            .since("The address that brought you here was not made by us, or was changed on the way.")
            .so(FROM_THE_SITE),
        Refused::Foreign => told("This was started in another browser")
            .since("For your safety a connection can only be finished in the browser in which it was started.")
            .so("Start again here, in one go."),
        Refused::Reused => told("This step is done already")
            .since(format!("This answer from {at} has been used; it works once."))
            .so("If your account is not connected yet, start again."),
        Refused::Expired => told("That took a little too long")
            .since(format!("The answer from {at} came after the time that we keep a connection open for."))
            .so("Start again; it takes less than a minute."),
        Refused::NoCode => told(format!("{at} sent nothing to work with"))
            .since(format!("The answer from {at} holds neither a code nor a reason."))
            .so("Start again."),
        Refused::UnknownRun => told("This connection is no longer known")
            .since("Ended connections can be looked at for 7 days.")
            .so(FROM_THE_SITE),
        Refused::TooLate => told("This page has waited too long")
            .since("Going on from here works for two hours, in the browser in which you began.")
            .so(FROM_THE_SITE),
        Refused::TooOften => {
            told("That was tried a little too often").since("Trying again from here works ten times.").so(FROM_THE_SITE)
        }
        Refused::ChoiceExpired => told("This choice has waited too long")
            .since("It was made already, or its 15 minutes have passed.")
            .so("If your account is not connected yet, start again from your site's settings."),
        Refused::LinkForged => told("This link is not one of ours")
            .since("The address was not made by us, or a part of it was lost on the way here.")
            .so("Press the button in the letter once more. If that does not help, connect from your site's settings."),
        Refused::LinkExpired => told("This link has waited too long")
            .since("The button in a letter works for two weeks, and they are over.")
            .so("Use the newest letter from us, or connect the account from your site's settings."),
        Refused::LinkForgotten => told("This connection is no longer kept")
            .since("The connection that this link renews was deleted, or your site does not use it any more.")
            .so("To show the account again, connect it from your site's settings."),
        Refused::LinkUsed => told("This is done already")
            .since("The account was connected with this link before, so there was nothing left to do.")
            .so("You can close this page. To add another account, connect it from your site's settings."),
        Refused::NoEntry => told("This link cannot be used")
            .since("The link that leads here works once, for a few minutes, and for the site that made it.")
            .so(FROM_THE_SITE),
        Refused::BrokenLink => told("This link is broken")
            .since("Its address lacks something, or holds something twice or in a form that we cannot read.")
            .so(FROM_THE_SITE),
        Refused::NotSetUp => told("Connecting is not set up yet")
            .since(format!("This service has no app at {at} yet; nobody can connect an account before it has one."))
            .so(PEOPLE),
        Refused::Away => told("We cannot do this right now")
            .since("A part of the service cannot be reached. It is not your fault, and it passes.")
            .so("Wait a moment, then load this page again."),
    }
}

fn failed(what: &Failure<'_>, service: Service) -> Told {
    let (at, is_x) = (service.name(), service == Service::X);
    let agree = if is_x { "Authorize app" } else { "Continue" };
    match what {
        Failure::MissingScopes(_) if is_x => told("A permission is missing")
            .since("X did not let us read and write posts.")
            .so("Tell the people behind your site: their app at X has to be allowed to. Then connect again."),
        Failure::MissingScopes(scopes) => told("A permission is missing")
            .since(format!("Facebook did not let us: {}.", list(scopes, &SCOPES)))
            .so("Connect again and leave every switch on: the Page, its Instagram account, and all that lets us read."),
        Failure::NoPages => told("We found no Facebook Page")
            .since("Facebook shared no Page with us, and an account is read through the Page that it is linked to.")
            .so("Connect again with the Facebook profile that manages your Page, and tick that Page."),
        Failure::PageWithoutInstagram(Some(name)) => told("Your Page has no Instagram account yet")
            .since(format!("The Page \u{201c}{name}\u{201d} carries no Instagram professional account."))
            .so(LINK_THEM),
        Failure::PageWithoutInstagram(None) => told("Your Pages have no Instagram account yet")
            .since("None of the Pages that you shared carries an Instagram professional account.")
            .so(LINK_THEM),
        Failure::AccountNotAllowed => told("This account cannot be used yet")
            .since("Facebook does not let this service read the account yet.")
            .so("Tell the people behind your site: they have to add your account as a tester of their Facebook app."),
        Failure::CodeExpired => told("That took a little too long")
            .since(format!("The answer from {at} was used before or came too late."))
            .so("Connect again, in one go; it takes less than a minute."),
        Failure::Denied => told("You said no, and that is fine")
            .since(format!("{at} told us that you did not agree."))
            .so(format!("If that was a slip, try again and choose \u{201c}{agree}\u{201d}.")),
        Failure::WrongAccount { wanted, found } => told("That is another account")
            .since(format!("This link renews @{wanted}, and Facebook gave us {} instead.", found.join(", ")))
            .so(format!("Try again with the Facebook profile that manages @{wanted}, and tick its Page.")),
        Failure::Transient => told(format!("{at} is not answering just now"))
            .since("We tried several times, and it did not work.")
            .so("Nothing is wrong on your side. Try again in a few minutes."),
        Failure::RateLimited => told(format!("{at} asks us to wait"))
            .since(format!("{at} asks us to wait longer than a connection can be kept open."))
            .so(if is_x { "Connect again in an hour." } else { "Connect again tomorrow." }),
        Failure::TokenDead => told(format!("{at} has ended this permission"))
            .since("The access that was granted is no longer valid.")
            .so("Connect the account again."),
        Failure::PermissionLost if is_x => told("X does not let us use this account")
            .since("X does not allow this account to do that.")
            .so("Look at the account on X: it may be locked or suspended. Then connect again."),
        Failure::PermissionLost => told("Facebook does not let us read this account")
            .since("A permission or a role that is needed is missing.")
            .so("Ask somebody who manages the Page to give you your role back, then connect again."),
        Failure::AppMisconfigured => told("Something is wrong on our side")
            .since(format!("The app of this service at {at} is not set up for this."))
            .so(PEOPLE),
        Failure::NotFound if is_x => told("This account cannot be found")
            .since("X does not know this account.")
            .so("Check that the account exists, then connect again."),
        Failure::NotFound => told("This account cannot be found")
            .since("Facebook does not know the account or does not show it to us, or its connection was deleted.")
            .so("Check that the account exists, is a professional one and is linked to the Page; then connect again."),
        Failure::BadRequest => told("That did not work")
            .since("This connection could not be worked on. That is a fault of the service, not yours.")
            .so(PEOPLE),
        Failure::Ambiguous => told("We are not sure that this worked")
            .since(format!("{at}'s answer leaves open what is wrong."))
            .so("Connect the account again; if that does not help, tell the people behind your site."),
    }
}
