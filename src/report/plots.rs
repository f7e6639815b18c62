//! The plots of a page by day. Each says what it shows in words, too, and has its numbers as a table: for whoever listens to
//! it, has no mouse, or prints it.

use super::bars::escaped;
use super::text::{bytes, capitalized};
use crate::outcome::period::Day;
use std::fmt::Write;

/// The size of a plot, and the room for what stands around its columns.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 200;
const LEFT: u32 = 76;
const BELOW: u32 = 24;
/// How many days have a label.
const LABELS: usize = 8;
/// Lines by which what is held, and what was left, are told apart without colours.
const HATCHES: &str = "<defs><pattern id=h width=6 height=6 patternUnits=userSpaceOnUse patternTransform=rotate(45)><rect class=hc width=6 height=6 /><rect class=hl width=2 height=6 /></pattern>\
    <pattern id=l width=6 height=6 patternUnits=userSpaceOnUse><rect class=lc width=6 height=6 /><rect class=hl width=6 height=2 /></pattern></defs>";

/// A plot of days: what it is about, the parts of a column from below, and how a number is written.
struct Plot<'a> {
    title: &'a str,
    /// What the columns are of, as in "the most … on".
    of: &'a str,
    parts: &'a [Part],
    shown: fn(f64) -> String,
    top: fn(f64) -> f64,
}

/// A part of the columns.
struct Part {
    class: &'static str,
    name: &'static str,
    value: fn(&Day) -> f64,
}

/// What was stored, held and left, by day.
pub fn files(days: &[Day]) -> String {
    let parts = [
        Part { class: "s", name: "stored", value: |day| number(day.stored) },
        Part { class: "h", name: "held", value: |day| number(day.held) },
        Part { class: "l", name: "left or gone", value: |day| number(day.left) },
    ];
    let shown = |count: f64| format!("{count:.0}");
    Plot { title: "Files by day", of: "files", parts: &parts, shown, top: |most| rounded(most, 2.0) }.html(days)
}

/// How many bytes were judged, by day.
pub fn sizes(days: &[Day]) -> String {
    let parts = [Part { class: "s", name: "read", value: |day| number(day.bytes) }];
    let plot = Plot { title: "Bytes by day", of: "bytes", parts: &parts, shown: size, top: |most| rounded(most, 2.0) };
    plot.html(days)
}

/// What they cost, by day.
pub fn costs(days: &[Day]) -> String {
    let parts = [Part { class: "s", name: "US dollars", value: |day| day.usd }];
    // A file costs less than a hundredth of a cent.
    let top = |most| rounded(most, 0.000_02);
    Plot { title: "Cost by day in USD", of: "US dollars", parts: &parts, shown: dollars, top }.html(days)
}

impl Plot<'_> {
    /// Nothing where there is nothing.
    fn html(&self, days: &[Day]) -> String {
        let most = days.iter().map(|day| self.all(day)).fold(0.0, f64::max);
        if most <= 0.0 {
            return String::new();
        }
        let (title, legend) = (self.title, self.legend());
        format!(
            "<figure aria-label=\"{title}\"><figcaption>{title} (UTC){legend}</figcaption>\
             <div class=x tabindex=0 role=group aria-label=\"{title}, a plot that may be wider than the window\">{}</div>\
             <details><summary>{title}: the numbers</summary>{}</details></figure>",
            self.svg(days, (self.top)(most)),
            self.table(days)
        )
    }

    fn all(&self, day: &Day) -> f64 {
        self.parts.iter().map(|part| (part.value)(day)).sum()
    }

    /// What the parts are, where there are several.
    fn legend(&self) -> String {
        let [_, _, ..] = self.parts else { return String::new() };
        let parts = self.parts.iter().map(|Part { class, name, .. }| format!("<i class=\"k {class}\"></i>{name}"));
        format!(": {}", parts.collect::<Vec<_>>().join(", "))
    }

    fn svg(&self, days: &[Day], top: f64) -> String {
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {}\" role=img aria-label=\"{}\">{}",
            HEIGHT + BELOW,
            escaped(&self.said(days)),
            if self.parts.len() > 1 { HATCHES } else { "" }
        );
        for half in [0, 1, 2] {
            let y = HEIGHT - (HEIGHT - 12) * half / 2;
            let value = (self.shown)(top * f64::from(half) / 2.0);
            let (x, below) = (LEFT - 8, y + 4);
            let _ = write!(
                svg,
                "<path class=g d=\"M{LEFT} {y}H{WIDTH}\"/><text x={x} y={below} text-anchor=end>{value}</text>"
            );
        }
        let count = u32::try_from(days.len()).unwrap_or(u32::MAX).max(1);
        let step = f64::from(WIDTH - LEFT) / f64::from(count);
        let every = days.len().div_ceil(LABELS);
        for (at, day) in days.iter().enumerate() {
            let x = f64::from(LEFT) + step * f64::from(u32::try_from(at).unwrap_or_default());
            svg.push_str(&self.column(day, (x + step * 0.1, step * 0.8), top));
            if at % every == 0 {
                let (x, y, label) = (x + step / 2.0, HEIGHT + 18, day.day.get(5..).unwrap_or_default());
                let _ = write!(svg, "<text x={x:.1} y={y} text-anchor=middle>{label}</text>");
            }
        }
        svg + "</svg>"
    }

    fn column(&self, day: &Day, (x, width): (f64, f64), top: f64) -> String {
        let mut column = format!("<g><title>{}</title>", self.of_day(day));
        let mut below = 0.0;
        for Part { class, value, .. } in self.parts {
            let value = value(day);
            let (from, to) = (height(below, top), height(below + value, top));
            below += value;
            if value > 0.0 {
                let (y, height) = (f64::from(HEIGHT) - to, to - from);
                let _ = write!(column, "<rect class={class} x={x:.1} y={y:.1} width={width:.1} height={height:.1} />");
            }
        }
        column + "</g>"
    }

    fn table(&self, days: &[Day]) -> String {
        let heads = self.parts.iter().map(|part| format!("<th scope=col class=n>{}</th>", capitalized(part.name)));
        let rows = days.iter().map(|day| {
            let cells = self.parts.iter().map(|part| format!("<td class=n>{}</td>", (self.shown)((part.value)(day))));
            format!("<tr><th scope=row>{}</th>{}</tr>", day.day, cells.collect::<String>())
        });
        format!(
            "<table aria-label=\"{}: the numbers\"><thead><tr><th scope=col>Day</th>{}</tr></thead><tbody>{}</tbody></table>",
            self.title,
            heads.collect::<String>(),
            rows.collect::<String>()
        )
    }

    fn of_day(&self, day: &Day) -> String {
        let parts = self.parts.iter().map(|part| format!("{} {}", (self.shown)((part.value)(day)), part.name));
        format!("{}: {}", day.day, parts.collect::<Vec<_>>().join(", "))
    }

    /// The plot in words.
    fn said(&self, days: &[Day]) -> String {
        let most = days.iter().max_by(|one, other| self.all(one).total_cmp(&self.all(other)));
        let most = most.map(|day| format!("the most on {}, {}", day.day, (self.shown)(self.all(day))));
        let held = days.iter().filter(|_| self.parts.len() > 1).max_by_key(|day| day.held).filter(|day| day.held > 0);
        let held = held.map(|day| format!("; the most were held on {}, {}", day.day, day.held)).unwrap_or_default();
        format!("Columns of {} by day: {}{held}. The table below has the numbers.", self.of, most.unwrap_or_default())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a height on a page, and a number of some digits beside it")]
fn number(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a number of bytes")]
fn size(size: f64) -> String {
    bytes(size as u64)
}

/// `12`, `0.06`, and of less than that two digits that say something.
fn dollars(usd: f64) -> String {
    let digits = [(10.0, 0), (0.1, 2), (0.001, 4)].into_iter().find(|(least, _)| usd >= *least).map_or(6, |it| it.1);
    if usd == 0.0 { "0".into() } else { format!("{usd:.digits$}") }
}

fn height(value: f64, top: f64) -> f64 {
    value / top * f64::from(HEIGHT - 12)
}

/// The next number of 1, 2 or 5 and zeros; the least is such one, too, and even where its half is to be written whole.
fn rounded(most: f64, least: f64) -> f64 {
    let mut unit = least;
    loop {
        let found = [1.0, 2.0, 5.0].into_iter().map(|factor| unit * factor).find(|bound| *bound >= most);
        match found {
            Some(bound) => return bound,
            None => unit *= 10.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn an_axis_ends_in_a_round_and_even_number() {
        for (count, top) in [(1, 2), (3, 4), (5, 10), (11, 20), (31, 40), (201, 400), (1_001, 2_000)] {
            assert!((rounded(f64::from(count), 2.0) - f64::from(top)).abs() < 0.001, "{count}");
        }
        assert!(rounded(number(u64::MAX), 2.0) > 1e19);
    }

    #[test]
    fn nothing_has_no_plot() {
        let days = [Day::default(), Day::default()];
        assert_eq!([files(&days), sizes(&days), costs(&days)].concat(), "");
    }

    /// What the mouse shows of a column, the table has for everybody.
    #[test]
    fn each_number_is_text_without_a_mouse() {
        let days = sample::period().days;
        for html in [files(&days), sizes(&days), costs(&days)] {
            let (svg, table) = html.split_once("<details>").unwrap();
            assert_eq!(svg.matches("<title>").count(), days.len());
            for title in svg.split("<title>").skip(1).map(|rest| rest.split("</title>").next().unwrap()) {
                let (day, numbers) = title.split_once(": ").unwrap();
                let row = table.split("<tr>").find(|row| row.contains(&format!("<th scope=row>{day}</th>"))).unwrap();
                for number in numbers.split(", ") {
                    let value = number.split(' ').next().unwrap();
                    assert!(row.contains(&format!("<td class=n>{value}")), "{number}: {row}");
                }
            }
        }
    }

    #[test]
    fn dollars_have_digits_that_say_something() {
        let shown = [0.0, 0.000_065, 0.004, 0.0578, 0.5, 123.4].map(dollars);
        assert_eq!(shown, ["0", "0.000065", "0.0040", "0.0578", "0.50", "123"]);
    }
}
