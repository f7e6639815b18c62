//! The operators of a character map or an encoding, each with what stands before it.

use super::super::lexer::Lexer;
use super::super::object::Object;
use crate::verdict::Fault;

/// Reads all of them; what is no object is skipped.
pub(super) fn operators(map: &[u8], mut each: impl FnMut(&str, &[Object]) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut lexer = Lexer::new(map, 0);
    let mut operands = Vec::new();
    loop {
        match lexer.object() {
            Ok(None) => return Ok(()),
            Ok(Some(Object::Operator(operator))) => {
                each(operator.as_str(), &operands)?;
                operands.clear();
                lexer.reset();
            }
            Ok(Some(operand)) => operands.push(operand),
            Err(fault) if lexer.is_full() => return Err(fault),
            // As readers do, it stands for nothing in its place.
            Err(_) if std::mem::take(&mut lexer.odd) => operands.push(Object::Null),
            Err(_) => lexer.at += 1,
        }
    }
}
