//! What a document says that a part of its content stands for (`/ActualText`): readers show it in place of the part.

/// The marks that are open.
#[derive(Default)]
pub(super) struct Marks {
    depth: usize,
    /// The outermost one that says what is meant, and the text until it was shown.
    meant: Option<(usize, String)>,
}

impl Marks {
    /// Opens a mark, which may say what is meant. Whether that counts.
    pub(super) fn open(&mut self, meant: Option<String>) -> bool {
        self.depth += 1;
        let counts = meant.is_some() && self.meant.is_none();
        if counts {
            self.meant = meant.map(|meant| (self.depth, meant));
        }
        counts
    }

    /// Closes the last one; gives what was meant and never shown.
    pub(super) fn close(&mut self) -> String {
        let meant = self.meant.take_if(|meant| meant.0 >= self.depth);
        self.depth = self.depth.saturating_sub(1);
        meant.map(|meant| meant.1).unwrap_or_default()
    }

    /// Closes all of them.
    pub(super) fn end(&mut self) -> String {
        let meant = self.meant.take();
        self.depth = 0;
        meant.map(|meant| meant.1).unwrap_or_default()
    }

    /// What is shown in place of a piece: all of it with the first one.
    pub(super) fn shown(&mut self) -> Option<String> {
        self.meant.as_mut().map(|meant| std::mem::take(&mut meant.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_one_counts() {
        let mut marks = Marks::default();
        let meant = |text: &str| Some(text.to_owned());
        marks.close();
        assert!(!marks.open(None));
        assert_eq!(marks.shown(), None);
        assert!(marks.open(meant("4539")) && !marks.open(meant("no")));
        assert_eq!([marks.shown(), marks.shown()], [meant("4539"), meant("")]);
        marks.close();
        assert_eq!(marks.shown(), meant(""));
        marks.close();
        assert_eq!(marks.shown(), None);
        marks.open(meant("tide"));
        assert_eq!([marks.close(), marks.end()], ["tide", ""]);
    }
}
