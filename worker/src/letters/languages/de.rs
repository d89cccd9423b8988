//! German.

use chrono::{DateTime, Datelike, Utc};
use entities::install::Killed;

use super::{Facts, Language, Stage, Words};

pub(super) const LANGUAGE: Language = Language { tag: "de", words, more, date };

fn words(stage: Stage, facts: &Facts) -> Words {
    let Facts { account, page, .. } = facts;
    let about = if facts.is_estimate { "etwa " } else { "" };
    let end = facts.ends_at.map(|end| format!("{about}am {}", date(end)));
    let (subject, preview, heading, story, sites, button) = match stage {
        Stage::Expiring => {
            let (days, end) = (days(facts.days_left()), end.unwrap_or_else(|| "bald".to_owned()));
            (
                format!("@{account}: Instagram-Verbindung bitte innerhalb von {days} erneuern"),
                "Zwei Klicks, und neue Beiträge erscheinen weiter auf Ihrer Website.".to_owned(),
                format!("@{account} braucht ein neues Ja"),
                vec![format!(
                    "Von Zeit zu Zeit fragt Facebook, ob eine Website die Beiträge eines Kontos weiter zeigen darf. Für \
                     @{account} läuft die Erlaubnis {end} ab, also in {days}. Bis dahin ändert sich nichts."
                )],
                "Danach erscheinen keine neuen Beiträge mehr auf:",
                "Verbindung erneuern",
            )
        }
        Stage::Expired => (
            format!("@{account}: Ihre Instagram-Verbindung ist abgelaufen"),
            "Zwei Klicks, und neue Beiträge erscheinen wieder auf Ihrer Website.".to_owned(),
            format!("@{account} ist nicht mehr verbunden"),
            vec![format!(
                "Die Erlaubnis von Facebook, Beiträge von @{account} zu zeigen, ist{} abgelaufen. Was Ihre Website schon \
                 zeigt, bleibt stehen.",
                end.map(|end| format!(" {end}")).unwrap_or_default()
            )],
            "Neue Beiträge erscheinen nicht mehr auf:",
            "Neu verbinden",
        ),
        Stage::Killed(why) => (
            format!("@{account}: Facebook hat Ihre Instagram-Verbindung beendet"),
            format!("{} So erscheinen wieder neue Beiträge.", short(why)),
            format!("@{account} wurde vorzeitig getrennt"),
            [reason(why, account, page)]
                .into_iter()
                .chain(first(why))
                .chain(["Was Ihre Website schon zeigt, bleibt stehen.".to_owned()])
                .collect(),
            "Neue Beiträge erscheinen nicht mehr auf:",
            "Neu verbinden",
        ),
    };
    let how = format!(
        "Das führt zu Facebook. Nehmen Sie das Profil, das die Seite \u{201e}{page}\u{201c} verwaltet, und lassen \
         Sie dort alles angehakt. Wir lesen nur: Wir veröffentlichen nichts und sehen nie Ihr Passwort."
    );
    Words {
        subject,
        preview,
        heading,
        story,
        sites: sites.to_owned(),
        button: button.to_owned(),
        how: vec![how],
        end: vec![
            format!(
                "Der Link gilt einmal, nur für @{account} und bis zum {}. Danach verbinden Sie das Konto in den \
                 Einstellungen Ihrer Website neu.",
                date(facts.link_ends_at)
            ),
            "Sie bekommen diese Nachricht, weil Ihre Adresse für diese Websites angegeben wurde.".to_owned(),
        ],
    }
}

fn short(why: Killed) -> &'static str {
    match why {
        Killed::Password => "Ihr Facebook-Passwort wurde geändert.",
        Killed::AppRemoved => "Die Erlaubnis wurde auf Facebook entfernt.",
        Killed::Checkpoint => "Facebook möchte, dass Sie sich zuerst anmelden.",
        Killed::RoleLost => "Die Rolle auf der Seite fehlt.",
        Killed::Invalidated => "Facebook nennt keinen Grund.",
    }
}

fn reason(why: Killed, account: &str, page: &str) -> String {
    match why {
        Killed::Password => "Das Passwort des Facebook-Profils hinter dieser Verbindung wurde geändert, oder Facebook \
                                 hat es überall abgemeldet. Dann beendet Facebook jede Verbindung: Mit Ihrem Konto ist \
                                 alles in Ordnung."
            .to_owned(),
        Killed::AppRemoved => format!(
            "Die Erlaubnis, Beiträge von @{account} zu zeigen, wurde in den Einstellungen von Facebook entfernt. War das \
             so gewollt, ist nichts zu tun."
        ),
        Killed::Checkpoint => {
            "Facebook möchte sicher sein, dass Sie es sind: Das Profil hinter dieser Verbindung muss sich \
                            zuerst auf Facebook anmelden."
                .to_owned()
        }
        Killed::RoleLost => format!(
            "Das Facebook-Profil hinter dieser Verbindung darf die Seite \u{201e}{page}\u{201c} nicht mehr verwalten. Wer \
             sie verwaltet, kann die Rolle zurückgeben oder den Link selbst öffnen."
        ),
        Killed::Invalidated => "Facebook hat die Verbindung vor der Zeit beendet und nennt keinen Grund.".to_owned(),
    }
}

/// What has to be done before the button helps.
fn first(why: Killed) -> Option<String> {
    (why == Killed::Checkpoint).then(|| {
        "Melden Sie sich zuerst auf facebook.com an, und folgen Sie den Schritten dort. Erst dann verbinden Sie unten neu."
            .to_owned()
    })
}

fn more(sites: usize) -> String {
    if sites == 1 { "und einer weiteren".to_owned() } else { format!("und {sites} weiteren") }
}

fn days(number: i64) -> String {
    if number == 1 { "einem Tag".to_owned() } else { format!("{number} Tagen") }
}

fn date(at: DateTime<Utc>) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    format!("{}. {} {}", at.day(), MONTHS[at.month0() as usize], at.year())
}
