//! What a file uses, read from its text.

use std::collections::BTreeSet;

/// The code without what only looks like code.
pub fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            end_of_text(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            rest[2..].find('\'').map_or(rest.len(), |end| end + 3)
        } else {
            0
        };
        if skipped == 0 {
            code.push(first);
        }
        rest = &rest[skipped.max(first.len_utf8())..];
    }
    code
}

/// Where a text ends that begins with its quotation mark.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

const TEST: &str = "#[cfg(test)]";

/// The code without the items behind `#[cfg(test)]`; a module in a file of its own leaves its declaration.
pub fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, item)) = rest.split_once(TEST) {
        kept.push_str(before);
        let end = item.find([';', '{']).unwrap_or(item.len());
        if item[end..].starts_with(';') {
            kept.push_str(TEST);
            rest = item;
        } else {
            rest = &item[end + end_of_block(&item[end..])..];
        }
    }
    kept + rest
}

/// Where a block ends that begins with its brace.
fn end_of_block(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// The modules that a file declares for its tests alone.
pub fn test_modules(path: &str, code: &str) -> Vec<String> {
    let items = code.split(TEST).skip(1).filter_map(|item| Some(item.split_once(';')?.0));
    let names = items.filter_map(|item| Some(item.trim().rsplit_once("mod ")?.1.to_owned()));
    // What the root of a crate declares lies beside it.
    names.map(|name| if ["", "lib", "main"].contains(&path) { name } else { format!("{path}/{name}") }).collect()
}

/// Every path in the code, with the braces of imports resolved.
pub fn paths(code: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = vec![];
    let mut rest = code;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let name = rest.split(|c| !is_name(c)).next().unwrap_or_default();
        let goes_on = rest[name.len()..].starts_with("::");
        if !name.is_empty() && goes_on && before != ':' {
            let length = tree(rest, &[], &mut found);
            rest = &rest[length..];
            before = ' ';
        } else {
            let skipped = name.len().max(first.len_utf8());
            before = rest[..skipped].chars().next_back().unwrap_or(' ');
            rest = &rest[skipped..];
        }
    }
    found
}

/// Reads one path, or tree of paths, behind `prefix`; returns how much of the code it took.
fn tree(code: &str, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut path = prefix.to_vec();
    let mut at = 0;
    loop {
        let name: String = code[at..].chars().take_while(|c| is_name(*c)).collect();
        at += name.len();
        if name.is_empty() && code[at..].starts_with('{') {
            return at + branches(&code[at..], &path, found);
        }
        if name != "self" || path.is_empty() {
            path.extend((!name.is_empty()).then_some(name));
        }
        if !code[at..].starts_with("::") {
            found.push(path);
            return at;
        }
        at += 2;
    }
}

/// Reads `{a, b::{c, d}}` behind a prefix.
fn branches(code: &str, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut at = 1;
    loop {
        at += code[at..].len() - code[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        match code[at..].chars().next() {
            None => return code.len(),
            Some('}') => return at + 1,
            Some('*') => at += 1,
            Some(_) => at += tree(&code[at..], prefix, found).max(1),
        }
        // The other name of `a as b`.
        at += code[at..].find([',', '}', '{']).unwrap_or(code.len() - at);
    }
}

/// The file that a path in a module leads to; none for a path out of the crate.
pub fn resolved(from: &str, path: &[String], modules: &BTreeSet<String>) -> Option<String> {
    // `main` and `lib` are the crate's root, and their modules lie beside them.
    let from = if ["main", "lib"].contains(&from) { "" } else { from };
    let mut at: Vec<&str> = from.split('/').filter(|name| !name.is_empty()).collect();
    let mut names = path.iter().map(String::as_str).peekable();
    match path.first()?.as_str() {
        "crate" => {
            at.clear();
            names.next();
        }
        "self" => {
            names.next();
        }
        "super" => {
            while names.next_if_eq(&"super").is_some() {
                at.pop();
            }
        }
        // A module of its own, or something from elsewhere.
        child if modules.contains(format!("{from}/{child}").trim_start_matches('/')) => {}
        _ => return None,
    }
    for name in names {
        at.push(name);
        if !modules.contains(&at.join("/")) {
            at.pop();
            break;
        }
    }
    // What is at the crate's root is in no file of the table.
    Some(at.join("/")).filter(|file| modules.contains(file))
}
