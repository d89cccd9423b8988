//! `/x/2/media/…`: a photo in one call; a video begun, sent in pieces, ended, and asked after until X has looked at it.

use std::fs;

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::call::{Call, Caller};
use super::multipart::Form;
use super::refusal::Refusal;
use super::uploads::{self, LIFE_MS, MediaKind, Upload};

/// The largest piece of a file.
const PIECE: usize = 5 << 20;
/// The last number that a piece can have.
const LAST_PIECE: u32 = 999;
/// What words to a picture cost, in thousandths of a dollar.
const METADATA_COST: i64 = 5;
/// How many letters they may have.
const ALT_TEXT: usize = 1_000;

/// Takes a photo in one call, as a form or as base64 in JSON.
pub(super) fn simple(call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    let (bytes, category) = if call.header(header::CONTENT_TYPE).starts_with("multipart/") {
        let form = Form::read(call)?;
        form.only(&["media", "media_category", "additional_owners"])?;
        (form.bytes("media")?.to_vec(), form.text("media_category").unwrap_or_default())
    } else {
        let mut fields = call.json()?;
        let category = text(&mut fields, "media_category")?;
        let bytes = STANDARD.decode(text(&mut fields, "media")?).unwrap_or_default();
        nothing_else(&fields, &["additional_owners"])?;
        (bytes, category)
    };
    let kind = MediaKind::of_category(&category).filter(|kind| *kind != MediaKind::Video);
    let kind = kind.ok_or_else(|| {
        Refusal::invalid("media_category", &category, "media_category must be tweet_image or tweet_gif in one call")
    })?;
    check_size(bytes.len() as u64, kind)?;
    if let Err(reason) = super::formats::look(&bytes, kind) {
        return Err(Refusal::invalid("media", "", &reason));
    }
    let id = uploads::begin(call.shared, &caller.person, kind, bytes.len() as u64)?;
    uploads::complete(call.shared, &id, kind, &bytes)?;
    told(call, caller, &id)
}

/// Begins an upload in pieces.
pub(super) fn initialize(call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    let mut fields = call.json()?;
    let category = text(&mut fields, "media_category")?;
    let kind = MediaKind::of_category(&category)
        .ok_or_else(|| Refusal::invalid("media_category", &category, "This stand-in takes media for posts alone"))?;
    let media_type = text(&mut fields, "media_type")?;
    let fits = match kind {
        MediaKind::Photo => media_type.starts_with("image/"),
        MediaKind::AnimatedGif => media_type == "image/gif",
        MediaKind::Video => media_type.starts_with("video/"),
    };
    if !fits {
        return Err(Refusal::invalid("media_type", &media_type, "media_type does not fit media_category"));
    }
    let total = fields.remove("total_bytes").unwrap_or_default();
    let bad_total = || Refusal::invalid("total_bytes", &total.to_string(), "total_bytes must be a number from 1");
    let total_bytes = total.as_u64().filter(|total| *total > 0).ok_or_else(bad_total)?;
    nothing_else(&fields, &["shared", "additional_owners"])?;
    check_size(total_bytes, kind)?;
    let id = uploads::begin(call.shared, &caller.person, kind, total_bytes)?;
    let upload = uploads::find(call.shared, &caller.person, &id)?;
    let data = json!({ "id": id, "media_key": upload.media_key(&id), "expires_after_secs": LIFE_MS / 1000 });
    Ok(Json(json!({ "data": data })).into_response())
}

/// Takes a piece, as a form or as base64 in JSON; one that comes again replaces the first.
pub(super) fn append(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    let upload = open(call, caller, id)?;
    let (bytes, index) = if call.header(header::CONTENT_TYPE).starts_with("multipart/") {
        let form = Form::read(call)?;
        form.only(&["media", "segment_index"])?;
        (form.bytes("media")?.to_vec(), form.text("segment_index").unwrap_or_default())
    } else {
        let mut fields = call.json()?;
        let index = fields.remove("segment_index").unwrap_or_default().to_string();
        let bytes = STANDARD.decode(text(&mut fields, "media")?).unwrap_or_default();
        nothing_else(&fields, &[])?;
        (bytes, index)
    };
    let number = index.parse().ok().filter(|number| *number <= LAST_PIECE);
    let number =
        number.ok_or_else(|| Refusal::invalid("segment_index", &index, "segment_index must be from 0 to 999"))?;
    if bytes.is_empty() || bytes.len() > PIECE {
        return Err(Refusal::invalid("media", "", "a piece must have from 1 byte to 5 MB"));
    }
    fs::write(call.shared.x.piece(id, number), bytes).map_err(anyhow::Error::from)?;
    uploads::change(call.shared, id, |upload| {
        if !upload.pieces.contains(&number) {
            upload.pieces.push(number);
        }
    })?;
    Ok(Json(json!({ "data": { "expires_at": (upload.begun_ms + LIFE_MS) / 1000 } })).into_response())
}

/// Puts the pieces together, and begins to look at what they are.
pub(super) fn finalize(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    let mut upload = open(call, caller, id)?;
    upload.pieces.sort_unstable();
    let mut bytes = Vec::new();
    for (expected, number) in (0..).zip(&upload.pieces) {
        if expected != *number {
            return Err(Refusal::invalid("id", id, &format!("Segments do not add up: {expected} is missing")));
        }
        bytes.extend(fs::read(call.shared.x.piece(id, *number)).map_err(anyhow::Error::from)?);
    }
    if bytes.len() as u64 != upload.total_bytes {
        let message = format!("Segments do not add up to provided total file size: {} bytes came", bytes.len());
        return Err(Refusal::invalid("id", id, &message));
    }
    uploads::complete(call.shared, id, upload.kind, &bytes)?;
    for number in upload.pieces {
        fs::remove_file(call.shared.x.piece(id, number)).ok();
    }
    told(call, caller, id)
}

/// Tells how far X is with it.
pub(super) fn status(call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    if let Some(command) = call.query.get("command").filter(|command| *command != "STATUS") {
        return Err(Refusal::invalid("command", command, "command must be STATUS"));
    }
    told(call, caller, call.query.get("media_id").unwrap_or_default())
}

/// Keeps what a picture shows, in words.
pub(super) fn metadata(call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["media.write"])?;
    let mut fields = call.json()?;
    let id = text(&mut fields, "id")?;
    let metadata = fields.remove("metadata").unwrap_or_default();
    nothing_else(&fields, &[])?;
    uploads::find(call.shared, &caller.person, &id)?;
    let alt_text = metadata["alt_text"]["text"].as_str().unwrap_or_default();
    if alt_text.is_empty() || alt_text.chars().count() > ALT_TEXT {
        return Err(Refusal::invalid(
            "metadata.alt_text.text",
            alt_text,
            "the text must have from 1 to 1000 characters",
        ));
    }
    if !call.shared.x.saved.update(|saved| saved.pay(METADATA_COST))? {
        return Err(Refusal::no_credits());
    }
    uploads::change(call.shared, &id, |upload| upload.alt_text = Some(alt_text.to_owned()))?;
    Ok(Json(json!({ "data": { "id": id, "associated_metadata": metadata } })).into_response())
}

/// An upload that still takes pieces.
fn open(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Upload, Refusal> {
    let upload = uploads::find(call.shared, &caller.person, id)?;
    match upload.file {
        None => Ok(upload),
        Some(_) => Err(Refusal::invalid("id", id, "The upload has been finalized already")),
    }
}

fn told(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    let upload = uploads::find(call.shared, &caller.person, id)?;
    let now_ms = call.shared.clock.now_ms();
    let mut data = json!({ "id": id, "media_key": upload.media_key(id), "expires_after_secs": upload.left_s(now_ms) });
    if let Some(file) = &upload.file {
        data["size"] = file.size.into();
        if upload.kind != MediaKind::Photo {
            data["processing_info"] = match (file.ready_ms - now_ms, &file.refused) {
                (1_001.., _) => json!({ "state": "pending", "check_after_secs": 1 }),
                (1..=1_000, _) => json!({ "state": "in_progress", "check_after_secs": 1, "progress_percent": 50 }),
                (_, None) => json!({ "state": "succeeded", "progress_percent": 100 }),
                (_, Some(reason)) => {
                    json!({ "state": "failed", "error": { "code": 1, "name": "InvalidMedia", "message": reason } })
                }
            };
        }
    }
    Ok(Json(json!({ "data": data })).into_response())
}

fn check_size(bytes: u64, kind: MediaKind) -> Result<(), Refusal> {
    let most = kind.most_bytes();
    if bytes <= most {
        return Ok(());
    }
    let message = format!("File size exceeds {most} bytes");
    Err(Refusal::invalid("total_bytes", &bytes.to_string(), &message))
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match fields.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Refusal::invalid(name, "", &format!("{name} is required, as a text"))),
    }
}

fn nothing_else(fields: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Refusal::invalid(name, "", "no additional properties are allowed")),
    }
}
