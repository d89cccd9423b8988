//! The pictures of the sandbox: drawn from a seed, so that a post looks the same at every start.

mod canvas;
mod scenes;

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use jpeg_encoder::{ColorType, Encoder};

use crate::durable::hold;
use crate::media::{Seed, Shape};
use canvas::Canvas;

/// How many drawn pictures are kept in memory; all are a few dozen kilobytes.
const KEPT: usize = 400;
const QUALITY: u8 = 82;
const AVATAR_SIZE: u16 = 150;

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Drawing {
    /// The profile picture of a name.
    Avatar(String),
    /// The picture of a post.
    Scene(String, Shape),
}

/// The pictures drawn so far.
#[derive(Debug, Default)]
pub(crate) struct Pictures(Mutex<HashMap<Drawing, Bytes>>);

impl Pictures {
    /// Returns a picture as JPEG, drawing it at the first time.
    pub(crate) fn get(&self, drawing: Drawing) -> anyhow::Result<Bytes> {
        if let Some(file) = hold(&self.0).get(&drawing) {
            return Ok(file.clone());
        }
        let (canvas, width, height) = match &drawing {
            Drawing::Avatar(name) => {
                let mut seed = Seed::of(&format!("avatar of {name}"));
                let mut canvas = Canvas::new(AVATAR_SIZE, AVATAR_SIZE);
                scenes::avatar(&mut canvas, &mut seed);
                (canvas, AVATAR_SIZE, AVATAR_SIZE)
            }
            Drawing::Scene(id, shape) => {
                let (width, height) = shape.size();
                let mut canvas = Canvas::new(width, height);
                scenes::scene(&mut canvas, &mut Seed::of(&format!("picture of {id}")));
                (canvas, width, height)
            }
        };
        let mut file = Vec::new();
        Encoder::new(&mut file, QUALITY).encode(canvas.bytes(), width, height, ColorType::Rgb)?;
        let file = Bytes::from(file);
        let mut kept = hold(&self.0);
        if kept.len() >= KEPT {
            // Drawing again is cheap; remembering which one was least used is not worth its code.
            kept.clear();
        }
        kept.insert(drawing, file.clone());
        Ok(file)
    }
}
