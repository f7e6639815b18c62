//! The timeline of a run as a picture: a line a call, from when it was sent to when its answer came.

use super::run::Call;
use std::fmt::Write;
use std::path::Path;

const WIDTH: f64 = 900.0;
const NAMES: f64 = 260.0;
const LINE: f64 = 7.0;

/// Draws it in `timeline.svg` of cargo's folder for what tests write.
pub fn draw(calls: &[Call]) {
    let mut calls: Vec<_> = calls.iter().collect();
    calls.sort_by(|a, b| a.begun.total_cmp(&b.begun));
    let begun = calls[0].begun;
    let length = calls.iter().map(|call| call.ended).fold(begun, f64::max) - begun;
    let scale = (WIDTH - NAMES) / length;
    let height = LINE * calls.len() as f64 + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"6\">\n\
         <title>The {} calls of one cvault up: {length:.1} s with 50 ms a call</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        calls.len()
    );
    for tenth in 0..=(length * 10.0) as u32 {
        let x = NAMES + f64::from(tenth) / 10.0 * scale;
        let colour = if tenth % 10 == 0 { "#999" } else { "#eee" };
        writeln!(svg, "<path d=\"M{x:.1} 0V{height}\" stroke=\"{colour}\" stroke-width=\".5\"/>").unwrap();
    }
    for (n, call) in calls.iter().enumerate() {
        let (y, colour) = (LINE * (n + 1) as f64, if call.writes { "#bc4c00" } else { "#0969da" });
        let (x, wide) = (NAMES + (call.begun - begun) * scale, (call.ended - call.begun) * scale);
        let name = &call.name;
        writeln!(svg, "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{name}</text>", NAMES - 5.0).unwrap();
        let top = y - 5.0;
        writeln!(svg, "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"5\" fill=\"{colour}\"/>").unwrap();
    }
    let y = height - 8.0;
    write!(
        svg,
        "<text x=\"5\" y=\"{y}\" font-size=\"9\">blue reads, orange writes; a line every 0.1 s</text>\n</svg>\n"
    )
    .unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("timeline.svg");
    std::fs::write(&file, svg).unwrap();
    println!("{} has the timeline of `up`", file.display());
}
