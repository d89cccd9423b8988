//! The plot of a day: what share of the feeds was at most how old.

use std::fmt::Write;

use super::{Outcome, Report};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
/// Left, top, right, bottom.
const MARGINS: [f64; 4] = [60.0, 40.0, 220.0, 50.0];
/// The ages that are marked, in minutes.
const MARKS: [(f64, &str); 7] =
    [(5.0, "5 min"), (10.0, "10"), (30.0, "30"), (60.0, "1 h"), (180.0, "3 h"), (360.0, "6 h"), (1_440.0, "24 h")];
const COLOURS: [&str; 4] = ["#1f6feb", "#2da44e", "#bf8700", "#cf222e"];
const YOUNGEST: f64 = 3.0;
const OLDEST: f64 = 1_440.0;

impl Report {
    /// Draws it, as SVG: a line for each allowance, the poller's dashed.
    pub(crate) fn plot(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"{}\" y=\"24\" font-size=\"15\">Share of feeds at most so old, by the calls a day of their account</text>\n",
            MARGINS[0]
        );
        for (age, name) in MARKS {
            let (x, top, bottom) = (x(age), y(1.0), y(0.0));
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
                 text-anchor=\"middle\">{name}</text>",
                bottom + 18.0
            );
        }
        for percent in [0, 25, 50, 75, 100] {
            let at = y(f64::from(percent) / 100.0);
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{percent} %</text>",
                x(YOUNGEST),
                x(OLDEST),
                x(YOUNGEST) - 6.0,
                at + 4.0
            );
        }
        for (allowance, colour) in COLOURS.iter().enumerate() {
            for (side, name, dash, row) in [(&self.ours, "Feedkeeper", "", 0.0), (&self.naive, "poller", "5 4", 0.5)] {
                self.line(&mut svg, side, allowance, (colour, dash));
                let top = MARGINS[1] + 20.0 + 46.0 * (f64::from(u8::try_from(allowance).unwrap_or(0)) + row);
                let left = WIDTH - MARGINS[2] + 16.0;
                let _ = writeln!(
                    svg,
                    "<path d=\"M{left} {top}h28\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>\
                     <text x=\"{}\" y=\"{}\">{} a day, {name}</text>",
                    left + 34.0,
                    top + 4.0,
                    self.size.allowances[allowance]
                );
            }
        }
        svg.push_str("</svg>\n");
        svg
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of a day")]
    fn line(&self, svg: &mut String, side: &Outcome, allowance: usize, (colour, dash): (&str, &str)) {
        let ages = self.ages(side, self.has(allowance));
        let mut path = String::new();
        for step in 0..=120_u8 {
            let age = YOUNGEST * (OLDEST / YOUNGEST).powf(f64::from(step) / 120.0);
            let share = ages.partition_point(|other| *other <= age) as f64 / ages.len().max(1) as f64;
            let _ = write!(path, "{}{:.1} {:.1}", if step == 0 { 'M' } else { 'L' }, x(age), y(share));
        }
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>"
        );
    }
}

fn x(age: f64) -> f64 {
    let width = WIDTH - MARGINS[0] - MARGINS[2];
    MARGINS[0] + width * (age / YOUNGEST).ln() / (OLDEST / YOUNGEST).ln()
}

fn y(share: f64) -> f64 {
    let height = HEIGHT - MARGINS[1] - MARGINS[3];
    MARGINS[1] + height * (1.0 - share)
}
