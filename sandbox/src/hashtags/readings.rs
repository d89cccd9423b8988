//! The lists that are being paged through. Meta gives one cursor for all pages of a hashtag's list:
//! it is the same on every page and yet leads on, so the place is kept here, in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::durable::hold;
use crate::media::Media;
use crate::signing::random;

/// How many lists can be under way; the oldest is forgotten first.
const KEPT: usize = 500;
/// What every cursor begins with, so that it looks like Meta's.
const CURSOR_PREFIX: &str = "NTAy";

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The cursor of this page and of all others.
    pub(crate) cursor: String,
    /// What stands on it.
    pub(crate) media: Vec<Arc<Media>>,
    /// Whether more follow.
    pub(crate) has_next: bool,
}

#[derive(Debug)]
struct Reading {
    cursor: String,
    /// Whose list it is: a cursor serves no other.
    list: String,
    rest: VecDeque<Arc<Media>>,
}

/// All lists under way.
#[derive(Debug, Default)]
pub(crate) struct Readings(Mutex<VecDeque<Reading>>);

impl Readings {
    /// Begins a list, as it is now, and returns its first page.
    pub(crate) fn begin(&self, list: String, media: Vec<Arc<Media>>, limit: usize) -> anyhow::Result<Turn> {
        let cursor = format!("{CURSOR_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<15>()?));
        let mut reading = Reading { cursor, list, rest: media.into() };
        let turn = reading.turn(limit);
        let mut readings = hold(&self.0);
        if readings.len() >= KEPT {
            readings.pop_front();
        }
        readings.push_back(reading);
        Ok(turn)
    }

    /// Returns the page that follows the last one given; none if the cursor is not of this list.
    pub(crate) fn next(&self, list: &str, cursor: &str, limit: usize) -> Option<Turn> {
        let mut readings = hold(&self.0);
        let reading = readings.iter_mut().find(|reading| reading.cursor == cursor && reading.list == list)?;
        Some(reading.turn(limit))
    }
}

impl Reading {
    fn turn(&mut self, limit: usize) -> Turn {
        let media = self.rest.drain(..limit.min(self.rest.len())).collect();
        Turn { cursor: self.cursor.clone(), media, has_next: !self.rest.is_empty() }
    }
}
