//! Pictures and videos from signed addresses that end, as on Instagram's content network:
//! `/cdn/{kind}/{id}.{ext}?oh={signature}&oe={end in hexadecimal unix seconds}`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::graph::{Params, segments};
use crate::media::Shape;
use crate::picture::Drawing;
use crate::signing::{hex, same};
use crate::state::Shared;

/// How long an address lives at least.
const LIFE_S: i64 = 4 * 86_400;
/// Addresses made in the same stretch are the same, so that browsers keep what they have.
const STRETCH_S: i64 = 6 * 3_600;

/// Three seconds of moving colours, drawn by ffmpeg's `gradients` source; see `assets/README.md`.
static SQUARE_VIDEO: &[u8] = include_bytes!("../assets/square.mp4");
static TALL_VIDEO: &[u8] = include_bytes!("../assets/tall.mp4");

/// Returns the address of a post's picture.
pub(crate) fn picture(shared: &Shared, id: &str, shape: Shape) -> String {
    let kind = match shape {
        Shape::Square => "square",
        Shape::Portrait => "portrait",
        Shape::Wide => "wide",
        Shape::Tall => "tall",
    };
    address(shared, &format!("/cdn/{kind}/{id}.jpg"))
}

/// Returns the address of a post's video.
pub(crate) fn video(shared: &Shared, id: &str, shape: Shape) -> String {
    let kind = if shape == Shape::Tall { "tall" } else { "square" };
    address(shared, &format!("/cdn/{kind}/{id}.mp4"))
}

/// Returns the address of a profile picture.
pub(crate) fn avatar(shared: &Shared, name: &str) -> String {
    address(shared, &format!("/cdn/avatar/{name}.jpg"))
}

/// Returns a profile picture as a `data:` address: the sandbox's own pages make no calls of their own,
/// which would stand among those that tests count.
pub(crate) fn inline_avatar(shared: &Shared, name: &str) -> String {
    let picture = shared.pictures.get(Drawing::Avatar(name.to_owned())).unwrap_or_default();
    format!("data:image/jpeg;base64,{}", STANDARD.encode(picture))
}

fn address(shared: &Shared, path: &str) -> String {
    let now_s = shared.clock.now_s();
    let end_s = now_s - now_s.rem_euclid(STRETCH_S) + STRETCH_S + LIFE_S;
    let oe = format!("{end_s:X}");
    let oh = sign(shared, path, &oe);
    format!("{}{path}?_nc_cat=1&_nc_ht=sandbox&oh={oh}&oe={oe}", shared.base())
}

fn sign(shared: &Shared, path: &str, oe: &str) -> String {
    hex(&shared.key.sign("cdn", format!("{path}?{oe}").as_bytes()))
}

/// Answers a call for a file.
pub(crate) async fn serve(shared: Arc<Shared>, path: &str, query: &str, headers: &HeaderMap) -> Response {
    let params = Params::parse(query, &[]);
    let oe = params.get("oe").unwrap_or_default();
    let oh = params.get("oh").unwrap_or_default();
    if !same(oh.as_bytes(), sign(&shared, path, oe).as_bytes()) {
        return (StatusCode::FORBIDDEN, "Bad URL hash").into_response();
    }
    let end_s = i64::from_str_radix(oe, 16).unwrap_or(0);
    let left_s = end_s - shared.clock.now_s();
    if left_s <= 0 {
        return (StatusCode::FORBIDDEN, "URL signature expired").into_response();
    }
    let cached = format!("max-age={left_s}, no-transform, immutable");
    let parts: Vec<&str> = segments(path).collect();
    let ["cdn", kind, file] = parts[..] else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = match (kind, file.rsplit_once('.')) {
        ("tall", Some((_, "mp4"))) => ranged(TALL_VIDEO, headers),
        (_, Some((_, "mp4"))) => ranged(SQUARE_VIDEO, headers),
        (kind, Some((id, "jpg"))) => match drawing(kind, id) {
            Some(drawing) => drawn(shared, drawing).await,
            None => return StatusCode::NOT_FOUND.into_response(),
        },
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if let Ok(cached) = cached.parse() {
        response.headers_mut().insert(header::CACHE_CONTROL, cached);
    }
    response
}

fn drawing(kind: &str, id: &str) -> Option<Drawing> {
    let id = id.to_owned();
    Some(match kind {
        "avatar" => Drawing::Avatar(id),
        "square" => Drawing::Scene(id, Shape::Square),
        "portrait" => Drawing::Scene(id, Shape::Portrait),
        "wide" => Drawing::Scene(id, Shape::Wide),
        "tall" => Drawing::Scene(id, Shape::Tall),
        _ => return None,
    })
}

async fn drawn(shared: Arc<Shared>, drawing: Drawing) -> Response {
    // Drawing takes the processor for a while, which other calls must not feel.
    let file = tokio::task::spawn_blocking(move || shared.pictures.get(drawing)).await;
    match file {
        Ok(Ok(bytes)) => ([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a picture could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a picture could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Answers with the file or the one range asked for, which players need to seek.
fn ranged(file: &'static [u8], headers: &HeaderMap) -> Response {
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| {
            let end = file.len();
            let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
                (Ok(first), Ok(last)) => (first, last.min(end - 1)),
                (Ok(first), Err(_)) => (first, end - 1),
                (Err(_), Ok(suffix)) => (end.saturating_sub(suffix), end - 1),
                (Err(_), Err(_)) => return None,
            };
            let part = file.get(first..=last).filter(|part| !part.is_empty())?;
            Some((part, format!("bytes {first}-{last}/{end}")))
        });
    let kind = [(header::CONTENT_TYPE, "video/mp4"), (header::ACCEPT_RANGES, "bytes")];
    match range {
        Some((part, place)) => {
            let body = Body::from(Bytes::from_static(part));
            (StatusCode::PARTIAL_CONTENT, kind, [(header::CONTENT_RANGE, place)], body).into_response()
        }
        None => (kind, Bytes::from_static(file)).into_response(),
    }
}
