//! A canvas of RGB pixels, in whole numbers: rows of one colour, spans, discs.
//! Everything that lies outside is left out.

/// A colour.
pub(super) type Colour = [u8; 3];

/// A picture in the making.
#[derive(Debug)]
pub(super) struct Canvas {
    /// In pixels.
    pub(super) width: i32,
    /// In pixels.
    pub(super) height: i32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// Returns a black canvas.
    pub(super) fn new(width: u16, height: u16) -> Self {
        Self {
            width: i32::from(width),
            height: i32::from(height),
            pixels: vec![0; usize::from(width) * usize::from(height) * 3],
        }
    }

    /// Returns the pixels, row by row.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.pixels
    }

    /// Fills the canvas from the top colour to the bottom colour.
    pub(super) fn gradient(&mut self, top: Colour, bottom: Colour) {
        for y in 0..self.height {
            let colour = mix(top, bottom, y, self.height);
            self.span(y, 0, self.width, colour, 256);
        }
    }

    /// Blends a colour over part of a row; `strength` is out of 256.
    pub(super) fn span(&mut self, y: i32, from_x: i32, to_x: i32, colour: Colour, strength: i32) {
        let from_x = from_x.clamp(0, self.width);
        let to_x = to_x.clamp(from_x, self.width);
        if !(0..self.height).contains(&y) {
            return;
        }
        let start = index(y * self.width + from_x);
        let end = index(y * self.width + to_x);
        let Some(row) = self.pixels.get_mut(start..end) else {
            return;
        };
        for pixel in row.chunks_exact_mut(3) {
            if strength >= 256 {
                pixel.copy_from_slice(&colour);
            } else {
                for (old, new) in pixel.iter_mut().zip(colour) {
                    *old = blend(*old, new, strength, 256);
                }
            }
        }
    }

    /// Blends a disc over the canvas, with a soft edge of one pixel.
    pub(super) fn disc(&mut self, (cx, cy): (i32, i32), radius: i32, colour: Colour, strength: i32) {
        for y in cy - radius..=cy + radius {
            let half = (radius * radius - (y - cy) * (y - cy)).max(0).isqrt();
            self.span(y, cx - half, cx + half, colour, strength);
            self.span(y, cx - half - 1, cx - half, colour, strength / 2);
            self.span(y, cx + half, cx + half + 1, colour, strength / 2);
        }
    }
}

/// Returns the colour `part` of `whole` on the way between two.
pub(super) fn mix(from: Colour, to: Colour, part: i32, whole: i32) -> Colour {
    [blend(from[0], to[0], part, whole), blend(from[1], to[1], part, whole), blend(from[2], to[2], part, whole)]
}

fn blend(from: u8, to: u8, part: i32, whole: i32) -> u8 {
    let (from, to) = (i32::from(from), i32::from(to));
    let value = from + (to - from) * part / whole.max(1);
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

fn index(pixel: i32) -> usize {
    usize::try_from(pixel).unwrap_or(0) * 3
}
