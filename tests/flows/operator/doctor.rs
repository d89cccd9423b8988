//! `feedkeeper doctor`: what is in order, what is not, and no secret.

use tempfile::TempDir;

use super::{run, run_with};
use crate::harness::Service;

#[tokio::test]
async fn beside_a_running_service_all_is_well() {
    let service = Service::start().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let env = [
        ("GRAPH_URL", service.stand_ins.url.as_str()),
        ("META_APP_ID", sandbox::DEFAULT_APP_ID),
        ("META_APP_SECRET", sandbox::DEFAULT_APP_SECRET),
        ("PUBLIC_URL", service.url.as_str()),
    ];

    let said = run_with(service.data(), &env, &["doctor"]).await;

    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    for (about, marks) in [
        ("database", "✓✓✓"),
        ("keys", "✓"),
        ("queue", "✓"),
        ("queue persistence", "✓"),
        ("clock", "-"),
        ("public address", "✓"),
        ("who may ask", "✓"),
        ("Meta app", "✓"),
        ("SMTP", "-"),
        ("Slack", "-"),
    ] {
        assert_eq!(said.marks(about), marks, "{about}:\n{}", said.out);
    }
    assert!(said.out.contains(&format!("Valid OAuth Redirect URIs: {}/users/oauth\n", service.url)), "{}", said.out);
    assert!(said.out.contains(&format!("Callback URI: {}/x/callback\n", service.url)), "{}", said.out);
    assert!(said.out.contains("\"dev\" seals"), "{}", said.out);
}

#[tokio::test]
async fn the_ways_to_the_operator_are_tried_and_nothing_is_sent() {
    let service = Service::start().await;
    let (smtp, webhook) = (service.stand_ins.smtp().await, service.stand_ins.webhook());
    let env = [("SMTP_URL", &*smtp), ("MAIL_FROM", "feeds@example.com"), ("SLACK_WEBHOOK_URL", &*webhook)];

    let said = run_with(service.data(), &env, &["doctor"]).await;

    assert_eq!((said.marks("SMTP").as_str(), said.marks("Slack").as_str()), ("✓", "✓"), "{}", said.out);
    assert!(said.out.contains("lets us in; OPERATOR_EMAIL is not set"), "{}", said.out);
    assert!(service.stand_ins.mails().await.is_empty() && service.stand_ins.alerts().await.is_empty());
    let refusal = serde_json::json!({"answer": {"status": 554, "body": "not you"}});
    service.stand_ins.fault("shut", serde_json::json!({"service": "smtp"}), refusal).await;
    let shut = run_with(service.data(), &env, &["doctor"]).await;
    assert_eq!(shut.marks("SMTP"), "✗", "{}", shut.out);
    assert!(shut.out.contains("the server does not let us in"), "{}", shut.out);
}

#[tokio::test]
async fn a_test_mail_is_sent_to_whom_it_was_asked_for() {
    let service = Service::start().await;
    let smtp = service.stand_ins.smtp().await;
    let env = [("SMTP_URL", &*smtp), ("MAIL_FROM", "feeds@example.com"), ("OPERATOR_EMAIL", "ops@example.com")];

    let said = run_with(service.data(), &env, &["doctor", "--mail"]).await;
    let named = run_with(service.data(), &env, &["doctor", "--mail", "me@example.com"]).await;
    let nobody = run_with(service.data(), &env, &["doctor", "--mail", "nobody"]).await;

    assert_eq!(
        (said.marks("test mail"), named.marks("test mail"), nobody.marks("test mail")),
        ("✓".into(), "✓".into(), "✗".into())
    );
    let mails = service.stand_ins.mails().await;
    let to: Vec<_> = mails.iter().map(|mail| mail["to"][0].as_str().unwrap_or_default()).collect();
    assert_eq!(to, ["ops@example.com", "me@example.com"]);
    assert!(named.out.contains("look into the mailbox of me@example.com"), "{}", named.out);
}

#[tokio::test]
async fn what_is_to_be_mended_is_said_with_its_fix_and_no_secret() {
    let service = Service::start().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let secret = "hunter2-hunter2-hunter2-hunter2-hunter2";
    let keyring = "other:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for (env, about, says) in [
        (("META_APP_SECRET", secret), "Meta app", "copy META_APP_ID and META_APP_SECRET anew"),
        (("KEYRING", keyring), "keys", "sealed under key \"dev\", which KEYRING does not hold"),
        (("PUBLIC_URL", "http://feeds.example.com"), "public address", "is not https"),
        (("PUBLIC_URL", "https://feeds.example.com/x"), "public address", "has a path"),
        (("HOST", "0.0.0.0"), "who may ask", "HOST has to be loopback"),
        (("AUTH", "signed"), "who may ask", "AUTH=signed needs APP_TOKEN_SECRET"),
        (("PORT", "x"), "configuration", "PORT=x"),
        (("SMTP_URL", "smtp://u:hunter2-hunter2@127.0.0.1:9"), "SMTP", "SMTP_URL is set but MAIL_FROM is not"),
        (("SLACK_WEBHOOK_URL", "http://127.0.0.1:9/hunter2-hunter2"), "Slack", "127.0.0.1: Slack: no connection"),
    ] {
        let meta = [
            ("GRAPH_URL", service.stand_ins.url.as_str()),
            ("META_APP_ID", sandbox::DEFAULT_APP_ID),
            ("META_APP_SECRET", sandbox::DEFAULT_APP_SECRET),
        ];
        let env: Vec<_> = meta.into_iter().chain([env]).collect();
        let said = run_with(service.data(), &env, &["doctor"]).await;
        assert_eq!((said.code, said.marks(about).as_str()), (Some(1), "✗"), "{}", said.out);
        assert!(said.out.contains(says), "{says}: {}", said.out);
        for secret in [secret, "hunter2-hunter2", sandbox::DEFAULT_APP_SECRET, &keyring[6..]] {
            assert!(!said.out.contains(secret) && !said.err.contains(secret), "a secret is told");
        }
    }
}

#[tokio::test]
async fn an_empty_folder_is_no_database_and_is_left_empty() {
    let folder = TempDir::new().expect("a folder");

    let said = run(folder.path(), &["doctor"]).await;

    assert_eq!((said.code, said.marks("database")), (Some(1), "✗".to_owned()), "{}", said.out);
    assert!(said.out.contains("`feedkeeper migrate` makes it"), "{}", said.out);
    assert_eq!((said.marks("keys"), said.marks("queue")), ("-".to_owned(), "-".to_owned()), "{}", said.out);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
