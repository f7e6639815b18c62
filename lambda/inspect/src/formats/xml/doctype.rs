//! The document type: where it ends, and which entities it declares.
//!
//! Parameter entities that are in the document are declarations in turn; after a reference to another one, as with
//! an external subset, there may be declarations that were not read.

use super::cursor::Cursor;
use super::declarations;
use super::entities::{Entities, Entity};
use crate::verdict::Fault;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Quotes(u8),
    Comment,
    Instruction,
}

/// Finds the end of a document type while it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scan {
    inside: Inside,
    subset: bool,
    /// Where the comment or the instruction began: `<!-->` does not end itself.
    begun: usize,
}

impl Scan {
    pub(super) const START: Self = Self { inside: Inside::Nothing, subset: false, begun: 0 };

    /// Takes the last byte of what is held; true at the end of the document type.
    pub(super) fn step(&mut self, last: u8, held: &str) -> bool {
        match self.inside {
            Inside::Quotes(quote) if quote == last => self.inside = Inside::Nothing,
            Inside::Comment if last == b'>' && held[self.begun..].ends_with("-->") => {
                self.inside = Inside::Nothing;
            }
            Inside::Instruction if last == b'>' && held[self.begun..].ends_with("?>") => {
                self.inside = Inside::Nothing;
            }
            Inside::Nothing => match last {
                b'"' | b'\'' => self.inside = Inside::Quotes(last),
                b'-' if held.ends_with("<!--") => self.enter(Inside::Comment, held),
                b'?' if held.ends_with("<?") => self.enter(Inside::Instruction, held),
                b'[' => self.subset = true,
                b']' => self.subset = false,
                b'>' => return !self.subset,
                _ => {}
            },
            _ => {}
        }
        false
    }

    fn enter(&mut self, inside: Inside, held: &str) {
        self.inside = inside;
        self.begun = held.len();
    }
}

/// Parses a document type, from `!DOCTYPE` to `>`.
pub(super) fn parse(held: &str, entities: &mut Entities) -> Result<(), Fault> {
    let mut cursor = Cursor::new(held);
    cursor.skip("!DOCTYPE");
    cursor.need_space()?;
    cursor.name()?;
    let spaced = cursor.space();
    if !cursor.rest.starts_with(['[', '>']) {
        if !spaced || !declarations::external(&mut cursor)? {
            return Err(Fault::syntax("a document type with an error", 0));
        }
        entities.unread();
    }
    cursor.space();
    if cursor.skip("[") {
        while !cursor.skip("]") {
            declaration(&mut cursor, entities)?;
        }
        cursor.space();
    }
    if cursor.rest == ">" { Ok(()) } else { Err(Fault::syntax("a document type with an error", 0)) }
}

/// One declaration of the internal subset, or white space.
fn declaration(cursor: &mut Cursor<'_>, entities: &mut Entities) -> Result<(), Fault> {
    if cursor.space() {
        return Ok(());
    }
    if cursor.skip("<!--") {
        return match cursor.until("-->")? {
            comment if comment.contains("--") || comment.ends_with('-') => Err(Fault::syntax("-- in a comment", 0)),
            _ => Ok(()),
        };
    }
    if cursor.skip("<?") {
        return super::markup::instruction(cursor.until("?>")?, None).map(|_| ());
    }
    if cursor.skip("%") {
        let name = cursor.name()?;
        if !cursor.skip(";") {
            return Err(Fault::syntax("a % that starts no reference", 0));
        }
        if let Some(text) = entities.parameter(name)? {
            let mut inside = Cursor::new(&text);
            while !inside.rest.is_empty() {
                declaration(&mut inside, entities)?;
            }
            entities.close();
        }
        return Ok(());
    }
    if cursor.skip("<!ENTITY") {
        return entity(cursor, entities);
    }
    if cursor.skip("<!ELEMENT") {
        return declarations::element(cursor);
    }
    if cursor.skip("<!ATTLIST") {
        return declarations::attributes(cursor, entities);
    }
    if cursor.skip("<!NOTATION") {
        return declarations::notation(cursor);
    }
    Err(Fault::syntax("an unknown declaration", 0))
}

/// Parses an entity declaration behind its first word.
fn entity(cursor: &mut Cursor<'_>, entities: &mut Entities) -> Result<(), Fault> {
    cursor.need_space()?;
    let parameter = cursor.skip("%");
    if parameter {
        cursor.need_space()?;
    }
    let name = cursor.name()?;
    cursor.need_space()?;
    let entity = if declarations::external(cursor)? {
        let spaced = cursor.space();
        if cursor.skip("NDATA") {
            cursor.need_space()?;
            cursor.name()?;
            if !spaced || parameter {
                return Err(Fault::syntax("an entity declaration with an error", 0));
            }
            Entity::Unparsed
        } else {
            Entity::External
        }
    } else {
        Entity::internal(cursor.literal()?)?
    };
    cursor.space();
    if !cursor.skip(">") {
        return Err(Fault::syntax("an entity declaration with an error", 0));
    }
    entities.declare(name, entity, parameter);
    Ok(())
}
