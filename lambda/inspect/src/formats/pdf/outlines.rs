//! The bookmarks of a document, as viewers list them: one below the other.

use std::collections::HashSet;

use super::document::Document;
use super::object::{Dict, Object, Resolve};
use super::told::text;
use crate::scan::{Mask, Place, Scanner};
use crate::verdict::Fault;

/// How many bookmarks are listed.
const MOST: usize = 1 << 16;

/// Passes on the titles of all bookmarks, which are looked at each by itself, too.
pub(super) fn check(document: &Document, root: &Dict, scanner: &mut Scanner) -> Result<(), Fault> {
    let Object::Dict(outlines) = &*document.entry(root, "Outlines") else { return Ok(()) };
    let first = |dict: &Dict, key: &str| dict.get(key).and_then(Object::reference);
    let mut next: Vec<u32> = first(outlines, "First").into_iter().collect();
    let mut seen = HashSet::new();
    scanner.echo(true);
    scanner.begin(Mask::default(), Place::Path("bookmarks".into()));
    while let Some(number) = next.pop() {
        if seen.len() >= MOST || !seen.insert(number) {
            continue;
        }
        let Object::Dict(item) = document.get(number) else { continue };
        if let Some(title) = document.entry(&item, "Title").string() {
            document.budget.work(title.len())?;
            scanner.text(&text(title));
            scanner.text("\n");
        }
        // What is below it comes before what is behind it.
        next.extend(first(&item, "Next"));
        next.extend(first(&item, "First"));
    }
    scanner.separate();
    scanner.echo(false);
    scanner.begin(Mask::default(), Place::Text);
    document.fault()
}
