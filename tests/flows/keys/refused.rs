//! A start without the right key.

use std::fs;

use super::{key, run};
use crate::harness::Service;

#[tokio::test]
async fn without_the_right_key_it_says_so_and_does_not_start() {
    let mut service = Service::start().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    service.kill().await;
    let folder = service.folder.path().to_owned();
    let file = folder.join("keyring");
    let right = fs::read_to_string(&file).expect("the ring that dev made");
    let (other, same_id) = (key(&folder, "other").await, key(&folder, "dev").await);
    let refused = async |keyring: Option<&str>, says: &str| {
        let env: Vec<_> = keyring.into_iter().map(|keyring| ("KEYRING", keyring)).collect();
        let said = run(&folder, &env, &["dev"]).await;
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{says}: {}", said.err);
        assert!(said.err.contains(says), "{says}: {}", said.err);
        for secret in [&right, &other, &same_id].map(|line| line.trim().split_once(':').expect("a key").1) {
            assert!(!said.err.contains(secret), "a key is told");
        }
    };

    refused(Some(&other), "sealed under key \"dev\", which KEYRING does not hold: put it back behind").await;
    refused(Some(&same_id), "key \"dev\" in KEYRING does not open what the database holds").await;
    refused(Some("dev"), "KEYRING entry 1 is not `id:base64-of-32-bytes`").await;
    fs::write(&file, format!("{other}\ndev:{}", &right[4..20])).expect("a corrupt ring");
    refused(None, "keyring: KEYRING entry 2 is not").await;
    fs::write(&file, "").expect("an empty ring");
    refused(None, "keyring: KEYRING is empty").await;
    fs::remove_file(&file).expect("no ring");
    refused(None, "the database holds secrets sealed under key \"dev\": put it back").await;
    let rings = fs::read_dir(&folder).expect("a folder").filter_map(Result::ok);
    assert!(!rings.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("keyring")), "none is made");
    for action in ["rotate", "verify"] {
        let said = run(&folder, &[], &["keys", action]).await;
        assert_eq!((said.code, said.err.contains("there is no key ring")), (Some(1), true), "{}", said.err);
    }

    let said = run(&folder, &[("KEYRING", &same_id)], &["keys", "rotate"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    assert!(said.err.contains("key \"dev\" does not open what somebody has sealed under that id"), "{}", said.err);

    fs::write(&file, &right).expect("put back");
    service.restart().await;
    assert_eq!(run(&folder, &[], &["keys", "verify"]).await.code, Some(0));
}

#[tokio::test]
async fn in_a_folder_without_a_database_none_is_made() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let elsewhere = format!("sqlite://{}", folder.path().join("no.db").display());
    for args in [&["api-keys", "list"][..], &["api-keys", "create", "x"], &["keys", "verify"], &["migrate", "status"]] {
        for env in [&[][..], &[("DATABASE_URL", elsewhere.as_str())]] {
            let said = run(folder.path(), env, args).await;
            assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{args:?}: {}", said.err);
            assert!(said.err.contains("there is no database "), "{args:?}: {}", said.err);
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);

    assert_eq!(run(folder.path(), &[], &["migrate"]).await.code, Some(0));
    assert_eq!(run(folder.path(), &[], &["migrate", "status"]).await.code, Some(0));
}
