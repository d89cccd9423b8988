//! Handing files to X before they are posted: a picture in one call; a video begun, sent in pieces, ended, and asked after
//! until X has looked at it.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::call::{Body, Call, Proof, checked_id};
use super::{Answer, Error, X};

/// How large a piece of a video is: X takes up to 5 MB, and 1000 of them.
const PIECE: usize = 4 * 1024 * 1024;
/// A picture or a piece, over a slow line.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long X is given before it is asked again, where it does not say.
const LOOKS_FOR: Duration = Duration::from_secs(2);
/// The longest alternative text that X takes, in characters.
const LONGEST_ALT_TEXT: usize = 1_000;

/// What X does with a file that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processing {
    /// It can be posted.
    Ready,
    /// X looks at it; it is asked again after so long.
    Wait(Duration),
    /// X does not take it, and why.
    Refused(String),
}

#[derive(Deserialize)]
struct Told {
    data: Upload,
}

#[derive(Deserialize)]
struct Upload {
    id: String,
    processing_info: Option<Info>,
}

#[derive(Deserialize)]
struct Info {
    state: String,
    check_after_secs: Option<u64>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    message: Option<String>,
}

impl X {
    /// Hands over a picture, and returns X's id of it.
    pub(crate) async fn upload_picture(&self, token: &SecretString, bytes: &[u8]) -> Result<String, Error> {
        let body = form(&[("media_category", b"tweet_image"), ("media", bytes)]);
        let call = Call::post("upload_picture", &["media", "upload"], Proof::Token(token), body);
        let answer = self.send(Call { timeout: Some(TIMEOUT), ..call }).await?;
        Ok(read(&answer)?.id)
    }

    /// Hands over a video, and returns X's id of it: it is not looked at yet.
    pub(crate) async fn upload_video(&self, token: &SecretString, bytes: &[u8]) -> Result<(String, Processing), Error> {
        let begun = json!({"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": bytes.len()});
        let path = ["media", "upload", "initialize"];
        let call = Call::post("begin_upload", &path, Proof::Token(token), Body::Json(begun));
        let id = read(&self.send(call).await?)?.id;
        for (index, piece) in bytes.chunks(PIECE).enumerate() {
            let body = form(&[("segment_index", index.to_string().as_bytes()), ("media", piece)]);
            let path = ["media", "upload", &id, "append"];
            let call = Call::post("upload_piece", &path, Proof::Token(token), body);
            self.send(Call { timeout: Some(TIMEOUT), ..call }).await?;
        }
        let path = ["media", "upload", &id, "finalize"];
        let call = Call::post("end_upload", &path, Proof::Token(token), Body::None);
        let ended = read(&self.send(Call { timeout: Some(TIMEOUT), ..call }).await?)?;
        let processing = ended.processing();
        Ok((id, processing))
    }

    /// Asks how far X is with a file.
    pub(crate) async fn upload_status(&self, token: &SecretString, id: &str) -> Result<Processing, Error> {
        let query = vec![("media_id", id.to_owned()), ("command", "STATUS".to_owned())];
        let answer = self.send(Call { query, ..Call::get("upload_status", &["media", "upload"], token) }).await?;
        Ok(read(&answer)?.processing())
    }

    /// Says in words what a file shows.
    pub(crate) async fn describe(&self, token: &SecretString, id: &str, alt_text: &str) -> Result<(), Error> {
        let text: String = alt_text.chars().take(LONGEST_ALT_TEXT).collect();
        let body = Body::Json(json!({"id": id, "metadata": {"alt_text": {"text": text}}}));
        self.send(Call::post("describe", &["media", "metadata"], Proof::Token(token), body)).await?;
        Ok(())
    }
}

impl Upload {
    fn processing(&self) -> Processing {
        let Some(info) = &self.processing_info else { return Processing::Ready };
        match info.state.as_str() {
            "succeeded" => Processing::Ready,
            "failed" => {
                let said = info.error.as_ref().and_then(|error| error.message.clone());
                Processing::Refused(said.unwrap_or_else(|| "X does not say why".to_owned()))
            }
            _ => Processing::Wait(info.check_after_secs.map_or(LOOKS_FOR, Duration::from_secs).min(TIMEOUT)),
        }
    }
}

/// Reads what is told of an upload; its id becomes a part of addresses.
fn read(answer: &Answer) -> Result<Upload, Error> {
    let told: Told = answer.parse()?;
    match checked_id("upload", &told.data.id) {
        Ok(_) => Ok(told.data),
        Err(_) => Err(answer.malformed("the upload has no id")),
    }
}

/// Writes a form with files. What parts the fields is in no file, but by a chance of one in 2 to the power of 128.
fn form(fields: &[(&str, &[u8])]) -> Body {
    let boundary = entities::new_id();
    let mut bytes = Vec::new();
    for (name, value) in fields {
        let file = if *name == "media" { "; filename=\"media\"\r\nContent-Type: application/octet-stream" } else { "" };
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Body::Bytes { content_type: format!("multipart/form-data; boundary={boundary}"), bytes }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Processing, Told};

    #[test]
    fn how_far_x_is_says_what_to_do() {
        for (info, processing) in [
            (Value::Null, Processing::Ready),
            (json!({"state": "succeeded"}), Processing::Ready),
            (json!({"state": "pending", "check_after_secs": 1}), Processing::Wait(Duration::from_secs(1))),
            (json!({"state": "in_progress"}), Processing::Wait(Duration::from_secs(2))),
            (json!({"state": "failed", "error": {"message": "too long"}}), Processing::Refused("too long".into())),
            (json!({"state": "failed"}), Processing::Refused("X does not say why".into())),
        ] {
            let told: Told =
                serde_json::from_value(json!({"data": {"id": "1", "processing_info": info}})).expect("told");
            assert_eq!(told.data.processing(), processing, "{info}");
        }
    }
}
