//! Content streams: the text that they show, in their order.
//!
//! Programs place words, letters or lines; what belongs together is guessed from
//! where it is placed, since a number may be shown digit by digit.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::scan::Scanner;
use super::font::Font;
use super::lexer::Lexer;
use super::object::Object;

/// How wide a character is, in parts of the font's size: the guess for those that are not known.
const WIDTH: f64 = 0.5;

/// A gap that is a blank, in parts of the font's size.
const BLANK: f64 = 0.35;

/// A gap that parts columns, in parts of the font's size.
const COLUMN: f64 = 2.0;

/// How many operands are kept: no operator has more.
const OPERANDS: usize = 64;

/// What is known while a stream is read.
struct Text<'a> {
    fonts: &'a HashMap<String, Rc<Font>>,
    fallback: Font,
    font: &'a str,
    size: f64,
    leading: f64,
    /// Where the line starts, and how far the text on it reached.
    line: (f64, f64),
    reached: f64,
    scanner: &'a mut Scanner,
    shown: bool,
}

/// Passes on the text of a stream; says whether there was any.
pub(super) fn read(data: &[u8], fonts: &HashMap<String, Rc<Font>>, scanner: &mut Scanner) -> bool {
    let mut text = Text {
        fonts,
        fallback: Font::default(),
        font: "",
        size: 1.0,
        leading: 0.0,
        line: (0.0, 0.0),
        reached: 0.0,
        scanner,
        shown: false,
    };
    let mut lexer = Lexer::new(data, 0);
    let mut operands: Vec<Object> = Vec::new();
    loop {
        lexer.reset();
        match lexer.object() {
            Ok(None) => break,
            Ok(Some(Object::Operator(operator))) if operator == "ID" => {
                // A picture within the text: its end is looked for.
                let rest = data.get(lexer.at..).unwrap_or_default();
                let end = rest.windows(4).position(|part| {
                    part[0].is_ascii_whitespace() && &part[1..3] == b"EI" && !part[3].is_ascii_alphanumeric()
                });
                lexer.at += end.map_or(rest.len(), |end| end + 3);
                operands.clear();
            }
            Ok(Some(Object::Operator(operator))) => {
                text.operate(&operator, &operands);
                operands.clear();
            }
            Ok(Some(operand)) if operands.len() < OPERANDS => operands.push(operand),
            Ok(Some(_)) => {}
            // What is no object is skipped.
            Err(_) => lexer.at += 1,
        }
    }
    text.scanner.text("\n");
    text.shown
}

impl Text<'_> {
    fn operate(&mut self, operator: &str, operands: &[Object]) {
        let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
        match operator {
            "Tf" => {
                let font = operands.first().and_then(Object::name);
                self.font = font.and_then(|name| self.fonts.get_key_value(name)).map_or("", |known| known.0);
                self.size = number(1).abs();
            }
            "TL" => self.leading = number(0),
            "BT" => {
                self.line = (0.0, 0.0);
                self.reached = 0.0;
                self.scanner.text("\n");
            }
            "Td" | "TD" => {
                if operator == "TD" {
                    self.leading = -number(1);
                }
                self.go(self.line.0 + number(0), self.line.1 + number(1));
            }
            "Tm" => {
                // A matrix may be what gives the text its size.
                if self.size <= 1.0 {
                    self.size = number(0).abs().max(number(1).abs());
                }
                self.go(number(4), number(5));
            }
            "T*" => self.go(self.line.0, self.line.1 - self.leading),
            "Tj" => self.show(operands.first()),
            "'" | "\"" => {
                self.go(self.line.0, self.line.1 - self.leading.max(1.0));
                self.show(operands.last());
            }
            "TJ" => {
                for item in operands.first().map(Object::items).unwrap_or_default() {
                    match item.number() {
                        Some(kern) if kern < -1000.0 * BLANK / 1.5 => self.scanner.text(" "),
                        Some(_) => {}
                        None => self.show(Some(item)),
                    }
                }
            }
            _ => {}
        }
    }

    /// Goes to another place: another line, another word, or only another letter.
    fn go(&mut self, x: f64, y: f64) {
        let size = self.size.max(0.1);
        if (y - self.line.1).abs() > size * 0.3 {
            self.scanner.text("\n");
        } else if x - self.reached > size * BLANK || x < self.line.0 - size {
            // A wide gap parts the columns of a table.
            self.scanner.text(if x - self.reached > size * COLUMN { "\t" } else { " " });
        }
        self.line = (x, y);
        self.reached = x;
    }

    fn show(&mut self, string: Option<&Object>) {
        let Some(Object::String(string)) = string else { return };
        let font = self.fonts.get(self.font).map_or(&self.fallback, Rc::as_ref);
        let text = font.text(string);
        // The number of characters is small enough to be exact.
        #[expect(clippy::cast_precision_loss)]
        let width = text.chars().count() as f64 * WIDTH * self.size;
        self.reached += width;
        self.shown = true;
        self.scanner.text(&text);
    }
}
