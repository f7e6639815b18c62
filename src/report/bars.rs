//! The tables of a page whose rows have bars.

use super::text::bytes;
use crate::outcome::period::{Span, Tally};
use std::fmt::Write;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<a href='x'>&\"\u{202e}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\\u{202e}");
    }

    #[test]
    fn nothing_has_no_plot() {
        assert_eq!(bars("a", "b", &[]), "");
        assert_eq!(spread("a", &[Span { up_to: Some(1), count: 0 }]), "");
    }
}
