//! HTML, and mails, which may have HTML in them: as it stands, and as it is shown.

use super::Text;
use crate::input::checker::Checker;
use crate::input::text::Encodings;
use crate::scan::{Kin, Markup, Scanner};
use crate::verdict::Fault;

/// Extensions of HTML, and of mails.
pub(super) const EXTENSIONS: &[&str] = &["html", "htm", MAIL];

/// The extension of mails.
const MAIL: &str = "eml";

/// The checker of HTML: it is a text, too.
#[derive(Default)]
pub(super) struct Html {
    text: Text,
    markup: Markup,
    kin: Kin,
}

impl Html {
    /// The checker of a text with this extension.
    pub(super) fn of(extension: &str) -> Self {
        Self { kin: if extension == MAIL { Kin::Mail } else { Kin::Any }, ..Self::default() }
    }
}

impl Checker for Html {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        self.text.encodings(allowed)
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        scanner.is_kin(self.kin);
        self.text.push(text, scanner)?;
        self.markup.take_text(text, scanner);
        Ok(())
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        self.text.finish(scanner)?;
        self.markup.finish(scanner);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Limits, inspect};

    /// What [`Markup`] holds before it passes it on.
    const HELD: usize = 64 << 10;

    #[test]
    fn the_name_of_a_column_holds_for_the_cells_below_it() {
        let count = |head: &str, name: &str| {
            let row = "<tr><td>what is long enough to keep all others away<td align=right>4000004427083831</td></tr>";
            let html = format!("{head}<table class='x'><tr>{name}</tr>{}</table>", row.repeat(3));
            let answer = inspect("a.html", html.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.broken, None);
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let other = "<p>Report of the day</p><table><tr><th>a<th>b</tr></table>";
        for head in ["", "<p>Report of the day</p>", other] {
            assert_eq!(count(head, "<th>name</th><th>card</th>"), 1, "one value, however often it is there");
            assert_eq!(count(head, "<td>name<TD><b>credit</b> card"), 1);
            assert_eq!(count(head, "<td>Report of the day</td></tr><tr><td>name<td>card"), 1, "below a title");
            assert_eq!(count(head, "<th>card</th><th>name</th>"), 0);
        }
    }

    #[test]
    fn cells_over_several_columns_and_rows() {
        let count = |head: &str| {
            let row = "<tr><td>what is long enough to keep all others away<td>x<td>4000004427083831</td></tr>";
            let html = format!("<table>{head}<tbody>{row}{row}</table>");
            let answer = inspect("a.html", html.as_bytes(), &Limits::default()).unwrap();
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        for colspan in ["colspan=2", "colspan=\"2\"", "COLSPAN = '2'", "class='x'colspan='2'", "colspan=2 /"] {
            assert_eq!(count(&format!("<tr><th {colspan}>a<th>card</tr>")), 1, "{colspan}");
            assert_eq!(count(&format!("<tr><th>card<th {colspan}>a</tr>")), 0, "{colspan}");
        }
        assert_eq!(
            count("<thead><tr><th rowspan=3>a<th>b<th>card</tr></thead>"),
            1,
            "no cell goes on in the next group"
        );
        assert_eq!(count("<tr><th rowspan=2>a<th rowspan=2>b<th>x</tr><tr><th>card</tr>"), 1);
        assert_eq!(count("<thead><tr><th rowspan=0>a<th>b<th>x</tr><tr><th>y<th>card</tr></thead>"), 1);
    }

    /// A page is one by its name, also before a number, or by how it starts where no name says what it is.
    #[test]
    fn what_is_a_page() {
        let count = |name: &str, html: &str| {
            let answer = inspect(name, html.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.broken, None, "{name}");
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let body = "<p>card <b>4539</b>578763621486</p><p>tide<br>table";
        let page = format!("<!DOCTYPE html>\n<html><body>{body}</body></html>\n");
        for name in ["h", "h.html.1", "b.d/h.htm.20261130", "h.eml.1", "h.HTML. ", ".html"] {
            assert_eq!(count(name, &page), 1, "{name}");
        }
        assert_eq!(count("h", &format!("<p hidden>{}", &body[3..])), 1, "no XML, but a page");
        assert_eq!(count("h.txt", &page), 0, "it is shown as it is written");
    }

    #[test]
    fn values_of_attributes_are_shown() {
        let count = |html: &str| {
            let answer = inspect("a.html", html.as_bytes(), &Limits::default()).unwrap();
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let coded = "4000&nbsp;0044&nbsp;2708&nbsp;3831";
        assert_eq!(count(&format!("<input name=\"card\" value=\"{coded}\">")), 1);
        assert_eq!(count(&format!("<label>Card<input value='{coded}'></label>")), 1);
        assert_eq!(count(&format!("<img alt='card {coded}'><p title='x'>tide")), 1);
        assert_eq!(count(&format!("<img alt='tide {coded}'>")), 0);
        let far = "class='what is long enough to keep all others away from it'";
        assert_eq!(count(&format!("<label {far}>Card</label><input {far} value=4000004427083831>")), 1);
        assert_eq!(count("<iframe srcdoc=\"&lt;p&gt;card 4000&lt;b&gt;0044&lt;/b&gt;27083831\"></iframe>"), 1);
        assert_eq!(count("<script>i<n // don't</script><p>card 4000<b>0044</b>27083831</p>"), 1);
    }

    #[test]
    fn numbers_are_found_as_they_are_shown() {
        let count = |name: &str, html: &str| {
            let answer = inspect(name, html.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.broken, None);
            answer.findings.first().map_or(0, |finding| finding.count)
        };
        let codes: Vec<String> = "4000004427083831".bytes().map(|digit| format!("&#{digit};")).collect();
        let codes = codes.concat();
        for html in [
            format!("<p>credit card {codes}</p>"),
            "<p>credit card <b>40000044</b><i>27083831</i></p>".to_owned(),
            "<p>credit card 4000004427083831</p>".to_owned(),
            format!("<td class='{}'>credit card<td>4000&nbsp;0044&nbsp;2708\n3831", "x".repeat(99)),
            format!("<p>credit card {}</p>", "<b>40000044</b><!-- x -->27083831"),
        ] {
            assert_eq!(count("a.html", &html), 1, "{html}");
            // Wherever the text is cut.
            for before in [HELD - 30, HELD, 16 * HELD] {
                let html = format!("<p>{}</p>{html}{}", "x ".repeat(before / 2), "<p>tide</p>".repeat(9));
                assert_eq!(count("a.HTM", &html), 1, "{before}");
            }
        }
        assert_eq!(count("a.txt", &format!("credit card {codes}")), 0);
    }
}
