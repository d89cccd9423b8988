//! What is on the pictures: hills, seas, discs and waves, in palettes that go together.

use super::canvas::{Canvas, Colour, mix};
use crate::media::Seed;

/// Sky above, sky below, sun, far, near.
const PALETTES: [[Colour; 5]; 8] = [
    [[255, 183, 130], [255, 236, 200], [255, 250, 230], [214, 120, 110], [72, 40, 80]],
    [[70, 130, 200], [214, 236, 250], [255, 255, 255], [120, 160, 190], [24, 62, 90]],
    [[30, 30, 80], [110, 70, 140], [250, 220, 180], [70, 60, 120], [14, 14, 44]],
    [[255, 205, 210], [255, 245, 240], [255, 140, 130], [236, 170, 180], [150, 80, 110]],
    [[150, 210, 190], [240, 250, 230], [255, 240, 170], [110, 170, 140], [24, 84, 76]],
    [[250, 210, 90], [255, 245, 210], [240, 110, 70], [220, 160, 70], [110, 70, 40]],
    [[40, 90, 110], [250, 190, 150], [255, 230, 190], [60, 110, 120], [12, 40, 56]],
    [[200, 190, 235], [246, 240, 255], [255, 255, 255], [150, 135, 200], [66, 56, 120]],
];

/// Draws the picture of a post.
pub(super) fn scene(canvas: &mut Canvas, seed: &mut Seed) {
    let palette = seed.pick(&PALETTES).copied().unwrap_or(PALETTES[0]);
    match seed.below(5) {
        0 | 1 => hills(canvas, seed, palette),
        2 => sea(canvas, seed, palette),
        3 => discs(canvas, seed, palette),
        _ => waves(canvas, seed, palette),
    }
}

/// Draws a profile picture.
pub(super) fn avatar(canvas: &mut Canvas, seed: &mut Seed) {
    let [top, bottom, light, far, near] = seed.pick(&PALETTES).copied().unwrap_or(PALETTES[0]);
    let size = canvas.width;
    canvas.gradient(mix(far, top, 1, 2), mix(near, far, 1, 2));
    let ring = seed.between(size / 4, size / 3);
    canvas.disc((size / 2, size / 2), ring, bottom, 230);
    let shift = seed.between(-size / 10, size / 10);
    canvas.disc((size / 2 + shift, size / 2 - shift), ring * 2 / 3, near, 256);
    canvas.disc((size / 2 - shift, size / 2 + shift), ring / 3, light, 240);
}

fn hills(canvas: &mut Canvas, seed: &mut Seed, [top, bottom, light, far, near]: [Colour; 5]) {
    canvas.gradient(top, bottom);
    sun(canvas, seed, light, canvas.height / 2);
    let layers = seed.between(3, 5);
    for layer in 0..layers {
        let base = canvas.height * (9 + layer * 9 / layers) / 20;
        let ridge = Ridge::new(seed, canvas.height / 9);
        let colour = mix(far, near, layer, layers - 1);
        fill_below(canvas, base, &ridge, colour);
    }
}

fn sea(canvas: &mut Canvas, seed: &mut Seed, [top, bottom, light, far, near]: [Colour; 5]) {
    canvas.gradient(top, bottom);
    let horizon = canvas.height * seed.between(50, 62) / 100;
    let place = sun(canvas, seed, light, horizon);
    for y in horizon..canvas.height {
        let depth = y - horizon;
        let water = mix(far, near, depth, canvas.height - horizon);
        canvas.span(y, 0, canvas.width, water, 256);
        // The light's path: broken, wider towards the viewer.
        if seed.once_in(2) {
            let half = canvas.width / 24 + depth / 4 + seed.between(0, canvas.width / 16);
            canvas.span(y, place - half, place + half, light, 110);
        }
    }
}

fn discs(canvas: &mut Canvas, seed: &mut Seed, palette: [Colour; 5]) {
    canvas.gradient(palette[1], mix(palette[1], palette[0], 1, 2));
    for _ in 0..seed.between(6, 11) {
        let place = (seed.between(0, canvas.width), seed.between(0, canvas.height));
        let radius = seed.between(canvas.width / 14, canvas.width / 4);
        let colour = seed.pick(&palette).copied().unwrap_or(palette[2]);
        let strength = seed.between(120, 210);
        canvas.disc(place, radius, colour, strength);
    }
}

fn waves(canvas: &mut Canvas, seed: &mut Seed, [top, bottom, light, far, near]: [Colour; 5]) {
    canvas.gradient(top, top);
    let bands = [bottom, mix(top, far, 1, 2), light, far, mix(far, near, 1, 2), near];
    let mut base = canvas.height / 8;
    for colour in bands {
        let ridge = Ridge::new(seed, canvas.height / 14);
        fill_below(canvas, base, &ridge, colour);
        base += canvas.height * seed.between(10, 17) / 100;
    }
}

/// Draws a sun above the line and returns where it stands.
fn sun(canvas: &mut Canvas, seed: &mut Seed, light: Colour, line: i32) -> i32 {
    let x = seed.between(canvas.width / 5, canvas.width * 4 / 5);
    let y = line - seed.between(canvas.height / 16, canvas.height / 4);
    let radius = seed.between(canvas.width / 16, canvas.width / 9);
    for halo in 1..=3 {
        canvas.disc((x, y), radius + halo * radius / 3, light, 40);
    }
    canvas.disc((x, y), radius, light, 256);
    x
}

/// A line that rises and falls: three parabolic waves on top of each other.
struct Ridge([(i32, i32, i32); 3]);

impl Ridge {
    fn new(seed: &mut Seed, height: i32) -> Self {
        Self([1, 2, 4].map(|octave| {
            let length = seed.between(150, 320) / octave;
            (height / octave, length, seed.between(0, length * 2))
        }))
    }

    fn at(&self, x: i32) -> i32 {
        self.0
            .iter()
            .map(|&(height, length, shift)| {
                let place = (x + shift) % (length * 2);
                let (place, sign) = if place < length { (place, 1) } else { (place - length, -1) };
                sign * height * 4 * place * (length - place) / (length * length).max(1)
            })
            .sum()
    }
}

fn fill_below(canvas: &mut Canvas, base: i32, ridge: &Ridge, colour: Colour) {
    let tops: Vec<i32> = (0..canvas.width).map(|x| base - ridge.at(x)).collect();
    let highest = tops.iter().copied().min().unwrap_or(base);
    let lowest = tops.iter().copied().max().unwrap_or(base);
    for y in highest.max(0)..canvas.height.min(lowest) {
        let mut start = None;
        for (x, top) in (0..).zip(&tops) {
            match (start, *top <= y) {
                (None, true) => start = Some(x),
                (Some(from), false) => {
                    canvas.span(y, from, x, colour, 256);
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(from) = start {
            canvas.span(y, from, canvas.width, colour, 256);
        }
    }
    for y in lowest.max(0)..canvas.height {
        canvas.span(y, 0, canvas.width, colour, 256);
    }
}
