//! `feedkeeper mail preview`: the letters to owners, with no key, no configuration and no network.

use tempfile::TempDir;

use super::run;

#[tokio::test]
async fn every_letter_can_be_looked_at() {
    let folder = TempDir::new().expect("a folder");
    for (args, says) in [
        (&["expiring"][..], "Subject: @example_bakery: please renew"),
        (&["expired"], "@example_bakery is no longer connected"),
        (&["killed", "--why", "password"], "password"),
        (&["killed", "--why", "role_lost"], "no longer manage the Page"),
        (&["expiring", "--language", "de-AT"], "bitte innerhalb von 10 Tagen erneuern"),
        (&["expired", "--html"], "<!doctype html>"),
    ] {
        let said = run(folder.path(), &[&["mail", "preview"], args].concat()).await;

        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
        assert!(said.out.replace('\n', " ").contains(says), "{args:?}: {}", said.out);
        assert!(said.out.contains("https://feeds.example.com/connect/preview"), "{args:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn what_there_is_no_letter_for_is_said() {
    let folder = TempDir::new().expect("a folder");
    let language = run(folder.path(), &["mail", "preview", "expired", "--language", "tlh"]).await;
    let stage = run(folder.path(), &["mail", "preview", "soon"]).await;

    assert_eq!(language.code, Some(1));
    assert!(language.err.contains("--language tlh: letters are written in en, de"), "{}", language.err);
    assert!(stage.code == Some(2) && stage.err.contains("expiring"), "{}", stage.err);
}
