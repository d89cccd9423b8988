//! `/x/{username}`: the page of an account, with its posts and their pictures; `/x/media/{id}`: those. No calls of an app.

use std::fmt::Write;
use std::fs;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::people;
use super::posts::Post;
use super::uploads::{Attached, MediaKind};
use crate::cdn;
use crate::html::{escape, page};
use crate::state::Shared;

/// How many posts the page shows, newest first.
const SHOWN: usize = 50;

/// Shows an account's posts.
pub(crate) async fn show(State(shared): State<Arc<Shared>>, Path(username): Path<String>) -> Response {
    let Some(person) = people::by_username(&username) else {
        let reason = page("X", "<main><h1>This account doesn\u{2019}t exist</h1></main>");
        return (StatusCode::NOT_FOUND, Html(reason)).into_response();
    };
    let title = format!("{} (@{}) / X", person.name, person.username);
    let mut body = format!(
        "<main class=\"dialog\"><header><img src=\"{}\" alt=\"\" width=\"56\" height=\"56\">\
         <div><h1>{}</h1><small>@{}</small></div></header>\
         <p class=\"note\">This is the sandbox's stand-in for X.</p>",
        cdn::inline_avatar(&shared, &person.username),
        escape(&person.name),
        person.username
    );
    let mut posts = shared.x.visible();
    posts.retain(|post| post.user == person.user);
    if posts.is_empty() {
        body.push_str("<p data-empty>No posts yet.</p>");
    }
    for post in posts.iter().rev().take(SHOWN) {
        write_post(&mut body, post);
    }
    body.push_str("</main>");
    ([(header::CACHE_CONTROL, "no-store")], Html(page(&title, &body))).into_response()
}

fn write_post(body: &mut String, post: &Post) {
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<article class=\"post\" id=\"{}\" data-post=\"{}\"><p>{}</p><div class=\"media\">",
        post.id,
        post.id,
        escape(&post.text)
    );
    for media in &post.media {
        write_media(body, media);
    }
    let _ = write!(body, "</div><small><time>{}</time></small></article>", escape(&post.at));
}

fn write_media(body: &mut String, media: &Attached) {
    let (url, alt) = (&media.url, escape(media.alt_text.as_deref().unwrap_or_default()));
    let _ = match media.kind {
        MediaKind::Video => write!(body, "<video src=\"{url}\" controls muted></video>"),
        MediaKind::Photo | MediaKind::AnimatedGif => write!(body, "<img src=\"{url}\" alt=\"{alt}\">"),
    };
}

/// Sends a file that a post shows.
pub(crate) async fn media(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let shown = shared.x.visible().into_iter().flat_map(|post| post.media).find(|media| media.id == id);
    let file = shown.and_then(|media| Some((media.content_type, fs::read(shared.x.file(&media.id)).ok()?)));
    match file {
        Some((content_type, bytes)) => ([(header::CONTENT_TYPE, content_type)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
