//! Content streams: the text that they show, in their order.
//!
//! Programs place words, letters or lines; what belongs together is guessed from
//! where it is placed, since a number may be shown digit by digit.

use std::collections::HashMap;
use std::rc::Rc;

use super::font::Font;
use super::lexer::Lexer;
use super::object::Object;
use super::placement::Placement;
use crate::scan::Scanner;

/// How many operands are kept: no operator has more.
const OPERANDS: usize = 64;

/// What is known while a stream is read.
struct Text<'a> {
    fonts: &'a HashMap<String, Rc<Font>>,
    fallback: Font,
    font: &'a str,
    placement: Placement,
    scanner: &'a mut Scanner,
    shown: bool,
}

/// Passes on the text of a stream; says whether there was any.
pub(super) fn read(data: &[u8], fonts: &HashMap<String, Rc<Font>>, scanner: &mut Scanner) -> bool {
    let mut text =
        Text { fonts, fallback: Font::default(), font: "", placement: Placement::new(), scanner, shown: false };
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
        let matrix = || [0, 1, 2, 3, 4, 5].map(number);
        match operator {
            "q" => self.placement.save(),
            "Q" => self.placement.restore(),
            "cm" => self.placement.transform(matrix()),
            "BT" => self.placement.begin(),
            "Tf" => {
                let font = operands.first().and_then(Object::name);
                self.font = font.and_then(|name| self.fonts.get_key_value(name)).map_or("", |known| known.0);
                self.placement.resize(number(1));
            }
            "TL" => self.placement.leading = number(0),
            "Td" => self.placement.go(number(0), number(1)),
            "TD" => {
                self.placement.leading = -number(1);
                self.placement.go(number(0), number(1));
            }
            "Tm" => self.placement.place(matrix()),
            "T*" => self.placement.next_line(),
            "Tj" => self.show(operands.first()),
            "'" | "\"" => {
                self.placement.next_line();
                self.show(operands.last());
            }
            "TJ" => {
                for item in operands.first().map(Object::items).unwrap_or_default() {
                    match item.number() {
                        Some(kern) if self.placement.kern(kern) => self.scanner.text(" "),
                        Some(_) => {}
                        None => self.show(Some(item)),
                    }
                }
            }
            _ => {}
        }
    }

    fn show(&mut self, string: Option<&Object>) {
        let Some(Object::String(string)) = string else { return };
        let font = self.fonts.get(self.font).map_or(&self.fallback, Rc::as_ref);
        let text = font.text(string);
        self.scanner.text(self.placement.show(font.width(string)));
        self.scanner.text(&text);
        self.shown = true;
    }
}
