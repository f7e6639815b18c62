//! What a package cannot be opened without: its main part, and the sheets that a workbook names.
//!
//! Programs find the main part by the relation in `_rels/.rels`, and sheets by those beside the workbook. Only these
//! are demanded: other relations that lead nowhere are in files of good programs.

use std::collections::{HashMap, HashSet};

use super::{TYPES, is_relations};
use crate::formats::xml::{Attributes, local};
use crate::formats::zip::{Entry, Index};
use crate::pass::{Budget, Hold};
use crate::verdict::{Fault, Kind, Reason, Stop};
use contract::Format;

/// Where the relations of the package are.
const PACKAGE: &str = "_rels/.rels";

/// What something kept takes in memory beside its text, in bytes.
const EACH: usize = 96;

/// The part that is read, by its root element.
#[derive(Clone, Copy, PartialEq)]
enum Root {
    Unread,
    Relations,
    Workbook,
    Other,
}

/// What the parts of a package say of each other. Names of parts are in small letters: they are the same in any case.
pub(super) struct Links {
    part: String,
    root: Root,
    /// Where the package's main part should be.
    main: Option<String>,
    /// The parts that may be it, each with the relations of the sheets that it names.
    mains: HashMap<String, Vec<String>>,
    /// Where the sheets are, by the part with the relations and by the name of each there.
    sheets: HashMap<(String, String), String>,
    hold: Hold,
}

impl Links {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            part: String::new(),
            root: Root::Other,
            main: None,
            mains: HashMap::new(),
            sheets: HashMap::new(),
            hold: budget.hold(),
        }
    }

    /// A part begins.
    pub(super) fn open(&mut self, entry: &Entry) {
        self.part = name_of(entry);
        self.root = Root::Unread;
    }

    /// Takes an element of the part.
    pub(super) fn start(&mut self, name: &str, attributes: &Attributes, format: Format) -> Result<(), Fault> {
        // Nearly all elements are in such a part.
        if self.root == Root::Other {
            return Ok(());
        }
        match (self.root, local(name)) {
            (Root::Unread, root) => self.start_root(root, format),
            (Root::Relations, "Relationship") => self.relate(attributes),
            (Root::Workbook, "sheet") => {
                let id = attributes.iter().find(|found| found.0.contains(':') && local(found.0) == "id");
                let Some(sheets) = self.mains.get_mut(&self.part) else { return Ok(()) };
                let id = id.map_or("", |found| &*found.1);
                self.hold.add(EACH + id.len())?;
                sheets.push(id.to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn start_root(&mut self, root: &str, format: Format) -> Result<(), Fault> {
        if self.part.eq_ignore_ascii_case(TYPES) && root != "Types" {
            return Err(Fault::syntax("it is no list of types (save the file again)", 0));
        }
        self.root = match root {
            "Relationships" if is_relations(&self.part) => Root::Relations,
            "workbook" if format == Format::Xlsx => Root::Workbook,
            _ => Root::Other,
        };
        if self.root == Root::Workbook || (root == "document" && format == Format::Docx) {
            self.hold.add(EACH + self.part.len())?;
            self.mains.insert(self.part.clone(), Vec::new());
        }
        Ok(())
    }

    /// Takes a relation, if it is one of those that have to lead somewhere.
    fn relate(&mut self, attributes: &Attributes) -> Result<(), Fault> {
        let attribute = |name: &str| attributes.iter().find(|found| found.0 == name).map_or("", |found| &*found.1);
        let kind = attribute("Type").rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        if self.part == PACKAGE && kind == "officedocument" {
            self.main.get_or_insert(resolved("", attribute("Target")));
        } else if kind.ends_with("sheet") {
            let folder = self.part.rsplit_once("_rels/").map_or("", |parts| parts.0);
            let (id, target) = (attribute("Id"), resolved(folder, attribute("Target")));
            self.hold.add(EACH + self.part.len() + id.len() + target.len())?;
            self.sheets.insert((self.part.clone(), id.to_owned()), target);
        }
        Ok(())
    }

    /// Refuses a package that lacks what it cannot be opened without; all of its parts were read.
    pub(super) fn check(&mut self, format: Format, index: &Index) -> Result<(), Stop> {
        let refuse = |what: &str| {
            let text = format!("{format}: {what} (save the file again)");
            Stop::from(Reason { kind: Kind::Syntax, text })
        };
        let Some(main) = self.main.take() else { return Err(refuse("no part says which one is the main one")) };
        let Some(sheets) = self.mains.remove(&main) else {
            return Err(refuse("the part that should be the main one is not there, or is none"));
        };
        let (folder, file) = main.rsplit_once('/').map_or(("", &*main), |(folder, file)| (folder, file));
        let relations = format!("{folder}{}_rels/{file}.rels", if folder.is_empty() { "" } else { "/" });
        let names: usize = index.entries.iter().map(|entry| EACH + entry.name.len()).sum();
        self.hold.add(names).map_err(|fault| fault.stop(format, 0))?;
        let names: HashSet<String> = index.entries.iter().map(name_of).collect();
        for (place, id) in (1..).zip(sheets) {
            let target = self.sheets.get(&(relations.clone(), id));
            if !target.is_some_and(|target| names.contains(target)) {
                return Err(refuse(&format!("sheet {place} of the workbook is not there")));
            }
        }
        Ok(())
    }
}

/// The part at which a relation aims, from the folder of the part that has it.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/").to_ascii_lowercase();
    let (folder, target) = target.strip_prefix('/').map_or((folder, &*target), |absolute| ("", absolute));
    let mut way: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(way.pop()),
            step => way.push(step),
        }
    }
    way.join("/")
}

/// The name of a part as it is compared.
fn name_of(entry: &Entry) -> String {
    entry.name.trim_start_matches('/').to_ascii_lowercase()
}
