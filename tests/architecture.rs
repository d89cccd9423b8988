//! Rules of the house that no compiler holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

/// The names under `[dependencies]` of a crate.
fn dependencies(krate: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(krate).join("Cargo.toml")).expect("a manifest");
    let (_, after) = manifest.split_once("[dependencies]").expect("dependencies");
    let section = after.split("\n[").next().unwrap_or_default();
    section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).map(str::to_owned).collect()
}

#[test]
fn crates_use_only_what_the_picture_allows() {
    let ours = ["api", "entities", "migration", "queue", "sandbox", "worker"];
    for (krate, allowed, forbidden) in [
        ("entities", &[][..], &["axum", "redis", "reqwest"][..]),
        ("migration", &[], &["axum", "redis", "reqwest"]),
        ("queue", &[], &["axum", "reqwest"]),
        ("worker", &["queue", "entities"], &["axum"]),
        ("api", &["worker", "queue", "entities"], &["apalis-core", "apalis-redis", "reqwest", "lettre"]),
        ("sandbox", &[], &["sea-orm", "reqwest"]),
    ] {
        let used = dependencies(krate);
        for other in ours.iter().filter(|other| !allowed.contains(other)) {
            assert!(!used.contains(*other), "{krate} must not use {other}");
        }
        for other in forbidden {
            assert!(!used.contains(*other), "{krate} must not use {other}");
        }
    }
}

#[test]
fn apalis_is_named_in_the_queue_alone() {
    for krate in ["api", "entities", "migration", "sandbox", "worker"] {
        for file in files(&root().join(krate).join("src"), "rs") {
            assert!(!fs::read_to_string(&file).expect("text").contains("apalis"), "{}", file.display());
        }
    }
}

#[test]
fn the_door_uses_of_the_work_only_what_can_be_asked_for() {
    for file in files(&root().join("api/src"), "rs") {
        let text = fs::read_to_string(&file).expect("text");
        for (_, after) in text.match_indices("worker::").map(|(at, word)| text.split_at(at + word.len())) {
            let may = ["jobs", "exchange", "feed_body", "reason", "diagnosis", "migrating", "crosspost", "letters"];
            let used = may.iter().any(|module| after.starts_with(module));
            assert!(used, "{} reaches past the jobs", file.display());
        }
    }
}

#[test]
fn one_crypto_provider_and_one_of_each_large_crate() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    let versions = |name: &str| lock.matches(&format!("name = \"{name}\"\n")).count();
    for unwanted in ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys"] {
        assert_eq!(versions(unwanted), 0, "{unwanted}");
    }
    for large in ["axum", "hyper", "ring", "rustls", "sea-orm", "sqlx", "tokio", "tower", "reqwest", "chrono"] {
        assert_eq!(versions(large), 1, "{large}");
    }
}

#[test]
fn every_job_is_a_file_a_name_a_registration_and_a_test() {
    let jobs = root().join("worker/src/jobs");
    let list = fs::read_to_string(jobs.join("mod.rs")).expect("the list");
    for file in files(&jobs, "rs") {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        if name == "mod" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        assert!(text.contains(&format!("const NAME: &'static str = \"{name}\"")), "{name} is named like its file");
        let kind: String = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert!(list.contains(&format!(".register::<{kind}>()")), "{name} is registered");
        assert!(root().join(format!("tests/jobs/{name}.rs")).exists(), "{name} has its tests");
    }
}

#[test]
fn what_a_crate_lists_is_all_of_its_modules() {
    for krate in ["entities", "queue", "worker"] {
        let text = fs::read_to_string(root().join(krate).join("src/lib.rs")).expect("text");
        let list: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let lines: Vec<_> = text.lines().collect();
        for two in lines.windows(2).filter(|two| two[0] != "#[cfg(test)]") {
            let declared = two[1].trim_start_matches("pub ").strip_prefix("mod ");
            let Some(name) = declared.and_then(|rest| rest.strip_suffix(';')) else { continue };
            let is_listed = list.contains(&format!("`{name}`")) || list.contains(&format!("`{name}/`"));
            assert!(is_listed, "{name} is not in the list of {krate}/src/lib.rs");
        }
    }
}

#[test]
fn every_picture_is_in_their_index_and_nothing_else_is() {
    let folder = root().join("docs/pictures");
    let index = fs::read_to_string(folder.join("README.md")).expect("the index");
    let linked = index.split(['(', ')', '"']).map(|link| folder.join(link));
    let linked = linked.filter(|path| path.extension().is_some_and(|extension| extension == "png"));
    assert_eq!(linked.collect::<BTreeSet<_>>(), files(&folder, "png").into_iter().collect());
}

#[test]
fn files_are_small_and_say_their_subject() {
    let ours = ["api", "entities", "migration", "queue", "sandbox", "src", "tests", "worker"];
    for folder in ours {
        for file in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&file).expect("text");
            assert!(text.starts_with("//!"), "{} says its subject", file.display());
            assert!(text.lines().count() <= 300, "{} is one subject", file.display());
        }
    }
}

#[test]
fn tests_neither_sleep_nor_are_skipped() {
    let (sleep, skip) = (concat!("time::", "sleep"), concat!("#[", "ignore"));
    for folder in ["tests", "queue/tests", "sandbox/tests", "migration/tests"] {
        for file in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&file).expect("text");
            assert!(!text.contains(sleep), "{} does not sleep", file.display());
            assert!(!text.contains(skip), "{} skips nothing", file.display());
        }
    }
}
