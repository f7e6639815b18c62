//! HTML as browsers show it: without tags, with what its references stand for, and cells of tables by the names of their columns.

mod foreign;
mod signs;
mod table;
mod tag;

use std::mem;
use std::rc::Rc;

use foreign::Foreign;
use table::Table;
use tag::{Tag, Taken};

use super::{Mask, Place, Scanner, path};

/// How much is held of what is shown, and how much of its end is held again.
const HELD: usize = 64 << 10;
const AGAIN: usize = 256;

/// Elements that hardly any text has in it that is no HTML.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "html", "head", "meta", "body", "div", "table", "tr", "td", "th", "p", "br", "span", "a", "b", "i", "strong", "em",
    "font", "center", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "img", "style", "iframe",
];

/// As much of a reference as is looked at, and of what is before a value that may name it.
const NAME: usize = 32;
const CONTEXT: usize = 64;

/// Elements whose text has no tags in it, and those of them that are not shown. A frame is, where nobody knows frames.
const RAW: &[&str] =
    &["iframe", "noembed", "noframes", "noscript", PLAIN, "script", "style", "textarea", "title", "xmp"];
const UNSHOWN: &[&str] = &["script", "style"];

/// The one of them that never ends.
const PLAIN: &str = "plaintext";

/// Elements that stand in a line: nothing parts what is in them from what is beside them.
#[rustfmt::skip]
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
    "nobr", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike", "strong", "style", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
];

#[derive(Clone, Copy, Default, PartialEq)]
enum Inside {
    #[default]
    Text,
    /// Behind `&`, or `<`.
    Reference,
    Tag,
    /// Behind `<` in a text without tags, which may end there.
    End,
    /// In a comment that begins or may end with these signs.
    Comment(&'static str),
}

/// What is shown of a text that comes in pieces, each of which is scanned as it stands, too.
#[derive(Default)]
pub(crate) struct Markup {
    inside: Inside,
    /// The start of a reference, or of what may be an end tag.
    name: String,
    tag: Tag,
    /// The element whose text has no tags in it, while it is open.
    raw: &'static str,
    /// The elements whose text may have tags in it or not, each with how much of its end tag was just there.
    doubtful: Vec<(&'static str, usize)>,
    foreign: Foreign,
    shown: String,
    /// Values of attributes that are shown, each behind what is shown before it.
    values: String,
    table: Table,
    /// It is a page in a frame: frames in it are not looked at.
    within: bool,
}

/// Whether a text has tags in it that only HTML has.
pub(super) fn is_markup(text: &str) -> bool {
    text.split('<').skip(1).map(|tag| tag.trim_start_matches('/')).any(|tag| {
        let end = tag.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let (name, behind) = tag.split_at(end);
        let ends = behind.is_empty() || behind.starts_with([' ', '\t', '\n', '\r', '/', '>']);
        ends && TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
    })
}

/// A value of an attribute with what its references stand for.
fn decoded(value: &str) -> String {
    let mut markup = Markup { raw: PLAIN, ..Markup::default() };
    value.chars().for_each(|sign| markup.take(sign));
    markup.end();
    markup.shown
}

impl Markup {
    /// Takes a piece, and passes on what is shown where that is enough.
    pub(crate) fn take_text(&mut self, text: &str, scanner: &mut Scanner) {
        text.chars().for_each(|sign| self.take(sign));
        if self.held() > HELD {
            self.take_values();
            self.flush(scanner);
        }
    }

    /// Passes on what is left.
    pub(crate) fn finish(&mut self, scanner: &mut Scanner) {
        self.end();
        self.flush(scanner);
    }

    /// A page in a frame.
    fn framed() -> Self {
        Self { within: true, ..Self::default() }
    }

    /// How much it holds, with what its tag holds.
    fn held(&self) -> usize {
        self.shown.len() + self.values.len() + self.tag.held()
    }

    /// Ends what is open.
    fn end(&mut self) {
        if self.inside == Inside::Reference {
            self.end_reference(false);
        }
    }

    fn take(&mut self, sign: char) {
        self.watch(sign);
        self.step(sign);
    }

    fn step(&mut self, sign: char) {
        match (self.inside, sign) {
            (Inside::Text, '<') if self.raw != PLAIN => {
                self.inside = if self.raw.is_empty() { Inside::Tag } else { Inside::End };
                self.name.clear();
                self.tag = Tag::default();
            }
            (Inside::Text, _) if UNSHOWN.contains(&self.raw) => {}
            (Inside::Text, '&') => {
                self.inside = Inside::Reference;
                self.name.clear();
            }
            (Inside::Text, sign) => self.show(sign),
            (Inside::Reference, ';') => self.end_reference(true),
            (Inside::Reference, '#' | '0'..='9' | 'a'..='z' | 'A'..='Z') if self.name.len() < NAME => {
                self.name.push(sign);
            }
            (Inside::Reference, sign) => {
                self.end_reference(false);
                self.step(sign);
            }
            (Inside::End, sign) => self.take_end(sign),
            (Inside::Tag, sign) => match self.tag.take(sign) {
                Taken::GoesOn => {}
                Taken::Ends => self.end_tag(),
                Taken::Comment => self.inside = Inside::Comment("start"),
                Taken::Text => {
                    self.inside = Inside::Text;
                    self.show('<');
                    self.step(sign);
                }
            },
            (Inside::Comment(signs), sign) => self.inside = comment(signs, sign),
        }
    }

    /// Looks for the ends of elements whose text may have tags in it or not: what is open there ends with them.
    fn watch(&mut self, sign: char) {
        let mut ended = None;
        self.doubtful.retain_mut(|(element, seen)| {
            match end_sign(element, *seen) {
                Some(byte) if is_sign(byte, sign) => *seen += 1,
                Some(_) => *seen = usize::from(sign == '<'),
                None => ended = Some(*element),
            }
            ended != Some(*element)
        });
        let Some(element) = ended else { return };
        let is_tag = self.inside == Inside::Tag && self.tag.name.strip_prefix('/') == Some(element);
        if !is_tag {
            self.raw = "";
            self.tag = Tag::end_of(element);
            self.inside = Inside::Tag;
        }
    }

    /// Takes a sign of what may be the end of a text without tags.
    fn take_end(&mut self, sign: char) {
        match end_sign(self.raw, "<".len() + self.name.len()) {
            Some(byte) if is_sign(byte, sign) => self.name.push(sign),
            None if matches!(sign, ' ' | '\t' | '\n' | '\r' | '\x0c' | '/' | '>') => {
                self.tag = Tag::end_of(mem::take(&mut self.raw));
                self.inside = Inside::Tag;
                self.step(sign);
            }
            _ => {
                self.inside = Inside::Text;
                if !UNSHOWN.contains(&self.raw) {
                    self.show('<');
                    self.shown.push_str(&self.name);
                }
                self.step(sign);
            }
        }
    }

    fn end_tag(&mut self) {
        self.inside = Inside::Text;
        let mut tag = mem::take(&mut self.tag);
        self.add_values(&mut tag);
        let name = tag.name.trim_start_matches('/');
        let name = name.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
        let closes = tag.name.len() - tag.name.trim_start_matches('/').len();
        self.table.tag(&tag.name[..closes.min(1) + name.len()], tag.spans, &self.shown);
        self.foreign.tag(name, closes > 0, tag.closed);
        if let Some(&raw) = RAW.iter().find(|&&raw| raw == tag.name)
            && !self.foreign.is_open()
        {
            // What ends at once does so in XML alone, and scripts may be off.
            if !(tag.closed || raw == "noscript") {
                self.raw = raw;
            } else if !self.doubtful.iter().any(|doubtful| doubtful.0 == raw) {
                self.doubtful.push((raw, 0));
            }
        }
        if !INLINE.contains(&name) && !tag.name.starts_with(['!', '?']) && !self.shown.ends_with('\n') {
            self.shown.push('\n');
        }
    }

    /// Adds the values of a tag that are shown.
    fn add_values(&mut self, tag: &mut Tag) {
        if tag.tells {
            let before = self.shown.ceil_char_boundary(self.shown.len().saturating_sub(CONTEXT));
            self.values.extend([&self.shown[before..], "\n", &tag.values]);
        }
        if let Some(mut page) = tag.page.take().filter(|_| !self.within) {
            page.end();
            self.values.extend([&page.shown, "\n", &page.values]);
        }
    }

    /// Takes what the tag holds that is open, where that is much: the ends stay, for what goes on behind them.
    fn take_values(&mut self) {
        self.values.push_str(&self.tag.values);
        let end = self.tag.values.ceil_char_boundary(self.tag.values.len().saturating_sub(AGAIN));
        self.tag.values.drain(..end);
        if let Some(page) = self.tag.page.as_mut().filter(|_| !self.within) {
            page.take_values();
            self.values.extend(["\n", &page.shown, "\n", &page.values]);
            page.table.take();
            page.drop_shown();
        }
    }

    /// Drops what was passed on, but for the end of what is shown.
    fn drop_shown(&mut self) {
        let end = self.shown.ceil_char_boundary(self.shown.len().saturating_sub(AGAIN));
        self.shown.drain(..end);
        self.table.drained(end);
        self.values.clear();
    }

    /// Ends a reference, which is a text where it is none.
    fn end_reference(&mut self, ends: bool) {
        self.inside = Inside::Text;
        let name = mem::take(&mut self.name);
        match (signs::numbered(&name), signs::named(&name)) {
            (Some(sign), _) => self.show(sign),
            (None, Some(text)) => self.shown.push_str(&text),
            (None, None) => self.shown.extend(["&", &name, if ends { ";" } else { "" }]),
        }
    }

    /// Adds a sign that is shown: of white space there is one blank at most.
    fn show(&mut self, sign: char) {
        match sign {
            ' ' | '\t' | '\n' | '\r' | '\x0c' => {
                if !self.shown.ends_with([' ', '\n']) {
                    self.shown.push(' ');
                }
            }
            sign => self.shown.push(sign),
        }
    }

    /// Passes on what is shown, as something that repeats the text.
    fn flush(&mut self, scanner: &mut Scanner) {
        scanner.beside(|scanner| {
            scanner.begin(Mask::default(), Place::Path("as shown".into()));
            scanner.text(&self.shown);
            scanner.separate();
            if !self.values.is_empty() {
                scanner.begin(Mask::default(), Place::Path("as shown".into()));
                scanner.text(&self.values);
                scanner.separate();
            }
            for (names, text) in self.table.take() {
                cell(&names, &text, scanner);
            }
        });
        self.drop_shown();
    }
}

/// The sign at a place of the end tag of an element, up to its name's end.
fn end_sign(element: &str, place: usize) -> Option<u8> {
    "</".bytes().chain(element.bytes()).nth(place)
}

/// Whether a sign is this one, in any case.
fn is_sign(byte: u8, sign: char) -> bool {
    sign.eq_ignore_ascii_case(&char::from(byte))
}

/// What comes behind a sign of a comment.
fn comment(signs: &'static str, sign: char) -> Inside {
    Inside::Comment(match (signs, sign) {
        ("start" | "start-" | "--" | "--!", '>') => return Inside::Text,
        ("start", '-') => "start-",
        ("" | "--!", '-') => "-",
        ("-" | "start-" | "--", '-') => "--",
        ("--", '!') => "--!",
        _ => "",
    })
}

/// Passes on a cell below the names of its column, if they say anything.
fn cell(all: &[Rc<str>], text: &str, scanner: &mut Scanner) {
    let (mut names, mut first) = (Mask::default(), None);
    for name in all {
        let more = scanner.names(name);
        first = first.or_else(|| (!more.is_empty()).then_some(name));
        names = names.joined(more);
    }
    if let Some(name) = first {
        scanner.begin(names, Place::Path(format!("column {}", path::shown(name)).into()));
        scanner.text(text);
        scanner.separate();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detectors;

    fn shown(html: &str) -> String {
        let mut markup = Markup::default();
        html.chars().for_each(|sign| markup.take(sign));
        markup.shown
    }

    #[test]
    fn what_a_browser_shows() {
        for (html, expected) in [
            ("<p>4539<b>14</b>88<!-- > x -- -->03</p>", "\n4539148803\n"),
            ("&#52;&#x35;3&#57 &nbsp;a&shy;b&#8203;c", "4539  ab\u{200b}c"),
            ("S&Eacute;CURIT&Eacute; F&iacute;sica d&rsquo;a&#146;b", "SÉCURITÉ Física d\u{2019}a\u{2019}b"),
            ("4&ThinSpace;5&NonBreakingSpace;3&emsp13;9&horbar;1&#150;2", "4 5 3 9-1\u{2013}2"),
            ("<script>'<!-- <p title='</script>45<style>a:after{content:\"<p\"}</STYLE >39", "4539"),
            ("<textarea><!-- &#52;</b></textareas> </textarea>5", "\n<!-- 4</b></textareas> \n5"),
            ("<svg><title/></svg>4<b>5</b>", "\n45"),
            ("<svg><style/><script href='a'/></svg>4<b>5</b>", "\n45"),
            ("<svg><style>4<b>5</b><math><script>3<i>9</i>", "\n45\n39"),
            ("<svg><desc><style>a<b</style></desc><style>4<p>5<style>a</style>3", "\n4\n53"),
            ("<script/>a<!-- b</script>4<b>5</b><script/>3", "a453"),
            ("<noscript>4<b>5</b></noscript><noscript><!-- a <b c='</noscript>3<b>9</b>", "\n45\n39"),
            ("<noscript><style></noscript>4<b>5</b><noscript><textarea></noscript><!--3-->9", "\n45\n</noscript\n9"),
            ("<noscript><script/><!--</noscript>4<b>5</b><script/><noscript><!--</noscript>3", "\n45\n3"),
            ("<iframe>4<!-- </iframe><noembed><b c='</noembed><noframes><!--</noframes>5", "\n4<!-- \n<b c='\n<!--\n5"),
            ("<plaintext>4<b>5</plaintext>&lt;<!--", "\n4<b>5</plaintext><<!--"),
            ("<p title=it's>45<b a'b c=\"'>\">39</b>", "\n4539"),
            ("4<!-->5<!--->3<!-- --!>9<!-- - -> --!- --->1", "45391"),
            ("4<?x '>'?>5<!x \">3", "4'?>53"),
            ("a < b &unknown; & c", "a < b &unknown; & c"),
            ("a<td title='>\"'>b<br/>c", "a\nb\nc"),
            ("a \n\t b<SPAN>c</SPAN>", "a bc"),
            ("<!DOCTYPE html><?x?>a", "a"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    /// What is passed on of a page in pieces of a size.
    fn found(html: &str, size: usize) -> Vec<String> {
        let (mut markup, mut scanner) = (Markup::default(), Scanner::new(&Detectors::default(), 1));
        for piece in html.as_bytes().chunks(size) {
            markup.take_text(std::str::from_utf8(piece).unwrap(), &mut scanner);
            assert!(markup.held() < 2 * HELD + size, "{}", markup.held());
        }
        markup.finish(&mut scanner);
        scanner.finish().into_iter().map(|finding| finding.identifier).collect()
    }

    /// However long a value is and however many a tag has, all of it is looked at, and little is held.
    #[test]
    fn long_values() {
        let number = "card 4000&nbsp;0044&nbsp;2708&nbsp;3831";
        let cut = "&lt;p&gt;card &lt;b&gt;4000&lt;/b&gt;004427083831";
        for html in [
            format!("<input title=\"{}{number}\">", "tide ".repeat(40_000)),
            format!("<input {}title='{number}'>", "title='tide' ".repeat(40_000)),
            format!("<input title='{number}' {}>", "title='tide' ".repeat(40_000)),
            format!("<iframe srcdoc=\"{}{cut}\">", "&lt;p&gt;tide&lt;/p&gt;".repeat(20_000)),
            format!("<iframe srcdoc=\"{cut}{}\">", "&lt;p&gt;tide&lt;/p&gt;".repeat(20_000)),
            format!("<iframe srcdoc=\"&lt;!--&lt;/textarea&gt;--&gt;{cut}\">"),
        ] {
            for size in [1000, 4096, 65536] {
                assert_eq!(found(&html, size), ["CREDIT_CARD_NUMBER"], "{size}: {}", &html[..40]);
            }
        }
    }

    #[test]
    fn what_is_html() {
        for html in ["<p>a", "a</TD>", "x <br/>", "<html>", "<!DOCTYPE html><div class='a'>", "card 4<b>5</b>3", "<h1>"]
        {
            assert!(is_markup(html), "{html}");
        }
        for other in
            ["a < b", "for(i=0;i<a;i++)", "x<b&&y", "<pre-order>", "<me@b.example>", "<data><card>1</card></data>"]
        {
            assert!(!is_markup(other), "{other}");
        }
    }
}
