//! The house: who may use whom below `src/`, and that no two files use each other.
//!
//! The imports are read as text, so this needs no build of what it checks. A house is a root and a table of
//! rooms: a row is a folder or file, and what it may use besides itself. A longer path wins over a shorter one,
//! so a folder can have stricter rows for what is in it. Tests are free: what is behind `#[cfg(test)]`, and
//! files called `tests.rs`, are not read.

mod imports;

use imports::{paths, resolved, test_modules, without_comments_and_texts, without_tests};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A row of a table: a room, and what it may use.
type Row = (&'static str, &'static [&'static str]);

/// The program. Rows go from the top down, and each may use only what is below it.
const CVAULT: &[Row] = &[
    ("main", &["run", "cli", "outcome"]),
    ("lib", &[]),
    ("run", &["cli", "configuration", "commands", "report", "vault", "deploy", "aws", "outcome"]),
    ("configuration", &["cli", "vault", "outcome"]),
    // What an option is further down is said here.
    ("cli", &["commands", "report", "vault", "deploy", "outcome"]),
    ("commands", &["emulator", "vault", "deploy", "aws", "outcome"]),
    ("report", &["deploy", "outcome"]),
    ("emulator", &["outcome"]),
    ("vault", &["vault/resources", "deploy", "aws", "outcome"]),
    // A resource knows what it is called and what its documents say, not who else is in the stack.
    (
        "vault/resources",
        &[
            "vault/definitions",
            "vault/expiry",
            "vault/names",
            "vault/package",
            "vault/steps",
            "vault/tags",
            "deploy",
            "aws",
            "outcome",
        ],
    ),
    ("deploy", &["aws", "outcome"]),
    ("aws", &["outcome"]),
    ("outcome", &[]),
];

/// The inspection.
const INSPECT: &[Row] = &[
    ("lib", &["judge", "codecs", "input", "recognise", "pass", "scan", "detect", "verdict"]),
    ("judge", &["formats", "recognise", "pass"]),
    ("formats", &["codecs", "input", "recognise", "pass", "scan", "detect", "verdict"]),
    ("codecs", &["input", "pass", "verdict"]),
    ("input", &["recognise", "pass", "scan", "verdict"]),
    ("recognise", &["pass", "verdict"]),
    ("pass", &["scan", "verdict"]),
    ("scan", &["detect", "verdict"]),
    ("detect", &[]),
    ("verdict", &[]),
];

/// The function.
const CLASSIFIER: &[Row] = &[
    ("main", &["audit", "batch", "notices", "steps", "sweep", "take", "macie", "objects", "queue", "messages"]),
    ("lib", &[]),
    ("sweep", &["take", "steps", "objects", "copies", "messages"]),
    ("take", &["steps", "objects", "copies", "messages"]),
    ("notices", &["digest", "notice", "queue", "messages"]),
    ("digest", &["notice", "messages"]),
    ("steps", &["batch", "notice", "macie", "objects", "copies", "reasons", "messages"]),
    ("batch", &["queue", "copies", "reasons", "refusal", "messages"]),
    ("queue", &[]),
    ("audit", &["copies", "messages"]),
    ("notice", &["copies", "reasons", "messages"]),
    ("macie", &["objects", "refusal", "messages"]),
    ("objects", &["copies", "refusal", "messages"]),
    ("refusal", &["messages"]),
    ("messages", &["copies", "reasons"]),
    ("copies", &[]),
    ("reasons", &[]),
];

/// A file with what belongs to it: in the inspection and the function, `pdf.rs` and `pdf/` are one thing.
fn with_its_own(path: &str) -> String {
    let parts = if path.starts_with("formats/") { 2 } else { 1 };
    path.split('/').take(parts).collect::<Vec<_>>().join("/")
}

fn goes_one_way(root: &str, name: &str, table: &[Row], least: usize, whole: fn(&str) -> String) {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(root), name);
    assert!(house.files.len() > least, "only {} files were found", house.files.len());
    assert_eq!(house.broken(table), Vec::<String>::new());
    assert_eq!(house.folded(whole).circles(), Vec::<String>::new());
    assert_eq!(house.beside_each_other().circles(), Vec::<String>::new());
}

#[test]
fn cvault_goes_one_way() {
    goes_one_way("src", "cvault", CVAULT, 50, str::to_owned);
}

#[test]
fn inspect_goes_one_way() {
    goes_one_way("lambda/inspect/src", "inspect", INSPECT, 80, with_its_own);
}

#[test]
fn the_classifier_goes_one_way() {
    goes_one_way("lambda/src", "classifier", CLASSIFIER, 20, with_its_own);
}

/// The files below a root, and what each uses.
struct House {
    files: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    /// Reads all files below a root, whose crate has this name.
    fn read(root: &Path, name: &str) -> Self {
        let mut sources = BTreeMap::new();
        collect(root, "", &mut sources);
        Self::of(sources, name)
    }

    /// The house of these sources: a module's path, such as `vault/resources`, to its text.
    fn of(mut sources: BTreeMap<String, String>, name: &str) -> Self {
        for text in sources.values_mut() {
            *text = without_tests(&without_comments_and_texts(text));
        }
        let only_tests: BTreeSet<_> = sources.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
        let is_test =
            |path: &str| path.split('/').any(|part| part == "tests") || only_tests.iter().any(|test| is_in(path, test));
        sources.retain(|path, _| !is_test(path));
        let modules: BTreeSet<_> = sources.keys().cloned().collect();
        let uses = |path: &str, text: &str| -> BTreeSet<String> {
            let used = paths(&text.replace(&format!("{name}::"), "crate::"));
            let used = used.into_iter().filter_map(|used| resolved(path, &used, &modules));
            used.filter(|used| used != path).collect()
        };
        let files = sources.iter().map(|(path, text)| (path.clone(), uses(path, text))).collect();
        Self { files }
    }

    /// What uses something that its room may not, and what is in no room at all.
    fn broken(&self, table: &[Row]) -> Vec<String> {
        let room = |path: &str| table.iter().filter(|(room, _)| is_in(path, room)).max_by_key(|(room, _)| room.len());
        let mut broken = vec![];
        for (path, used) in &self.files {
            let Some((own, allowed)) = room(path) else {
                broken.push(format!("{path} has no row in the table"));
                continue;
            };
            let fits = |used: &str| is_in(used, own) && room(used).is_some_and(|(room, _)| room == own);
            let allows = |used: &str| allowed.iter().any(|allowed| is_in(used, allowed));
            let wrong = used.iter().filter(|used| !fits(used) && !allows(used));
            broken.extend(wrong.map(|used| format!("{path} uses {used}")));
        }
        broken
    }

    /// The same house, with files taken together.
    fn folded(&self, whole: fn(&str) -> String) -> Self {
        let mut files = BTreeMap::<_, BTreeSet<String>>::new();
        for (path, used) in &self.files {
            let path = whole(path);
            let used = used.iter().map(|used| whole(used)).filter(|used| *used != path);
            files.entry(path.clone()).or_default().extend(used);
        }
        Self { files }
    }

    /// The same house without the uses between a file and what belongs to it: such two are one thing.
    fn beside_each_other(&self) -> Self {
        let beside = |path: &str, used: &str| !is_in(path, used) && !is_in(used, path);
        let only =
            |path: &String, used: &BTreeSet<String>| used.iter().filter(|used| beside(path, used)).cloned().collect();
        Self { files: self.files.iter().map(|(path, used)| (path.clone(), only(path, used))).collect() }
    }

    /// The files that use each other, each circle once.
    fn circles(&self) -> Vec<String> {
        let reached: BTreeMap<_, _> = self.files.keys().map(|path| (path, self.reached(path))).collect();
        let mut circles = BTreeSet::new();
        for path in self.files.keys().filter(|path| reached[path].contains(*path)) {
            let members = reached[path].iter().filter(|other| reached[other].contains(path));
            circles.insert(members.cloned().collect::<Vec<_>>().join(", "));
        }
        circles.into_iter().collect()
    }

    /// All that a file uses, and what that uses, and so on.
    fn reached(&self, path: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next = vec![path.to_owned()];
        while let Some(path) = next.pop() {
            let news = self.files.get(&path).into_iter().flatten().filter(|used| reached.insert((*used).clone()));
            next.extend(news.cloned().collect::<Vec<_>>());
        }
        reached
    }
}

/// Whether a module is a room, or in it.
fn is_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every `.rs` file below a folder under its module's path; `mod.rs` is the folder's own.
fn collect(folder: &Path, path: &str, sources: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        if entry.path().is_dir() {
            collect(&entry.path(), &below(&file), sources);
        } else if let Some(name) = file.strip_suffix(".rs") {
            let path = if name == "mod" { path.to_owned() } else { below(name) };
            sources.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// A house made up for a test.
fn made_up(files: &[(&str, &str)]) -> House {
    House::of(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(), "demo")
}

#[test]
fn a_use_is_found_however_it_is_written() {
    for text in [
        "use crate::b::Thing;",
        "use crate::{b::{self as other, Thing}, c::Other};",
        "fn f() { crate::b::thing(1) }",
        "use super::b;",
        "use demo::b::Thing;",
        "fn f(x: &'static str, y: char) -> bool { y == '\"' && super::b::thing(x) }",
    ] {
        let house = made_up(&[("a", text), ("b", ""), ("c", "")]);
        assert!(house.files["a"].contains("b"), "{text}");
        assert_eq!(house.broken(&[("a", &["c"]), ("b", &[]), ("c", &[])]), ["a uses b"], "{text}");
    }
}

#[test]
fn the_root_uses_what_lies_beside_it() {
    let house = made_up(&[("main", "mod a; mod b; fn main() { a::run(); }"), ("a", "use super::b;"), ("b", "")]);
    assert_eq!(house.files["main"], BTreeSet::from(["a".to_owned()]));
    assert_eq!(house.broken(&[("main", &["a"]), ("a", &[]), ("b", &[])]), ["a uses b"]);
}

#[test]
fn what_is_no_use_is_none() {
    for text in [
        "//! See [`crate::b`].",
        "fn f() { \"crate::b::Thing\" }",
        "fn f() { r#\"a \" crate::b::Thing\"# }",
        "#[cfg(test)]\nmod tests { use crate::b::Thing; }",
        "use other::b::Thing;",
        "/* crate::b::Thing */ mod b {}",
    ] {
        assert!(made_up(&[("a", text), ("b", "")]).files["a"].is_empty(), "{text}");
    }
}

#[test]
fn a_folder_may_have_stricter_rooms_and_a_file_must_have_one() {
    let house = made_up(&[("a", "mod x; mod y;"), ("a/x", "use super::y::Y;"), ("a/y", ""), ("z", "")]);
    assert_eq!(house.broken(&[("a", &[])]), ["z has no row in the table"]);
    assert_eq!(house.broken(&[("a", &[]), ("a/x", &[]), ("z", &[])]), ["a/x uses a/y"]);
    assert_eq!(house.broken(&[("a", &[]), ("a/x", &["a/y"]), ("z", &[])]), Vec::<String>::new());
}

#[test]
fn circles_are_found_through_others_and_through_the_folder() {
    let house = made_up(&[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;"), ("d", "")]);
    assert_eq!(house.circles(), ["a, b, c"]);
    // To declare a module is not to use it, to take something from it is.
    let folder = [("f", "mod x; pub use x::X;"), ("f/x", "use super::Other;")];
    assert_eq!(made_up(&folder).circles(), ["f, f/x"]);
    let folder = [("f", "mod x; pub struct Other;"), ("f/x", "use super::Other;")];
    assert_eq!(made_up(&folder).circles(), Vec::<String>::new());
    let beside =
        [("f", "mod x; mod y; pub use x::X;"), ("f/x", "use super::y::Y; use super::Z;"), ("f/y", "use super::x::X;")];
    assert_eq!(made_up(&beside).beside_each_other().circles(), ["f/x, f/y"]);
}

#[test]
fn modules_for_tests_are_free() {
    let files =
        [("a", "#[cfg(test)]\nmod sample;\nmod real;"), ("a/sample", "use crate::b::B;"), ("a/real", ""), ("b", "")];
    let house = made_up(&files);
    assert!(house.files.contains_key("a/real") && !house.files.contains_key("a/sample"));
}
