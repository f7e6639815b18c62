//! A stream of lines, as every report but the live one writes them.
//!
//! A sender chooses keys, and a runner of pipelines obeys some words of a job's log. So no line has such a word but
//! those of [`Out::command`].

use super::text::{begins_command, obeyed_by_nobody};
use contract::text::is_hidden;
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

    /// Writes one, or several in one text.
    pub fn line(&mut self, text: impl Display) {
        self.write(&obeyed_by_nobody(&text.to_string()));
    }

    /// Writes JSON in which nothing turns or hides what a person sees of it, and nothing is a command; a program reads
    /// the same.
    pub fn json(&mut self, json: &str) {
        self.write(&harmless(json));
    }

    /// Writes a command of GitHub Actions; what is in it has to be escaped.
    pub fn command(&mut self, command: impl Display) {
        self.write(&command.to_string());
    }

    fn write(&mut self, text: &str) {
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

/// JSON with what is not to be seen as it is in escapes. A line ends between its values only.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for (at, c) in json.char_indices() {
        if is_hidden(c) && c != '\n' || begins_command(&json[at..]) {
            safe.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
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
