//! Words, and the signs between them: no strings and no comments, whatever is in these.

use memchr::{memchr, memchr3};

/// As much of a word as is held, in bytes.
const WORD: usize = 256;

/// Statements that begin in a new line, as programs write them, end a string that nobody has closed.
const STATEMENTS: [&str; 3] = ["INSERT INTO ", "CREATE TABLE ", "COPY "];

/// What was read.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    /// A word, which is held, and whether it was in quotes.
    Word { quoted: bool },
    /// `(`, `)`, `,` or `;`.
    Sign(u8),
    /// A statement has begun, whatever was before: its first words are held.
    Statement,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Inside {
    #[default]
    Nothing,
    Word,
    /// A name that this sign ends.
    Name(u8),
    String,
    /// At the beginning of a line in a string, as long as it may be that of a statement.
    Start,
    /// Behind a quote in a string, which may be doubled, and behind a backslash.
    Quote,
    Escape,
    /// Behind a dash or a slash that may begin a comment.
    Dash,
    Slash,
    Line,
    /// In a comment of any length, and behind a `*` in it.
    Comment,
    Star,
}

/// Reads words and signs in a text that comes in pieces.
#[derive(Default)]
pub(super) struct Lexer {
    inside: Inside,
    word: String,
    /// Names are in backquotes, as `MySQL` writes them: a backslash escapes in its strings, and is none elsewhere.
    escapes: bool,
}

impl Lexer {
    /// The word that was read last.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// The next token in a piece from a place on, and where it ends; a word that goes on in the next piece is given there.
    pub(super) fn next(&mut self, text: &str, mut at: usize) -> Option<(Token, usize)> {
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            match self.inside {
                Inside::Nothing => {
                    self.begin(byte);
                    at += 1;
                    if matches!(byte, b'(' | b')' | b',' | b';') {
                        return Some((Token::Sign(byte), at));
                    }
                    if self.inside == Inside::Word {
                        at -= 1;
                    }
                }
                Inside::Word => {
                    let end = bytes[at..].iter().position(|&byte| !is_word(byte)).map(|length| at + length);
                    self.hold(&text[at..end.unwrap_or(bytes.len())]);
                    let Some(end) = end else { break };
                    self.inside = Inside::Nothing;
                    return Some((Token::Word { quoted: false }, end));
                }
                Inside::Name(sign) => {
                    let end = memchr(sign, &bytes[at..]).map(|length| at + length);
                    self.hold(&text[at..end.unwrap_or(bytes.len())]);
                    let Some(end) = end else { break };
                    self.inside = Inside::Nothing;
                    return Some((Token::Word { quoted: true }, end + 1));
                }
                Inside::String => {
                    let Some(length) = memchr3(b'\'', b'\\', b'\n', &bytes[at..]) else { break };
                    at += length + 1;
                    match bytes[at - 1] {
                        b'\'' => self.inside = Inside::Quote,
                        b'\\' if self.escapes => self.inside = Inside::Escape,
                        b'\n' => {
                            self.inside = Inside::Start;
                            self.word.clear();
                        }
                        _ => {}
                    }
                }
                Inside::Start => {
                    self.word.push(byte.into());
                    if STATEMENTS.contains(&&*self.word) {
                        self.inside = Inside::Nothing;
                        return Some((Token::Statement, at + 1));
                    }
                    if STATEMENTS.iter().any(|statement| statement.starts_with(&self.word)) {
                        at += 1;
                    } else {
                        self.inside = Inside::String;
                    }
                }
                // Line ends and quotes that are escaped are skipped with what is behind them.
                Inside::Escape => (self.inside, at) = (Inside::String, at + 1),
                _ => at += self.go_on(byte),
            }
        }
        None
    }

    /// Goes on where a single sign decides; how many are read then.
    fn go_on(&mut self, byte: u8) -> usize {
        self.inside = match (self.inside, byte) {
            (Inside::Quote, b'\'') => Inside::String,
            (Inside::Line, b'\n') | (Inside::Star, b'/') => Inside::Nothing,
            (Inside::Dash, b'-') | (Inside::Line, _) => Inside::Line,
            (Inside::Comment | Inside::Star, b'*') => Inside::Star,
            (Inside::Slash, b'*') | (Inside::Comment | Inside::Star, _) => Inside::Comment,
            _ => {
                self.inside = Inside::Nothing;
                return 0;
            }
        };
        1
    }

    fn begin(&mut self, byte: u8) {
        self.escapes |= byte == b'`';
        self.inside = match byte {
            b'\'' => Inside::String,
            b'"' | b'`' => Inside::Name(byte),
            b'[' => Inside::Name(b']'),
            b'-' => Inside::Dash,
            b'/' => Inside::Slash,
            _ if is_word(byte) => Inside::Word,
            _ => return,
        };
        if matches!(self.inside, Inside::Word | Inside::Name(_)) {
            self.word.clear();
        }
    }

    fn hold(&mut self, part: &str) {
        let room = WORD.saturating_sub(self.word.len());
        self.word.push_str(&part[..part.floor_char_boundary(room)]);
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words and signs of a text, however it is cut.
    fn tokens(text: &str) -> Vec<String> {
        let of = |pieces: &[&str]| {
            let (mut lexer, mut found) = (Lexer::default(), Vec::new());
            for piece in pieces {
                let mut at = 0;
                while let Some((token, end)) = lexer.next(piece, at) {
                    found.push(match token {
                        Token::Word { quoted: false } => lexer.word().to_owned(),
                        Token::Word { quoted: true } => format!("<{}>", lexer.word()),
                        Token::Sign(sign) => char::from(sign).to_string(),
                        Token::Statement => format!("!{}", lexer.word()),
                    });
                    at = end;
                }
            }
            found
        };
        let whole = of(&[text]);
        for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
            let (before, behind) = text.split_at(cut);
            assert_eq!(of(&[before, behind]), whole, "{text} at {cut}");
        }
        whole
    }

    #[test]
    fn words_and_signs() {
        for (text, expected) in [
            ("INSERT INTO a.b (c) ", &["INSERT", "INTO", "a", "b", "(", "c", ")"][..]),
            ("\"a,b\" [c d] 'x,''y' , ", &["<a,b>", "<c d>", ","]),
            ("'a\\', b ", &[",", "b"]),
            ("`a` 'b\\', c' , ", &["<a>", ","]),
            ("a - b /* c, * ' **/ d / e ", &["a", "b", "d", "e"]),
            ("größe 1.5 ", &["größe", "1", "5"]),
            ("a -- don't\n b ", &["a", "b"]),
            ("'open\nx\ncopy that\nINSERT INTO t ", &["!INSERT INTO ", "t"]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }
}
