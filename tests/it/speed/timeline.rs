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
    let mut lines = String::new();
    let mut y = 0.0;
    for call in &calls {
        y += LINE;
        let colour = if call.writes { "#bc4c00" } else { "#0969da" };
        let (x, wide) = (NAMES + (call.begun - begun) * scale, (call.ended - call.begun) * scale);
        let name = &call.name;
        writeln!(lines, "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{name}</text>", NAMES - 5.0).unwrap();
        let top = y - 5.0;
        writeln!(lines, "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"5\" fill=\"{colour}\"/>").unwrap();
    }
    let height = y + 30.0;
    let mut seconds = 0.0;
    while seconds < length {
        let x = NAMES + seconds * scale;
        writeln!(lines, "<path d=\"M{x:.1} 0V{y}\" stroke=\"#999\" stroke-width=\".3\"/>").unwrap();
        writeln!(lines, "<text x=\"{x:.1}\" y=\"{}\" font-size=\"8\">{seconds} s</text>", y + 10.0).unwrap();
        seconds += 1.0;
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"6\">\n\
         <title>The {} calls of one cvault up: {length:.1} s with 50 ms a call</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{lines}\
         <text x=\"5\" y=\"{}\" font-size=\"9\">blue reads, orange writes</text>\n</svg>\n",
        calls.len(),
        height - 8.0,
    );
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("timeline.svg");
    std::fs::write(&file, svg).unwrap();
    println!("{} has the timeline of `up`", file.display());
}
