//! A stream of lines, as every report but the live one writes them.

use std::fmt::Display;
use std::io::{self, Write};

/// A stream of lines that remembers its first error and then stays silent.
pub struct Out<W> {
    /// Where they go.
    pub to: W,
    /// The first error.
    pub result: io::Result<()>,
}

impl<W: Write> Out<W> {
    /// Nothing yet.
    pub fn new(to: W) -> Self {
        Self { to, result: Ok(()) }
    }

    /// Writes one.
    pub fn line(&mut self, text: impl Display) {
        if self.result.is_ok() {
            self.result = writeln!(self.to, "{text}");
        }
    }

    /// Writes several.
    pub fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.line(line);
        }
    }

    /// Flushes; a reader that left early is no error.
    pub fn end(&mut self) -> io::Result<()> {
        let result = std::mem::replace(&mut self.result, Ok(())).and_then(|()| self.to.flush());
        result.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_leaves_is_no_failure_but_a_full_disk_is() {
        let end = |kind| {
            let mut out = Out::new(Fails(kind));
            out.line("1");
            out.line("2");
            out.end().map_err(|error| error.kind())
        };
        assert_eq!(end(io::ErrorKind::BrokenPipe), Ok(()));
        assert_eq!(end(io::ErrorKind::StorageFull), Err(io::ErrorKind::StorageFull));
    }
}
