//! Bringing the files of a media to X: they are fetched, and handed over. Nothing of it is seen until it is posted, so that
//! it may be done again.

use std::time::Duration;

use entities::StringList;

use super::files::{Files, Skip};
use super::seen::Item;
use crate::Context;
use crate::download::{self, Limits};
use crate::x::{self, Processing};
use crate::x_accounts::Granted;

/// What X takes of a picture.
const PICTURE: Limits = Limits { bytes: 5 * 1024 * 1024, time: Duration::from_secs(30) };
/// What we take of a video, which is held in memory: X takes four times as much, Instagram's are a tenth.
const VIDEO: Limits = Limits { bytes: 128 * 1024 * 1024, time: Duration::from_mins(2) };

/// Why files are not at X.
#[derive(Debug)]
pub(super) enum Stop {
    /// The media cannot be posted, whenever it is tried.
    Skipped(Skip, String),
    /// X does not do it, and why.
    X(x::Error),
    /// A file could not be had, for now.
    Download(download::Error),
}

impl From<x::Error> for Stop {
    fn from(error: x::Error) -> Self {
        Self::X(error)
    }
}

impl From<download::Error> for Stop {
    fn from(error: download::Error) -> Self {
        match error {
            download::Error::TooLarge { .. } => Self::Skipped(Skip::TooLarge, error.to_string()),
            error => Self::Download(error),
        }
    }
}

/// Hands a media's files over, and returns X's ids of them, and whether X has still to look at one.
pub(super) async fn hand_over(
    ctx: &Context,
    granted: &Granted,
    (item, alt_text): (&Item, Option<&str>),
) -> Result<(StringList, Processing), Stop> {
    let files = item.files().map_err(|skip| Stop::Skipped(skip, String::new()))?;
    let (x, token) = (&granted.x, &granted.token);
    let mut ids = Vec::new();
    match files {
        Files::Pictures(addresses) => {
            for address in addresses {
                let file = ctx.download.get_within(address, PICTURE).await?;
                let id = x.upload_picture(token, &file.bytes).await.map_err(refused)?;
                if let Some(alt_text) = alt_text {
                    describe(granted, &id, alt_text).await?;
                }
                ids.push(id);
            }
        }
        Files::Video(address) => {
            let file = ctx.download.get_within(address, VIDEO).await?;
            let (id, processing) = x.upload_video(token, &file.bytes).await.map_err(refused)?;
            return Ok(([id].into_iter().collect(), processing));
        }
    }
    Ok((ids.into_iter().collect(), Processing::Ready))
}

/// Says in words what a picture shows. Where X does not take that, the picture goes without.
async fn describe(granted: &Granted, id: &str, alt_text: &str) -> Result<(), x::Error> {
    match granted.x.describe(&granted.token, id, alt_text).await {
        Err(error @ (x::Error::Rejected(_) | x::Error::NotFound(_) | x::Error::Forbidden(_))) => {
            tracing::warn!(%error, "X does not take what a picture shows in words");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Asks whether X has looked at files that it was handed.
pub(super) async fn look(granted: &Granted, ids: &StringList) -> Result<Processing, Stop> {
    for id in &ids.0 {
        match granted.x.upload_status(&granted.token, id).await? {
            Processing::Ready => {}
            other => return Ok(other),
        }
    }
    Ok(Processing::Ready)
}

/// What X does not take as a file is the file's fault.
fn refused(error: x::Error) -> Stop {
    match error {
        x::Error::Rejected(details) => Stop::Skipped(Skip::FileRefused, details.to_string()),
        error => Stop::X(error),
    }
}
