//! The plots of a page: columns by day, and tables whose rows have bars. Each says what it shows in words, too, and
//! has its numbers as a table: for whoever listens to it, or prints it.

use super::text::bytes;
use crate::outcome::period::{Day, Span, Tally};
use std::fmt::Write;

/// The size of the columns' plot, and the room for what stands around them.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 200;
const LEFT: u32 = 64;
const BELOW: u32 = 24;
/// How many days have a label.
const LABELS: usize = 8;

/// Text as HTML, in which nothing turns or hides.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in super::text::printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A table in which each row has a bar as long as its share of the most frequent one. Nothing of an empty list.
pub fn bars(title: &str, column: &str, tallies: &[Tally]) -> String {
    let rows = tallies.iter().map(|tally| (tally.name.clone(), tally.count, Some(bytes(tally.bytes))));
    table(title, column, &rows.collect::<Vec<_>>())
}

/// How many verdicts took how long.
pub fn spread(title: &str, spans: &[Span]) -> String {
    let mut from = 0;
    let taken = spans.iter().rposition(|span| span.count > 0).map_or(0, |last| last + 1);
    let rows = spans[..taken].iter().map(|span| {
        let name = match span.up_to {
            Some(up_to) => format!("up to {}", super::period::whole(up_to)),
            None => format!("more than {}", super::period::whole(from)),
        };
        from = span.up_to.unwrap_or(from);
        (name, span.count, None)
    });
    table(title, "Time", &rows.collect::<Vec<_>>())
}

fn table(title: &str, column: &str, rows: &[(String, u64, Option<String>)]) -> String {
    let most = rows.iter().map(|(_, count, _)| *count).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let sized = rows.iter().any(|(.., size)| size.is_some());
    let size = if sized { "<th scope=col class=n>Size</th>" } else { "" };
    let mut html = format!(
        "<section><table><caption>{}</caption><thead><tr><th scope=col>{}</th><th scope=col class=n>Files</th>{size}<td></td></tr></thead><tbody>",
        escaped(title),
        escaped(column)
    );
    for (name, count, size) in rows {
        let size = size.as_ref().map(|size| format!("<td class=n>{size}</td>")).unwrap_or_default();
        let share = count * 1000 / most;
        let bar =
            if *count == 0 { String::new() } else { format!("<i style=\"width:{}.{}%\"></i>", share / 10, share % 10) };
        let name = escaped(name);
        let _ = write!(html, "<tr><th scope=row>{name}</th><td class=n>{count}</td>{size}<td class=b>{bar}</td></tr>");
    }
    html + "</tbody></table></section>"
}

/// A column for each day: what was stored, what was held above it, what was left on top.
pub fn columns(days: &[Day]) -> String {
    let most = days.iter().map(all).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let top = rounded(most);
    let count = u32::try_from(days.len()).unwrap_or(u32::MAX).max(1);
    let step = f64::from(WIDTH - LEFT) / f64::from(count);
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=img aria-label=\"{}\">", HEIGHT + BELOW, escaped(&said(days)));
    for (part, parts) in [(0, 2), (1, 2), (2, 2)] {
        let y = HEIGHT - (HEIGHT - 12) * part / parts;
        let value = top * u64::from(part) / u64::from(parts);
        let _ = write!(
            svg,
            "<path class=g d=\"M{LEFT} {y}H{WIDTH}\"/><text x={} y={} text-anchor=end>{value}</text>",
            LEFT - 8,
            y + 4
        );
    }
    let every = days.len().div_ceil(LABELS);
    for (at, day) in days.iter().enumerate() {
        let x = f64::from(LEFT) + step * f64::from(u32::try_from(at).unwrap_or_default());
        let _ = write!(svg, "<g><title>{}</title>", of_day(day));
        let mut below = 0;
        for (class, count) in [("s", day.stored), ("h", day.held), ("l", day.left)] {
            let (from, to) = (height(below, top), height(below + count, top));
            below += count;
            if count > 0 {
                let (x, y, width) = (x + step * 0.1, f64::from(HEIGHT) - to, step * 0.8);
                let _ =
                    write!(svg, "<rect class={class} x={x:.1} y={y:.1} width={width:.1} height={:.1} />", to - from);
            }
        }
        svg.push_str("</g>");
        if at % every == 0 {
            let _ = write!(
                svg,
                "<text x={:.1} y={} text-anchor=middle>{}</text>",
                x + step / 2.0,
                HEIGHT + 18,
                &day.day[5..]
            );
        }
    }
    let rows = days.iter().fold(String::new(), |rows, day| {
        let Day { day: name, stored, held, left, .. } = day;
        let size = bytes(day.bytes);
        rows + &format!(
            "<tr><th scope=row>{name}</th><td class=n>{stored}</td><td class=n>{held}</td><td class=n>{left}</td><td class=n>{size}</td></tr>"
        )
    });
    format!(
        "<figure><figcaption>Files by day (UTC): <b class=s>stored</b>, <b class=h>held</b>, <b class=l>left or gone</b></figcaption>{svg}</svg>\
         <details><summary>The numbers of each day</summary><table><thead><tr><th scope=col>Day</th><th scope=col class=n>Stored</th>\
         <th scope=col class=n>Held</th><th scope=col class=n>Left or gone</th><th scope=col class=n>Size</th></tr></thead><tbody>{rows}</tbody></table></details></figure>"
    )
}

fn all(day: &Day) -> u64 {
    day.stored + day.held + day.left
}

fn of_day(day: &Day) -> String {
    let Day { day: name, stored, held, left, bytes: size } = day;
    format!("{name}: {stored} stored, {held} held, {left} left or gone, {}", bytes(*size))
}

/// The plot in words.
fn said(days: &[Day]) -> String {
    let most = days.iter().max_by_key(|day| all(day));
    let held = days.iter().max_by_key(|day| day.held).filter(|day| day.held > 0);
    let most = most.map(|day| format!("the most on {}, {}", day.day, all(day))).unwrap_or_default();
    let held = held.map(|day| format!("; the most were held on {}, {}", day.day, day.held)).unwrap_or_default();
    format!("Columns of files by day: {most}{held}. The table below has the numbers.")
}

fn height(count: u64, top: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a height on a page")]
    let share = count as f64 / top as f64;
    share * f64::from(HEIGHT - 12)
}

/// The next number of 1, 2 or 5 and zeros, and even, since half of it is written, too.
fn rounded(count: u64) -> u64 {
    let mut unit: u64 = 2;
    loop {
        let found = [1, 2, 5].into_iter().map(|factor| unit.saturating_mul(factor)).find(|bound| *bound >= count);
        match found {
            Some(bound) => return bound,
            None => unit = unit.saturating_mul(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_in_a_round_and_even_number() {
        for (count, top) in [(1, 2), (3, 4), (5, 10), (11, 20), (31, 40), (201, 400), (1_001, 2_000)] {
            assert_eq!(rounded(count), top);
        }
        assert!(rounded(u64::MAX) == u64::MAX);
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<a href='x'>&\"\u{202e}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\\u{202e}");
    }

    #[test]
    fn nothing_has_no_plot() {
        assert_eq!(bars("a", "b", &[]), "");
        assert_eq!(columns(&[Day::default(), Day::default()]), "");
        assert_eq!(spread("a", &[Span { up_to: Some(1), count: 0 }]), "");
    }
}
