//! The schema: which columns there are, and what their values are.

use std::rc::Rc;

use super::size::{Size, broken};
use super::thrift::Thrift;
use crate::scan::value;
use crate::verdict::Fault;
use crate::verdict::Kind;

/// How deep groups may lie in each other.
const DEEPEST: usize = 100;

/// A column or a group, by its name and the group that it is in.
#[derive(Debug)]
pub(super) struct Node {
    name: String,
    outer: Option<Rc<Node>>,
}

impl Node {
    /// The names from the root to here.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut node = Some(self);
        while let Some(Node { name, outer }) = node {
            names.push(name.as_str());
            node = outer.as_deref();
        }
        names.reverse();
        names
    }

    /// How many names these are.
    pub(super) fn depth(&self) -> usize {
        self.names().len()
    }
}

/// What a column's values are.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) node: Node,
    pub(super) kind: Physical,
    pub(super) meaning: Meaning,
    pub(super) definition: u32,
    pub(super) repetition: u32,
    /// The number of the map whose keys it has.
    pub(super) keys_of: Option<u32>,
    /// The numbers of the maps that its values are in: their keys are names.
    pub(super) maps: Rc<[u32]>,
}

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    Fixed(usize),
}

/// What values stand for, where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    /// Text, which has to be UTF-8.
    Text,
    Day,
    /// A point in time, in units of which a day has so many.
    Moment(i64),
    Decimal(u32),
}

/// The tree, as its elements come: each group before what is in it.
#[derive(Default)]
pub(super) struct Tree {
    open: Vec<Group>,
    rooted: bool,
    /// How many maps there are so far.
    maps: u32,
    pub(super) leaves: Vec<Leaf>,
}

struct Group {
    left: usize,
    node: Option<Rc<Node>>,
    definition: u32,
    repetition: u32,
    map: Map,
    /// The maps that it is in.
    maps: Rc<[u32]>,
}

/// What a group is of a map: it, or its pairs, of which the first column is that of the keys.
#[derive(Clone, Copy, Default)]
enum Map {
    #[default]
    None,
    All(u32),
    Pairs(u32),
    /// The pairs, of whose columns the first has been seen.
    Values(u32),
}

impl Group {
    /// What the next element of this group is of a map, whose keys it has, and the maps that it is in.
    fn part(&mut self, element: &Thrift, count: &mut u32) -> (Map, Option<u32>, Rc<[u32]>) {
        match self.map {
            Map::All(map) => (Map::Pairs(map), None, Rc::clone(&self.maps)),
            Map::Pairs(map) => {
                self.map = Map::Values(map);
                (Map::None, Some(map), Rc::clone(&self.maps))
            }
            Map::None | Map::Values(_) => {
                let own = match self.map {
                    Map::Values(map) => Some(map),
                    _ => None,
                };
                let maps =
                    own.map_or_else(|| Rc::clone(&self.maps), |map| self.maps.iter().copied().chain([map]).collect());
                let is_map = matches!(element.int(6), Some(1 | 2)) || element.path(&[10, 2]).is_some();
                *count += u32::from(is_map);
                (if is_map { Map::All(*count) } else { Map::None }, None, maps)
            }
        }
    }
}

impl Tree {
    /// Takes the next element, of this name.
    pub(super) fn add(&mut self, element: &Thrift, name: &str, size: &mut Size) -> Result<(), Fault> {
        if !std::mem::replace(&mut self.rooted, true) {
            let left = element.size(5).ok_or_else(|| broken("there is no schema"))?;
            let (map, maps) = (Map::None, Rc::default());
            self.open.push(Group { left, node: None, definition: 0, repetition: 0, map, maps });
            return Ok(());
        }
        self.close();
        let Some(group) = self.open.last_mut() else { return Err(broken("a schema with more than its parts")) };
        group.left -= 1;
        if !matches!(element.int(3), None | Some(0..=2)) {
            return Err(broken("a column that is there no known number of times"));
        }
        let repeated = element.int(3) == Some(2);
        let definition = group.definition + u32::from(repeated || element.int(3) == Some(1));
        let repetition = group.repetition + u32::from(repeated);
        let node = Node { name: name.to_owned(), outer: group.node.clone() };
        let (own, keys_of, maps) = group.part(element, &mut self.maps);
        size.add(size_of::<Leaf>() + name.len() + size_of_val(&*maps))?;
        if let Some(left) = element.size(5).filter(|&children| children > 0) {
            if self.open.len() >= DEEPEST {
                return Err(Fault::new(Kind::Limit, "a schema that is nested too deep", 0));
            }
            if !group_may_be(element) {
                return Err(broken("a group that is called a value"));
            }
            self.open.push(Group { left, node: Some(Rc::new(node)), definition, repetition, map: own, maps });
            return Ok(());
        }
        let kind = physical(element)?;
        let meaning = meaning(element);
        if !applies(element, kind) {
            return Err(broken("a type that stands for nothing of its kind"));
        }
        self.leaves.push(Leaf { node, kind, meaning, definition, repetition, keys_of, maps });
        Ok(())
    }

    /// Takes the end.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        if !self.rooted {
            return Err(broken("there is no schema"));
        }
        self.close();
        if self.open.is_empty() { Ok(()) } else { Err(broken("a schema with less than its parts")) }
    }

    /// Closes the groups that are complete.
    fn close(&mut self) {
        while self.open.last().is_some_and(|group| group.left == 0) {
            self.open.pop();
        }
    }
}

fn physical(element: &Thrift) -> Result<Physical, Fault> {
    Ok(match element.int(1) {
        Some(0) => Physical::Boolean,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(3) => Physical::Int96,
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        Some(7) => {
            Physical::Fixed(element.size(2).filter(|&size| size > 0).ok_or_else(|| broken("a type without size"))?)
        }
        _ => return Err(broken("a column of no type")),
    })
}

fn meaning(element: &Thrift) -> Meaning {
    let logical = |id: i16| element.path(&[10, id]).is_some();
    // What is written now counts where both are there.
    match element.int(6).filter(|_| element.field(10).is_none()) {
        // UTF8, ENUM and JSON, and the same as they are written now.
        Some(0 | 4 | 19) => Meaning::Text,
        Some(5) => Meaning::Decimal(element.int(7).and_then(|scale| scale.try_into().ok()).unwrap_or(0)),
        Some(6) => Meaning::Day,
        Some(9) => Meaning::Moment(value::MILLISECONDS),
        Some(10) => Meaning::Moment(value::MILLISECONDS * 1000),
        _ if logical(1) || logical(4) || logical(12) => Meaning::Text,
        _ if logical(5) => {
            let scale = element.path(&[10, 5]).and_then(|decimal| decimal.int(1));
            Meaning::Decimal(scale.and_then(|scale| scale.try_into().ok()).unwrap_or(0))
        }
        _ if logical(6) => Meaning::Day,
        // What is new has no number of old: a TIMESTAMP of nanoseconds.
        _ if element.path(&[10, 8, 2, 3]).is_some() => Meaning::Moment(value::MILLISECONDS * 1_000_000),
        _ if element.path(&[10, 8, 2, 2]).is_some() => Meaning::Moment(value::MILLISECONDS * 1000),
        _ if element.path(&[10, 8, 2, 1]).is_some() => Meaning::Moment(value::MILLISECONDS),
        _ => Meaning::Plain,
    }
}

/// The number of a type, as the metadata have it.
pub(super) fn number_of(kind: Physical) -> i64 {
    match kind {
        Physical::Boolean => 0,
        Physical::Int32 => 1,
        Physical::Int64 => 2,
        Physical::Int96 => 3,
        Physical::Float => 4,
        Physical::Double => 5,
        Physical::Bytes => 6,
        Physical::Fixed(_) => 7,
    }
}

/// The number of what is meant, if the element says so.
fn logical(element: &Thrift) -> Result<Option<i16>, Fault> {
    let Some(logical) = element.field(10) else { return Ok(None) };
    let known = (1..=18).find(|&id| logical.field(id).is_some());
    known.map(Some).ok_or_else(|| broken("a type that stands for what nobody knows"))
}

/// Whether a group may stand for what its element says: a map, a list, a variant.
fn group_may_be(element: &Thrift) -> bool {
    matches!(logical(element), Ok(None | Some(2 | 3 | 16))) && matches!(element.int(6), None | Some(1..=3))
}

/// Whether values of a type may stand for what their element says.
fn applies(element: &Thrift, kind: Physical) -> bool {
    let Ok(logical) = logical(element) else { return false };
    let unit = |id: i16| (1..=3).find(|&unit| element.path(&[10, id, 2, unit]).is_some());
    match logical {
        Some(1 | 4 | 12 | 13 | 17 | 18) => kind == Physical::Bytes,
        Some(5) => {
            let of = |id: i16| element.path(&[10, 5]).and_then(|decimal| decimal.int(id));
            is_decimal(kind, of(1), of(2))
        }
        Some(6) => kind == Physical::Int32,
        Some(7) => match unit(7) {
            Some(1) => kind == Physical::Int32,
            Some(_) => kind == Physical::Int64,
            None => false,
        },
        Some(8) => unit(8).is_some() && kind == Physical::Int64,
        Some(10) => match element.path(&[10, 10]).and_then(|whole| whole.int(1)) {
            Some(8 | 16 | 32) => kind == Physical::Int32,
            Some(64) => kind == Physical::Int64,
            _ => false,
        },
        Some(11) => true,
        Some(14) => kind == Physical::Fixed(16),
        Some(15) => kind == Physical::Fixed(2),
        Some(_) => false,
        // As it was written of old.
        None => match element.int(6) {
            None => true,
            Some(0 | 4 | 19 | 20) => kind == Physical::Bytes,
            Some(5) => is_decimal(kind, element.int(7), element.int(8)),
            Some(6 | 7 | 11..=13 | 15..=17) => kind == Physical::Int32,
            Some(8..=10 | 14 | 18) => kind == Physical::Int64,
            Some(21) => kind == Physical::Fixed(12),
            Some(_) => false,
        },
    }
}

/// Whether values of a type are decimal numbers of so many digits, of which some are behind the point.
fn is_decimal(kind: Physical, scale: Option<i64>, digits: Option<i64>) -> bool {
    let digits = digits.unwrap_or(0);
    let most = match kind {
        Physical::Int32 => 9,
        Physical::Int64 => 18,
        Physical::Bytes | Physical::Fixed(_) => i64::MAX,
        _ => 0,
    };
    (1..=most).contains(&digits) && (0..=digits).contains(&scale.unwrap_or(0))
}
