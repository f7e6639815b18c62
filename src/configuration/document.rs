//! The text of a file as a tree that knows where everything stands.
//!
//! Serde stops at the first value that cannot be. Here that one is taken out of the tree and the rest is read again,
//! until all mistakes are known.

use super::keys::{SECTIONS, instead_of_key, instead_of_section, instead_of_value, names};
use super::mistake::{Mistake, Place};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

/// Where each key's value stands.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<String, Place>);

impl Places {
    /// Where a key's value stands, or what it is a part of.
    pub fn find(&self, key: &str) -> Option<&Place> {
        let mut key = Some(key);
        std::iter::from_fn(|| {
            let this = key?;
            key = this.rsplit_once('.').map(|(above, _)| above);
            Some(this)
        })
        .find_map(|key| self.0.get(key))
    }

    /// The value is not the file's any more.
    pub fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn collect(&mut self, table: &DeTable<'_>, above: &str, place: &dyn Fn(&Range<usize>) -> Place) {
        for (key, value) in table {
            let path = format!("{above}{}", key.get_ref());
            self.0.insert(path.clone(), place(&value.span()));
            match value.get_ref() {
                DeValue::Table(table) => self.collect(table, &format!("{path}."), place),
                DeValue::Array(array) => {
                    for element in array {
                        let name = element.get_ref().as_table().and_then(|table| table.get("name"));
                        if let Some(name) = name.and_then(|name| name.get_ref().as_str()) {
                            self.0.insert(format!("{path}.{name}"), place(&element.span()));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// What a file says, without what is wrong in it.
pub(super) fn read<T: DeserializeOwned + Default>(file: &str, text: &str) -> (T, Places, Vec<Mistake>) {
    let place = |span: &Range<usize>| Place::of(file, text, span);
    let (table, mut errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span().map(|span| span.start));
        let mistake = |error: &Error| Mistake {
            place: error.span().map(|span| place(&span)),
            ..Mistake::new(format!("read {file}"), error.message(), "correct the line: the file is in TOML")
        };
        return (T::default(), Places::default(), errors.iter().map(mistake).collect());
    }
    let mut places = Places::default();
    places.collect(table.get_ref(), "", &place);
    let headers = text.lines().filter_map(|line| line.trim_start().strip_prefix('['));
    let first = headers.map(|line| line.trim_matches(['[', ' '])).find_map(|line| line.split([']', '.']).next());
    let mut document = Document { text, first, root: table };
    let mut mistakes = document.without_false_sections();
    let read = loop {
        match T::deserialize(Deserializer::from(document.root.clone())) {
            Ok(read) => break read,
            Err(error) => {
                let Some(mistake) = document.without(&error) else {
                    mistakes.push((
                        error.span(),
                        Mistake::new(format!("read {file}"), error.message(), "correct the file"),
                    ));
                    break T::default();
                };
                mistakes.push(mistake);
            }
        }
    };
    mistakes.sort_by_key(|(span, _)| span.as_ref().map(|span| span.start));
    let located =
        |(span, mistake): (Option<Range<usize>>, Mistake)| Mistake { place: span.as_ref().map(place), ..mistake };
    (read, places, mistakes.into_iter().map(located).collect())
}

struct Document<'i> {
    text: &'i str,
    first: Option<&'i str>,
    root: toml::Spanned<DeTable<'i>>,
}

type Found = (Option<Range<usize>>, Mistake);

impl Document<'_> {
    /// Takes out the sections that are none: `macie = "off"`.
    fn without_false_sections(&mut self) -> Vec<Found> {
        let table = self.root.get_ref();
        let values = SECTIONS.iter().filter_map(|(section, _)| Some((*section, table.get(*section)?)));
        let wrong = values.filter(|(_, value)| !value.get_ref().is_table());
        let wrong: Vec<_> = wrong.map(|(section, value)| (section, value.span())).collect();
        let mut mistakes = vec![];
        for (section, span) in wrong {
            self.root.get_mut().remove(section);
            let written = self.text.get(span.clone()).unwrap_or_default();
            let mistake = Mistake {
                key: Some(section.to_owned()),
                ..Mistake::new(
                    format!("use {section} = {written}"),
                    format!("`{section}` is a section and no value"),
                    instead_of_section(section, written),
                )
            };
            mistakes.push((Some(span), mistake));
        }
        mistakes
    }

    /// Takes out what an error is about; `None` where that is not found.
    fn without(&mut self, error: &Error) -> Option<Found> {
        let (span, message) = (error.span()?, error.message());
        let mut path = vec![];
        let value = take_from_table(self.root.get_mut(), &span, &mut path)?;
        path.reverse();
        let key = path.join(".");
        let (what, (why, fix)) = if message.starts_with("unknown field") {
            let known: Vec<_> = names(message).into_iter().skip(1).collect();
            (format!("use the key {key}"), (message.to_owned(), instead_of_key(&path, &known, self.first)))
        } else {
            let written: String = self.text.get(value).unwrap_or_default().chars().take(60).collect();
            (format!("use {key} = {written}"), instead_of_value(&key, &written, message))
        };
        Some((Some(span), Mistake { key: Some(key), ..Mistake::new(what, why, fix) }))
    }
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Removes the innermost entry with this span; its path from the inside out, and where its value stood.
fn take_from_table(table: &mut DeTable<'_>, span: &Range<usize>, path: &mut Vec<String>) -> Option<Range<usize>> {
    let mut gone = None;
    for (key, value) in table.iter_mut() {
        let whole = value.span();
        if let Some(taken) = take_from_value(value.get_mut(), span, path) {
            path.push(key.get_ref().to_string());
            return Some(taken);
        }
        if covers(&key.span(), span) || covers(&whole, span) {
            gone = Some((key.clone(), whole));
            break;
        }
    }
    let (key, whole) = gone?;
    table.remove(&key);
    path.push(key.into_inner().into_owned());
    Some(whole)
}

fn take_from_value(value: &mut DeValue<'_>, span: &Range<usize>, path: &mut Vec<String>) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => take_from_table(table, span, path),
        DeValue::Array(array) => {
            for element in array.iter_mut() {
                if let Some(taken) = take_from_value(element.get_mut(), span, path) {
                    return Some(taken);
                }
            }
            let at = array.iter().position(|element| covers(&element.span(), span))?;
            let taken = array[at].span();
            let mut rest = DeArray::new();
            let others = array.iter().enumerate().filter(|(place, _)| *place != at);
            others.for_each(|(_, element)| rest.push(element.clone()));
            *array = rest;
            Some(taken)
        }
        _ => None,
    }
}
