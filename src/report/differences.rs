//! What differs in a resource, a line for each value: `path: is → should`.
//!
//! Policies are too long to read side by side, so what differs is followed down to the single
//! value, and whatever is still long is cut unless `-v` asks for it in full.

use super::layout::Layout;
use super::text::{BAD, GOOD, Glyphs, painted, printable, shortened};
use crate::deploy::plan::{self, Difference, Step};
use console::measure_text_width;
use serde_json::Value;

/// Narrower values would not be worth printing.
const NARROWEST: usize = 16;

/// What differs, a line each.
pub fn differences(step: &Step, layout: Layout, indent: usize) -> Vec<String> {
    let mut found = vec![];
    for difference in &step.differences {
        spread(difference, &mut found);
    }
    found.iter().map(|difference| format!("{:indent$}{}", "", line(difference, layout, indent))).collect()
}

fn line(difference: &Difference, layout: Layout, indent: usize) -> String {
    let path = printable(&difference.path);
    let [mut is, mut should] = [&difference.is, &difference.should].map(|value| shown(value, layout.verbose));
    if is == should {
        // `"1"` and `1` differ, and must look as if they did.
        [is, should] = [&difference.is, &difference.should].map(|value| printable(&value.to_string()));
    }
    let arrow = layout.glyphs.arrow;
    let taken = indent + measure_text_width(&path) + measure_text_width(arrow) + 4;
    let room = layout.width.saturating_sub(taken).max(2 * NARROWEST);
    let long = measure_text_width(&is) + measure_text_width(&should) > room;
    if long && !layout.verbose {
        let half = room / 2;
        let [other, one] = [&is, &should].map(|text| room.saturating_sub(measure_text_width(text)).max(half));
        [is, should] = distinct(&is, &should, [one, other], layout.glyphs);
    }
    format!("{path}: {} {arrow} {}", painted(BAD, is), painted(GOOD, should))
}

/// Both cut, but so that one sees how they differ: a long common beginning goes first.
fn distinct(is: &str, should: &str, widths: [usize; 2], glyphs: &Glyphs) -> [String; 2] {
    let [is_cut, should_cut] = [shortened(is, widths[0], glyphs), shortened(should, widths[1], glyphs)];
    if is_cut != should_cut {
        return [is_cut, should_cut];
    }
    let common = is.chars().zip(should.chars()).take_while(|(one, other)| one == other).count();
    [(is, widths[0]), (should, widths[1])].map(|(text, width)| {
        let rest: String = text.chars().skip(common.saturating_sub(4)).collect();
        shortened(&format!("{}{rest}", glyphs.ellipsis), width, glyphs)
    })
}

/// Follows lists of the same length into their entries, such as the statements of a policy.
fn spread(difference: &Difference, found: &mut Vec<Difference>) {
    match (&difference.is, &difference.should) {
        (Value::Array(is), Value::Array(should)) if is.len() == should.len() && should.iter().any(Value::is_object) => {
            let mut entries = vec![];
            for (index, (is, should)) in is.iter().zip(should).enumerate() {
                plan::diff(&format!("{}/{index}", difference.path), is, should, &mut entries);
            }
            for entry in &entries {
                spread(entry, found);
            }
        }
        _ => found.push(difference.clone()),
    }
}

/// A value for people.
fn shown(value: &Value, verbose: bool) -> String {
    match value {
        Value::Null => "(none)".into(),
        Value::String(text) if !text.is_empty() => printable(text),
        Value::Object(members) if !verbose && value.to_string().len() > 40 => {
            format!("(object of {})", members.len())
        }
        Value::Array(entries) if !verbose && entries.iter().any(Value::is_object) => {
            format!("(list of {})", entries.len())
        }
        _ => printable(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::LAYOUT;
    use anstream::adapter::strip_str;
    use serde_json::json;

    fn said(is: Value, should: Value) -> String {
        let difference = Difference { path: "/P".into(), is, should };
        strip_str(&line(&difference, LAYOUT, 4)).to_string()
    }

    #[test]
    fn values_for_people() {
        assert_eq!(said(json!(null), json!("")), "/P: (none) → \"\"");
        assert_eq!(said(json!(1), json!("1")), "/P: 1 → \"1\"");
        assert_eq!(said(json!([{}, {}]), json!([{}])), "/P: (list of 2) → (list of 1)");
        assert_eq!(said(json!(["a"]), json!({"b": 1})), "/P: [\"a\"] → {\"b\":1}");
    }

    #[test]
    fn long_values_show_where_they_differ() {
        let long = |middle| json!(format!("{}{middle}{}", "a".repeat(99), "z".repeat(99)));
        let line = said(long("1"), long("2"));
        assert!(line.contains("…aaaa1z") && line.contains("…aaaa2z"), "{line}");
        assert!(measure_text_width(&line) + 4 <= LAYOUT.width, "{line}");
    }

    #[test]
    fn a_short_value_leaves_its_room_to_the_long_one() {
        let line = said(json!(null), json!("x".repeat(99)));
        assert_eq!(measure_text_width(&line) + 4, LAYOUT.width);
    }
}
