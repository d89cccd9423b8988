//! `GET /openapi.json`, and that it is true: the harness holds every other test's answers to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::World;
use crate::harness::contract::{document, fits};

const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "options"];

/// Every operation, such as `get /healthz`.
pub(super) fn operations() -> Vec<(String, &'static Value)> {
    let paths = document()["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let of = |method: &&str| Some((format!("{method} {path}"), item.get(*method)?));
            METHODS.iter().filter_map(of).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_one_of_the_code() {
    let renewed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json"));
    if committed.ok().as_deref() != Some(api::openapi_json()) {
        fs::write(&renewed, api::openapi_json()).expect("written");
        panic!("the routes are told otherwise now; if that is meant: cp {} docs/openapi.json", renewed.display());
    }
}

#[tokio::test]
async fn it_is_served_to_everybody_and_kept_by_its_tag() {
    let world = World::start().await;
    let url = format!("{}/openapi.json", world.url);

    let first = world.http.get(&url).await;
    let again = world.http.send(Method::GET, &url, &[("if-none-match", first.header("etag"))], None).await;

    assert_eq!((first.status, first.text.as_str()), (200, api::openapi_json()));
    assert_eq!(first.header("access-control-allow-origin"), "*");
    assert!(first.header("cache-control").starts_with("public, max-age="));
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}

#[test]
fn every_operation_has_its_name_its_proof_and_its_answers() {
    let mut names = BTreeSet::new();
    for (at, operation) in operations() {
        let name = operation["operationId"].as_str().expect("a name");
        assert!(names.insert(name), "{name} is one operation");
        assert!(operation["security"].as_array().is_some_and(|proofs| !proofs.is_empty()), "{at} says who may ask");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{at} says what it does");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at} has its subject");
        let answers = operation["responses"].as_object().expect("answers");
        assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{at} can succeed");
        let wants_proof = operation["security"].as_array().expect("proofs").iter().any(|proof| *proof != json!({}));
        // Meta proves itself by what stands in the body, for which the document has no word.
        let wants_proof = wants_proof || at.starts_with("post /meta/");
        assert_eq!(answers.contains_key("401"), wants_proof, "{at} refuses who brings no proof");
        for parameter in operation["parameters"].as_array().map_or(&[][..], Vec::as_slice) {
            assert!(parameter["description"].is_string(), "{at}: {}", parameter["name"]);
        }
    }
}

#[test]
fn every_problem_is_shown_by_an_example_of_its_own_shape() {
    for (at, operation) in operations() {
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            let media = &answer["content"]["application/problem+json"];
            let is_failure = status.starts_with(['4', '5']) && at != "get /readyz";
            assert_eq!(media.is_object(), is_failure, "{at} {status}");
            for (code, example) in media["examples"].as_object().into_iter().flatten() {
                let problem = &example["value"];
                assert_eq!(fits(&media["schema"], problem, "it"), Ok(()), "{at}");
                assert_eq!(problem["code"], *code, "{at}");
                assert_eq!(problem["status"].to_string(), *status, "{at}");
            }
        }
    }
}

#[test]
fn only_what_our_own_pages_need_is_left_out() {
    let list = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("api/src/lib.rs")).expect("the list");
    let undocumented: Vec<_> = list.split(".route(\"").skip(1).filter_map(|after| after.split('"').next()).collect();
    assert_eq!(undocumented, ["/", "/moving", "/assets/{file}"]);
    for way in [".route_service(", ".nest(", ".nest_service(", ".merge("] {
        assert!(!list.contains(way), "{way} leads past the document");
    }
}

#[test]
fn the_judge_sees_a_field_too_many_too_few_or_of_another_kind() {
    let schema = json!({"$ref": "#/components/schemas/Freshness"});
    let good = json!({"state": "fresh", "fetched_at": "2026-11-20T10:00:00Z", "next_try_at": null, "reason": null});
    assert_eq!(fits(&schema, &good, "it"), Ok(()));
    for (field, value) in [
        ("state", json!("new")),
        ("state", Value::Null),
        ("fetched_at", json!("2026-11-20T10:00:00+00:00")),
        ("reason", json!("tired")),
        ("next", Value::Null),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(fits(&schema, &bad, "it").is_err(), "{bad}");
    }
    let mut short = good;
    short.as_object_mut().expect("an object").remove("reason");
    assert!(fits(&schema, &short, "it").is_err());
}

#[test]
fn the_judge_sees_what_has_another_form_or_size() {
    for (schema, good, bad) in [
        (json!({"type": "string", "pattern": "^[0-9a-f]{4}$"}), json!("09af"), json!("09ag")),
        (json!({"type": "string", "pattern": "^[0-9]{1,3}$"}), json!("123"), json!("1234")),
        (json!({"type": "string", "minLength": 1, "maxLength": 2}), json!("éé"), json!("")),
        (json!({"type": "integer", "minimum": 400, "maximum": 599}), json!(400), json!(600)),
        (json!({"type": "integer"}), json!(1), json!(1.5)),
        (json!({"oneOf": [{"type": "string"}, {"type": "null"}]}), json!("a"), json!(1)),
        (json!({"type": "array", "maxItems": 1, "items": {"type": "null"}}), json!([null]), json!([null, null])),
    ] {
        assert_eq!(fits(&schema, &good, "it"), Ok(()));
        assert!(fits(&schema, &bad, "it").is_err(), "{schema}: {bad}");
    }
    let both = json!({"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]});
    assert!(fits(&both, &json!("abc"), "it").is_err(), "one of them, not both");
    for unknown in [json!({"type": "string", "multipleOf": 2}), json!({"type": "string", "format": "ipv9"})] {
        assert!(fits(&unknown, &json!("x"), "it").is_err(), "{unknown}");
    }
}
