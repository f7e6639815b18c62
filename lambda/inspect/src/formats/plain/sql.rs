//! SQL: a text in which the values of rows have the names of their columns, as the statement or the table's own has them.
//!
//! ```sql
//! CREATE TABLE clients (name text, card text);
//! INSERT INTO clients VALUES ('Ada', '4539148803436467'), ('Bob', '4000004427083831');
//! COPY clients (name, card) FROM stdin;
//! ```
//!
//! Nothing is checked: what is not understood is a text like any other.

mod lexer;
mod statement;

use super::Text;
use crate::input::checker::Checker;
use crate::input::text::Encodings;
use crate::scan::{Mask, Scanner};
use crate::verdict::Fault;
use lexer::Lexer;
use statement::{Cell, Statement};

/// Extensions of SQL.
pub(super) const EXTENSIONS: &[&str] = &["sql", "ddl"];

/// The checker of SQL.
#[derive(Default)]
pub(super) struct Sql {
    text: Text,
    lexer: Lexer,
    statement: Statement,
}

impl Sql {
    /// What the text says next of cells, from a place on, and where it ends.
    fn next(&mut self, text: &str, at: usize, scanner: &mut Scanner) -> Result<Option<(Cell, usize)>, Fault> {
        if self.statement.is_copied() {
            return Ok(self.statement.copied(text, at));
        }
        let Some((token, end)) = self.lexer.next(text, at) else { return Ok(None) };
        Ok(Some((self.statement.take(&token, self.lexer.word(), scanner)?, end)))
    }
}

impl Checker for Sql {
    fn encodings(&self, allowed: Encodings) -> Encodings {
        self.text.encodings(allowed)
    }

    fn push(&mut self, text: &str, scanner: &mut Scanner) -> Result<(), Fault> {
        let (mut passed, mut at) = (0, 0);
        while let Some((cell, end)) = self.next(text, at, scanner)? {
            at = end;
            if cell.ends {
                // Before the sign that ends it.
                self.text.push(&text[passed..end - 1], scanner)?;
                scanner.go_on(Mask::default());
                passed = end - 1;
            }
            if !cell.names.is_empty() {
                self.text.push(&text[passed..end], scanner)?;
                scanner.go_on(cell.names);
                passed = end;
            }
        }
        self.text.push(&text[passed..], scanner)
    }

    fn finish(&mut self, scanner: &mut Scanner) -> Result<(), Fault> {
        self.text.finish(scanner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detectors, Inspection, Limits, inspect};

    const FAR: &str = "'a note, that keeps all (keywords) far away; from what is behind it'";
    const CARD: &str = "'4539148803436467'";

    fn judge(text: &str) -> Inspection {
        let answer = inspect("dump.sql", text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.broken, None, "{text}");
        answer
    }

    fn found(text: &str) -> u64 {
        let count = judge(text).findings.iter().map(|found| found.count).sum();
        // And character by character.
        let (mut sql, mut scanner) = (Sql::default(), Scanner::new(&Detectors::default(), 1));
        for sign in text.chars() {
            sql.push(sign.encode_utf8(&mut [0; 4]), &mut scanner).unwrap();
        }
        assert_eq!(scanner.finish().iter().map(|found| found.count).sum::<u64>(), count, "{text}");
        count
    }

    #[test]
    fn values_have_the_names_of_their_columns() {
        let rows = format!("({FAR}, {CARD}),\n(lower({FAR}), 4539148803436467)");
        let create = "CREATE TABLE IF NOT EXISTS `x`.`t` (\n `note` varchar(9) DEFAULT 'a, b',\n PRIMARY KEY (`note`),\n `card` text);\n";
        for (statement, expected) in [
            (format!("INSERT INTO t (note, card) VALUES {rows};"), 2),
            (format!("INSERT INTO t (card, note) VALUES {rows};"), 0),
            (format!("insert t (\"note\", [card]) values {rows}\nGO\n"), 2),
            (format!("{create}INSERT INTO `t` VALUES {rows};"), 2),
            (format!("{create}INSERT INTO other VALUES {rows};"), 0),
            (format!("{create}-- don't\nREPLACE INTO t /* (card) */ VALUES {rows};"), 2),
            (format!("INSERT INTO t (note, card) SELECT * FROM (VALUES {rows}) x;"), 0),
            (format!("INSERT INTO t (note, card) VALUES ('see\ncopy for {}, {CARD});", &FAR[1..]), 1),
            (format!("SELECT 'open;\nINSERT INTO t (note, card) VALUES {rows};"), 2),
            (format!("INSERT INTO a (card) VALUES (1)\nINSERT INTO b (note, id) VALUES {rows};"), 0),
        ] {
            assert_eq!(found(&statement), expected, "{statement}");
        }
    }

    #[test]
    fn a_number_behind_the_extension_changes_nothing() {
        let text = format!("INSERT INTO t (note, card) VALUES ({FAR}, {CARD});");
        for (name, expected) in [("d.sql.1", 1), ("d.ddl.20261130", 1), ("d.txt", 0)] {
            let answer = inspect(name, text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(answer.findings.len(), expected, "{name}");
        }
    }

    #[test]
    fn lines_of_a_copy_have_them_too() {
        let line = "a note that keeps all keywords far away from it\t4539148803436467\n";
        let copy = |columns: &str| format!("COPY public.t {columns} FROM stdin;\n{line}\\N\tx\n{line}\\.\n{line}");
        assert_eq!([found(&copy("(note, card)")), found(&copy("(card, note)"))], [2, 0]);
        let create = "CREATE TABLE public.t (note text, card text);\n";
        assert_eq!([found(&(create.to_owned() + &copy(""))), found(&copy(""))], [2, 0]);
    }

    /// Columns take memory as they do in other formats, and tables that come again are one.
    #[test]
    fn columns_are_bounded() {
        let list = "card,".repeat(100_000);
        let rows = format!("INSERT INTO t ({list} x) VALUES ({CARD});");
        assert_eq!(judge(&rows).findings[0].count, 1);
        let create = format!("CREATE TABLE t (a text, card text{});\n", ", x text".repeat(998));
        assert_eq!(found(&(create.repeat(300) + &format!("INSERT INTO t VALUES ({FAR}, {CARD});"))), 1);
        let tables: String = (0..300).map(|table| create.replace(" t ", &format!(" t{table} "))).collect();
        let answer = inspect("dump.sql", tables.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(answer.broken.unwrap().kind, crate::Kind::Limit);
        let replaced = format!("{create}CREATE TABLE t (a text, b text);\nINSERT INTO t VALUES ({FAR}, {CARD});");
        assert_eq!(found(&replaced), 0);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let answer = judge(&format!("-- x\nINSERT INTO t (note, card) VALUES\n({FAR}, 1),\n({FAR}, {CARD});\n"));
        assert_eq!(answer.findings[0].locations, ["line 4, character 73"]);
    }
}
