//! German.

use super::told::{How, Service, Told, list, told};
use super::words::{Asking, Choosing, Connected, Deletion, General, Language, OnX, Progress, Sending};
use crate::failed::Failure;
use crate::refused::Refused;

const FROM_THE_SITE: &str = "Beginnen Sie in den Einstellungen Ihrer Website neu.";
const LINK_THEM: &str = "Stellen Sie das Instagram-Konto auf ein professionelles um, verknüpfen Sie es mit Ihrer Seite, und \
                         verbinden Sie es dann neu.";
const PEOPLE: &str = "Sagen Sie denen Bescheid, die Ihre Website betreuen; versuchen Sie es danach noch einmal.";
/// What each of [`super::told::SCOPES`] is good for.
const SCOPES: [&str; 3] = [
    "das Konto und seine Beiträge zu lesen",
    "zu sehen, welche Seiten Sie verwalten",
    "zu lesen, was zur Seite gehört",
];

pub(super) const LANGUAGE: Language = Language {
    tag: "de",
    general: General {
        only_reads: "Feedkeeper liest nur. Es veröffentlicht nichts, folgt niemandem und schreibt keine Nachrichten.",
        what_to_do: "Was Sie tun können",
        try_again: "Noch einmal versuchen",
        from_the_site: FROM_THE_SITE,
        close: "Sie können dieses Fenster schließen.",
        nothing_changed: "Es wurde nichts geändert. Ein Konto, das schon verbunden war, bleibt es.",
        account: "Instagram-Konto",
        page: "Über die Seite",
        until: "Verbunden bis",
        ended: "Abgelaufen",
        no_end: "kein Ende bekannt",
        sites: "Zu sehen auf",
    },
    asking: Asking {
        title: "Ihre Instagram-Beiträge auf Ihrer Website",
        story: "Facebook fragt, welche Seite und welches Konto Sie freigeben möchten. Mehr ist nicht zu tun: Ihre Beiträge \
                erscheinen, und neue kommen von selbst dazu.",
        any_account: "Ihre Wahl auf Facebook",
        keep: |account| format!("@{account} auf Ihrer Website behalten"),
        keep_story: "Facebook möchte von Zeit zu Zeit ein neues Ja. Zwei Klicks, und neue Beiträge erscheinen weiter.",
        bring_back: |account| format!("@{account} zurückholen"),
        bring_back_story: "Die Erlaubnis von Facebook, die Beiträge zu zeigen, ist abgelaufen. Was Ihre Website zeigt, \
                           bleibt stehen, und nach diesem Schritt erscheinen wieder neue Beiträge.",
        button: "Weiter mit Facebook",
        profile: |page| {
            format!(
                "Nehmen Sie das Facebook-Profil, das \u{201e}{page}\u{201c} verwaltet, und lassen Sie alles angehakt."
            )
        },
        reads: [
            "Wir lesen Namen und Bild des Kontos",
            "Wir lesen seine Beiträge, mit Texten und der Zahl der Likes und Kommentare",
        ],
        never: [
            "Wir veröffentlichen nichts, folgen niemandem und schreiben keine Nachrichten",
            "Wir sehen nie Ihr Passwort",
        ],
        revoke: "Sie können das jederzeit beenden: auf Facebook in den Einstellungen unter \u{201e}Apps und Websites\u{201c}.",
        before: How {
            title: "Es klappt nicht? Drei Dinge braucht es",
            steps: [
                "Ihr Instagram-Konto ist ein professionelles (Business oder Creator). Die Umstellung kostet nichts.",
                "Es ist mit einer Facebook-Seite verknüpft.",
                "Sie sind mit dem Facebook-Profil angemeldet, das diese Seite verwaltet.",
            ],
        },
        done: |account| format!("@{account} ist wieder verbunden"),
        done_story: "Dieser Link hat seinen Dienst getan; es ist nichts mehr zu tun.",
        used: "Dieser Link wurde schon verwendet",
        used_story: |account| format!("@{account} wurde damit verbunden. Ein Link gilt einmal."),
        used_advice: |account| {
            format!(
                "Nehmen Sie unseren neuesten Brief, oder verbinden Sie @{account} in den Einstellungen Ihrer Website."
            )
        },
    },
    progress: Progress {
        title: "Wird verbunden …",
        label: "Fortschritt",
        steps: ["Facebook sagt Ja", "Konten lesen", "Probelesen", "Verbunden"],
        heading: "Ihr Konto wird verbunden",
        queued: "Ihre Verbindung ist als Nächste an der Reihe.",
        running: "Wir lesen Ihre Konten und machen einen Versuch mit echten Daten. Das dauert einige Sekunden.",
        retrying: |at| format!("{} antwortet langsam. Wir versuchen es von selbst weiter.", at.name()),
        offline: "Wir erreichen unseren eigenen Dienst gerade nicht. Wir versuchen es weiter.",
        leave: "Sie können dieses Fenster schließen. Es geht auch ohne weiter.",
        look: "Nachsehen, wie weit es ist",
    },
    choosing: Choosing {
        title: "Welches Konto sollen wir verbinden?",
        story: "Wählen Sie das Konto, dessen Beiträge Sie zeigen möchten. Weitere können Sie später verbinden.",
        page: |page| format!("Seite: {page}"),
        no_account: "Mit dieser Seite ist kein Instagram-Konto verknüpft",
        no_role: |account| format!("@{account} ist nicht möglich: Ihre Rolle auf dieser Seite erlaubt es nicht"),
        expired: "Diese Auswahl hat zu lange gewartet. Bitte beginnen Sie unten neu.",
        failed: "Das hat nicht geklappt. Bitte wählen Sie noch einmal.",
        missing: "Nicht dabei? Haken Sie auf Facebook auch seine Seite an.",
        again: "Neu beginnen",
        seen: "Diese Seiten hat Facebook uns gezeigt",
    },
    connected: Connected {
        title: "Verbunden",
        not: "Nicht verbunden",
        heading: |account| format!("@{account} ist verbunden"),
        story: "Die Beiträge erscheinen jetzt auf Ihrer Website, und neue kommen von selbst dazu.",
        renew: "Facebook möchte von Zeit zu Zeit ein neues Ja. Verbinden Sie vor diesem Tag auf demselben Weg noch einmal.",
        home: "Zurück zu Ihrer Website",
        posts: "Die neuesten Beiträge",
        on_instagram: "Auf Instagram ansehen",
    },
    sending: Sending {
        title: "Kümmert sich jemand anderes darum?",
        story: "Schicken Sie diese Seite weiter: Sie sagt, was geschehen ist und was hilft.",
        link: "Link zu dieser Seite",
        copy: "Link kopieren",
        copied: "Kopiert",
        mail: "E-Mail schreiben",
        subject: |at| format!("Hilfe beim Verbinden mit {}", if at == Service::X { "X" } else { "Instagram" }),
    },
    deletion: Deletion {
        done: (
            "Ihre Daten sind gelöscht",
            "Wir haben nichts mehr von Ihren Konten bei Instagram und Facebook: keinen Zugang, keine Beiträge, keine Namen, \
             keine Adressen.",
        ),
        pending: (
            "Ihre Daten werden gelöscht",
            "Ihr Wunsch ist angekommen. Das dauert meist einige Minuten; sehen Sie auf dieser Seite wieder nach.",
        ),
        unknown: (
            "Diesen Wunsch gibt es nicht",
            "Diesen Code hat niemand bekommen, oder ein Teil davon ging unterwegs verloren.",
            "Öffnen Sie den Link noch einmal: auf Facebook in den Einstellungen unter \u{201e}Apps und Websites\u{201c}.",
        ),
        code: "Bestätigungscode",
        asked: "Gewünscht",
        done_at: "Erledigt",
        stays: "Was Betreiber über ihre Website angegeben haben, etwa welche Konten sie zeigt, gehört ihnen und bleibt dort.",
    },
    on_x: OnX {
        heading: |account| format!("@{account} auf X ist verbunden"),
        story: "Was Sie ab jetzt auf Instagram veröffentlichen, kann dort erscheinen. Älteres erscheint dort nie.",
        account: "Konto auf X",
        name: "Sein Name",
        working: "Ihr Konto auf X wird verbunden",
        running: "Wir fragen X, wessen Konto es ist. Das dauert einige Sekunden.",
        only_new: "Auf X erscheint nur, was ab jetzt auf Instagram veröffentlicht wird, und nur, wo das eingerichtet ist.",
    },
    refused,
    failed,
    visible: How {
        title: "Wie wird eine Seite sichtbar?",
        steps: [
            "Sind Sie mit dem Facebook-Profil angemeldet, das die Seite verwaltet? Sonst wechseln Sie zuerst.",
            "Beginnen Sie neu, wie oben gesagt, und haken Sie auf Facebook die Seite an, die Sie nutzen möchten.",
            "Noch keine Seite? Menü → Seiten → Erstellen auf Facebook; verknüpfen Sie sie dann mit Instagram.",
        ],
    },
    linking: How {
        title: "Wie verknüpfe ich sie?",
        steps: [
            "Öffnen Sie in der Instagram-App Einstellungen → Kontotyp, und wählen Sie ein professionelles Konto.",
            "Öffnen Sie auf Ihrer Facebook-Seite Einstellungen → Verknüpfte Konten → Instagram, und verbinden Sie es.",
            "Kommen Sie hierher zurück, und beginnen Sie neu, wie oben gesagt.",
        ],
    },
};

fn refused(why: Refused, service: Service) -> Told {
    let at = service.name();
    match why {
        Refused::Denied => failed(&Failure::Denied, service),
        Refused::DialogFailed => told(format!("{at} kam nicht zum Ende"))
            .since(format!("Bei {at} ist etwas schiefgegangen. An Ihnen liegt es nicht."))
            .so("Warten Sie einen Moment, und versuchen Sie es noch einmal."),
        Refused::Forged => told("Dieser Link ist nicht von uns")
            .since("Die Adresse, die Sie herführte, stammt nicht von uns oder wurde unterwegs geändert.")
            .so(FROM_THE_SITE),
        Refused::Foreign => told("Das wurde in einem anderen Browser begonnen")
            .since("Zu Ihrer Sicherheit lässt sich eine Verbindung nur in dem Browser abschließen, in dem sie begann.")
            .so("Beginnen Sie hier neu, und bleiben Sie dabei."),
        Refused::Reused => told("Dieser Schritt ist schon getan")
            .since(format!("Diese Antwort von {at} wurde schon verwendet; sie gilt einmal."))
            .so("Ist Ihr Konto noch nicht verbunden, beginnen Sie neu."),
        Refused::Expired => told("Das hat ein wenig zu lange gedauert")
            .since(format!("Die Antwort von {at} kam nach der Zeit, für die wir eine Verbindung offen halten."))
            .so("Beginnen Sie neu; es dauert keine Minute."),
        Refused::NoCode => told(format!("{at} hat nichts geschickt, womit wir arbeiten können"))
            .since(format!("In der Antwort von {at} steht weder ein Code noch ein Grund."))
            .so("Beginnen Sie neu."),
        Refused::UnknownRun => told("Diese Verbindung kennen wir nicht mehr")
            .since("Nach ihrem Ende sind Verbindungen 7 Tage lang zu sehen.")
            .so(FROM_THE_SITE),
        Refused::TooLate => told("Diese Seite hat zu lange gewartet")
            .since("Von hier geht es zwei Stunden lang weiter, und nur in dem Browser, in dem Sie begonnen haben.")
            .so(FROM_THE_SITE),
        Refused::TooOften => told("Das waren ein paar Versuche zu viel")
            .since("Von hier lässt es sich zehnmal versuchen.")
            .so(FROM_THE_SITE),
        Refused::ChoiceExpired => told("Diese Auswahl hat zu lange gewartet")
            .since("Sie wurde schon getroffen, oder ihre 15 Minuten sind vorbei.")
            .so(FROM_THE_SITE),
        Refused::LinkForged => told("Dieser Link ist nicht von uns")
            .since("Die Adresse stammt nicht von uns, oder ein Teil davon ging unterwegs verloren.")
            .so("Drücken Sie noch einmal auf den Knopf im Brief. Hilft das nicht, beginnen Sie auf Ihrer Website neu."),
        Refused::LinkExpired => told("Dieser Link hat zu lange gewartet")
            .since("Der Knopf in einem Brief gilt zwei Wochen, und die sind vorbei.")
            .so("Nehmen Sie unseren neuesten Brief, oder verbinden Sie das Konto in den Einstellungen Ihrer Website."),
        Refused::LinkForgotten => told("Diese Verbindung gibt es nicht mehr")
            .since("Die Verbindung, die dieser Link erneuert, wurde gelöscht, oder Ihre Website nutzt sie nicht mehr.")
            .so("Soll das Konto wieder zu sehen sein, verbinden Sie es in den Einstellungen Ihrer Website."),
        Refused::LinkUsed => told("Das ist schon getan")
            .since("Das Konto wurde mit diesem Link schon verbunden; es war nichts mehr zu tun.")
            .so(
                "Sie können dieses Fenster schließen. Weitere Konten verbinden Sie in den Einstellungen Ihrer Website.",
            ),
        Refused::NoEntry => told("Dieser Link geht nicht")
            .since("Der Link hierher gilt einmal, für einige Minuten, und für die Website, von der er stammt.")
            .so(FROM_THE_SITE),
        Refused::BrokenLink => told("Dieser Link ist beschädigt")
            .since(
                "Seiner Adresse fehlt etwas, oder es steht doppelt oder in einer Form da, die wir nicht lesen können.",
            )
            .so(FROM_THE_SITE),
        Refused::NotSetUp => told("Das Verbinden ist noch nicht eingerichtet")
            .since(format!("Dieser Dienst hat noch keine App bei {at}; vorher kann niemand ein Konto verbinden."))
            .so(PEOPLE),
        Refused::Away => told("Das geht gerade nicht")
            .since("Ein Teil des Dienstes ist nicht zu erreichen. An Ihnen liegt es nicht, und es geht vorbei.")
            .so("Warten Sie einen Moment, und laden Sie diese Seite neu."),
    }
}

fn failed(what: &Failure<'_>, service: Service) -> Told {
    let (at, is_x) = (service.name(), service == Service::X);
    let agree = if is_x { "App autorisieren" } else { "Weiter" };
    match what {
        Failure::MissingScopes(_) if is_x => told("Eine Erlaubnis fehlt")
            .since("X lässt uns keine Beiträge lesen und schreiben.")
            .so("Die App Ihrer Website braucht bei X diese Erlaubnis. Sagen Sie dort Bescheid, und verbinden Sie dann neu."),
        Failure::MissingScopes(scopes) => told("Eine Erlaubnis fehlt")
            .since(format!("Facebook erlaubt uns nicht: {}.", list(scopes, &SCOPES)))
            .so("Verbinden Sie neu, und lassen Sie alles angeschaltet: die Seite, ihr Instagram-Konto und jedes Lesen."),
        Failure::NoPages => told("Wir haben keine Facebook-Seite gefunden")
            .since("Facebook hat uns keine Seite gezeigt, und ein Konto lesen wir über die Seite, mit der es verknüpft ist.")
            .so("Verbinden Sie neu mit dem Facebook-Profil, das Ihre Seite verwaltet, und haken Sie diese Seite an."),
        Failure::PageWithoutInstagram(Some(name)) => told("Ihre Seite hat noch kein Instagram-Konto")
            .since(format!("Mit \u{201e}{name}\u{201c} ist kein professionelles Instagram-Konto verknüpft."))
            .so(LINK_THEM),
        Failure::PageWithoutInstagram(None) => told("Ihre Seiten haben noch kein Instagram-Konto")
            .since("Mit keiner Ihrer Seiten ist ein professionelles Instagram-Konto verknüpft.")
            .so(LINK_THEM),
        Failure::AccountNotAllowed => told("Dieses Konto geht noch nicht")
            .since("Facebook lässt diesen Dienst das Konto noch nicht lesen.")
            .so("Sagen Sie denen Bescheid, die Ihre Website betreuen: Ihr Konto muss als Tester in deren Facebook-App."),
        Failure::CodeExpired => told("Das hat ein wenig zu lange gedauert")
            .since(format!("Die Antwort von {at} wurde schon verwendet oder kam zu spät."))
            .so("Verbinden Sie neu, und bleiben Sie dabei; es dauert keine Minute."),
        Failure::Denied => told("Sie haben Nein gesagt, und das ist in Ordnung")
            .since(format!("{at} hat uns gesagt, dass Sie nicht zugestimmt haben."))
            .so(format!("War das ein Versehen, versuchen Sie es noch einmal, und wählen Sie \u{201e}{agree}\u{201c}.")),
        Failure::WrongAccount { wanted, found } => told("Das ist ein anderes Konto")
            .since(format!("Dieser Link erneuert @{wanted}, und Facebook gab uns stattdessen {}.", found.join(", ")))
            .so(format!("Nehmen Sie das Facebook-Profil, das @{wanted} verwaltet, und haken Sie dessen Seite an.")),
        Failure::Transient => told(format!("{at} antwortet gerade nicht"))
            .since("Wir haben es mehrmals versucht, und es hat nicht geklappt.")
            .so("An Ihnen liegt es nicht. Versuchen Sie es in einigen Minuten noch einmal."),
        Failure::RateLimited => told(format!("{at} bittet uns zu warten"))
            .since(format!("{at} lässt uns länger warten, als wir eine Verbindung offen halten können."))
            .so(if is_x { "Verbinden Sie in einer Stunde neu." } else { "Verbinden Sie morgen neu." }),
        Failure::TokenDead => told(format!("{at} hat diese Erlaubnis beendet"))
            .since("Der Zugang, den Sie gegeben haben, gilt nicht mehr.")
            .so("Verbinden Sie das Konto neu."),
        Failure::PermissionLost if is_x => told("X lässt uns dieses Konto nicht nutzen")
            .since("X erlaubt diesem Konto das nicht.")
            .so("Sehen Sie auf X nach: Vielleicht ist das Konto gesperrt. Verbinden Sie es dann neu."),
        Failure::PermissionLost => told("Facebook lässt uns dieses Konto nicht lesen")
            .since("Eine Erlaubnis oder eine Rolle, die es braucht, fehlt.")
            .so("Bitten Sie jemanden, der die Seite verwaltet, Ihnen die Rolle zurückzugeben; verbinden Sie dann neu."),
        Failure::AppMisconfigured => told("Bei uns stimmt etwas nicht")
            .since(format!("Die App dieses Dienstes bei {at} ist dafür nicht eingerichtet."))
            .so(PEOPLE),
        Failure::NotFound if is_x => told("Dieses Konto ist nicht zu finden")
            .since("X kennt dieses Konto nicht.")
            .so("Sehen Sie nach, ob es das Konto gibt, und verbinden Sie dann neu."),
        Failure::NotFound => told("Dieses Konto ist nicht zu finden")
            .since("Facebook kennt das Konto nicht, zeigt es uns nicht, oder seine Verbindung wurde gelöscht.")
            .so("Sehen Sie nach, ob es das Konto gibt, ob es professionell und mit der Seite verknüpft ist; dann neu verbinden."),
        Failure::BadRequest => told("Das hat nicht geklappt")
            .since("Diese Verbindung ließ sich nicht bearbeiten. Das ist ein Fehler des Dienstes, nicht Ihrer.")
            .so(PEOPLE),
        Failure::Ambiguous => told("Wir sind nicht sicher, ob das geklappt hat")
            .since(format!("Die Antwort von {at} lässt offen, was nicht stimmt."))
            .so("Verbinden Sie das Konto neu; hilft das nicht, sagen Sie denen Bescheid, die Ihre Website betreuen."),
    }
}
