//! A paragraph as readers show it: some show all of its text, some not what is hidden, was moved or is
//! pronunciation, and of a drawing they show what they know or what stands in its place. Whoever rejects the changes
//! that are tracked sees what it was before.

/// How much of a paragraph is held, and how much of its end goes on behind what parts it, in bytes.
const HELD: usize = 64 << 10;
const AGAIN: usize = 256;

/// Who shows what: all, what is not hidden with a drawing as it is meant, that with what stands in its place, and what
/// was there before the changes that are tracked.
#[derive(Clone, Copy, PartialEq)]
enum View {
    All,
    Meant,
    Instead,
    Original,
}

const VIEWS: [View; 4] = [View::All, View::Meant, View::Instead, View::Original];

/// A paragraph that is open, or what is like one.
pub(super) struct Paragraph {
    /// Its element.
    pub(super) name: &'static str,
    views: [Text; 4],
    hidden: bool,
    /// How many elements are open whose text is not shown, which were added, and whose text is shown by who knows the
    /// drawing, and by others.
    beside: usize,
    added: usize,
    choices: usize,
    fallbacks: usize,
    /// In which views it goes on in the next one, since its mark was deleted, or added.
    joined: [bool; 4],
}

/// The last words of paragraphs that go on in the next one, view by view.
pub(super) type Ends = [Option<String>; 4];

/// What is shown in a view.
#[derive(Default)]
struct Text {
    text: String,
    /// It lacks something.
    differs: bool,
}

impl Text {
    /// The last words.
    fn end(&self) -> &str {
        let from = self.text.ceil_char_boundary(self.text.len().saturating_sub(AGAIN));
        self.text.get(from..).unwrap_or_default()
    }

    /// Gives what there is to `out`, and keeps the end of it.
    fn give(&mut self, out: Option<&mut String>) {
        if let Some(out) = out {
            out.push_str(&self.text);
            out.push('\n');
        }
        self.text = self.end().to_owned();
    }
}

impl Paragraph {
    /// Starts one, behind those that go on in it.
    pub(super) fn new(name: &'static str, before: Ends) -> Self {
        let views = before.map(|end| Text { differs: end.is_some(), text: end.unwrap_or_default() });
        Self { name, views, hidden: false, beside: 0, added: 0, choices: 0, fallbacks: 0, joined: [false; 4] }
    }

    /// Its mark was deleted or moved away, or was added: whoever takes the change, or rejects it, sees one paragraph with the
    /// next one.
    pub(super) fn join(&mut self, change: &str) {
        for (joined, view) in self.joined.iter_mut().zip(VIEWS) {
            *joined |= match view {
                View::All => false,
                View::Meant | View::Instead => matches!(change, "del" | "moveFrom"),
                View::Original => matches!(change, "ins" | "moveTo"),
            };
        }
    }

    /// What goes on in the next one.
    pub(super) fn ends(&self) -> Ends {
        std::array::from_fn(|view| self.joined[view].then(|| self.views[view].end().to_owned()))
    }

    /// Takes a text. What is too much goes to `out`, unless it was passed on, and to `views` where they differ.
    pub(super) fn push(&mut self, text: &str, mut out: Option<&mut String>, views: &mut String) {
        for (at, view) in VIEWS.into_iter().enumerate() {
            let lacks = match view {
                View::All => false,
                View::Meant => self.hidden || self.beside > 0 || self.fallbacks > 0,
                View::Instead => self.hidden || self.beside > 0 || self.choices > 0,
                View::Original => self.added > 0,
            };
            let shown = &mut self.views[at];
            if lacks {
                shown.differs = true;
                continue;
            }
            shown.text.push_str(text);
            if shown.text.len() > HELD {
                let differs = shown.differs;
                shown.give(if view == View::All { out.as_deref_mut() } else { Some(&mut *views).filter(|_| differs) });
            }
        }
    }

    /// Takes a text that was deleted: only what was there before has it.
    pub(super) fn push_deleted(&mut self, text: &str, views: &mut String) {
        let [.., original] = &mut self.views;
        original.differs = true;
        original.text.push_str(text);
        if original.text.len() > HELD {
            original.give(Some(views));
        }
    }

    /// Gives what is left.
    pub(super) fn finish(&mut self, out: Option<&mut String>, views: &mut String) {
        let [all, others @ ..] = &mut self.views;
        all.give(out);
        for view in others.iter_mut().filter(|view| view.differs) {
            view.give(Some(&mut *views));
        }
    }

    /// Its last words.
    pub(super) fn end(&self) -> &str {
        self.views[0].end()
    }

    /// Whether the run that is open is hidden.
    pub(super) fn hide(&mut self, hidden: bool) {
        self.hidden = hidden;
    }

    /// An element starts.
    pub(super) fn enter(&mut self, name: &str) {
        if let Some(open) = self.counter(name) {
            *open += 1;
        } else if name == "r" {
            self.hidden = false;
        }
    }

    /// An element ends.
    pub(super) fn leave(&mut self, name: &str) {
        if let Some(open) = self.counter(name) {
            *open = open.saturating_sub(1);
        } else if name == "r" {
            self.hidden = false;
        }
    }

    fn counter(&mut self, name: &str) -> Option<&mut usize> {
        match name {
            "moveFrom" | "del" | "rt" => Some(&mut self.beside),
            "ins" | "moveTo" => Some(&mut self.added),
            "Choice" => Some(&mut self.choices),
            "Fallback" => Some(&mut self.fallbacks),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts, each in an element.
    type Parts<'a> = &'a [(&'a str, &'a str)];

    /// What is shown by all, and what others show.
    fn shown(parts: Parts) -> (String, String) {
        let mut paragraph = Paragraph::new("p", Ends::default());
        let (mut all, mut views) = (String::new(), String::new());
        for &(element, text) in parts {
            paragraph.enter(element);
            paragraph.hide(element == "vanish");
            match element {
                "del" => paragraph.push_deleted(text, &mut views),
                _ => paragraph.push(text, Some(&mut all), &mut views),
            }
            paragraph.leave(element);
            paragraph.hide(false);
        }
        paragraph.finish(Some(&mut all), &mut views);
        (all, views)
    }

    #[test]
    fn what_readers_do_not_all_show() {
        let table: [(Parts, &str, &str); 6] = [
            (&[("r", "45"), ("r", "39")], "4539\n", ""),
            (&[("r", "45"), ("vanish", "x"), ("r", "39")], "45x39\n", "4539\n4539\n"),
            (&[("r", "45"), ("moveFrom", "x"), ("rt", "y"), ("r", "39")], "45xy39\n", "4539\n4539\n"),
            (&[("r", "45"), ("Choice", "39"), ("Fallback", "x")], "4539x\n", "4539\n45x\n"),
            (&[("r", "45"), ("del", "39"), ("ins", "xx"), ("r", "14")], "45xx14\n", "453914\n"),
            (&[("moveFrom", "45"), ("r", "39"), ("moveTo", "x")], "4539x\n", "39x\n39x\n4539\n"),
        ];
        for (parts, all, views) in table {
            assert_eq!(shown(parts), (all.to_owned(), views.to_owned()));
        }
    }

    #[test]
    fn little_is_held() {
        let mut parts = vec![("r", "45391488")];
        parts.extend(vec![("vanish", "x"); 2 * HELD]);
        parts.push(("r", "03436467"));
        let (all, views) = shown(&parts);
        assert!(all.len() < 4 * HELD && views.starts_with("4539148803436467\n"));
    }
}
