//! The schema: a tree of types, where names may refer back.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::scan::value;

/// How deep types and values may lie in each other.
pub(super) const DEEPEST: usize = 128;

/// A type, by its place in the schema.
pub(super) type Id = usize;

/// What a value looks like.
#[derive(Debug)]
pub(super) enum Type {
    Null,
    Boolean,
    /// A number, or a point in time in units of which a day has so many.
    Long(Option<i64>),
    Float,
    Double,
    /// Bytes, or a decimal number of this scale.
    Bytes(Option<u32>),
    String,
    Fixed(usize, Option<u32>),
    Enum(Vec<String>),
    Array(Id),
    Map(Id),
    Union(Vec<Id>),
    Record(Vec<Field>),
}

/// A field of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// All that it is called: its name, and the aliases by which a reader with another schema knows it.
    pub(super) names: String,
    pub(super) id: Id,
}

/// How many structures a schema may have: each takes some hundred bytes in memory.
const STRUCTURES: usize = 48_000;

/// How many other signs of structure it may have.
const SIGNS: usize = 480_000;

/// How long all full names may be together, in bytes: a name space is repeated for each name in it.
const NAMES: usize = 8 << 20;

/// All types; the last step of parsing yields the root.
pub(super) struct Schema {
    /// The defaults of fields, as texts with the names of the fields.
    pub(super) defaults: Vec<(String, String)>,
    pub(super) types: Vec<Type>,
    pub(super) root: Id,
}

type Parsed<T> = Result<T, &'static str>;

impl Schema {
    /// Parses a schema, or says what is wrong with it.
    pub(super) fn parse(json: &[u8]) -> Parsed<Self> {
        let count = |signs: &[u8]| json.iter().filter(|byte| signs.contains(byte)).count();
        if count(b"{[") > STRUCTURES || count(b",:") > SIGNS {
            return Err("the schema is too large");
        }
        let json: Value = serde_json::from_slice(json).map_err(|_| "the schema is no JSON")?;
        let mut parser = Parser { types: Vec::new(), names: HashMap::new(), named: 0, defaults: Vec::new() };
        let root = parser.parse(&json, "", 0)?;
        Ok(Self { types: parser.types, root, defaults: parser.defaults })
    }
}

struct Parser {
    types: Vec<Type>,
    names: HashMap<String, Id>,
    /// How long the full names are together.
    named: usize,
    defaults: Vec<(String, String)>,
}

impl Parser {
    fn parse(&mut self, json: &Value, space: &str, depth: usize) -> Parsed<Id> {
        if depth > DEEPEST {
            return Err("the schema is nested too deep");
        }
        match json {
            Value::String(name) => self.named(name, space, &Map::new()),
            Value::Array(variants) => {
                let variants = variants.iter().map(|variant| self.parse(variant, space, depth + 1));
                let union = Type::Union(variants.collect::<Parsed<_>>()?);
                Ok(self.add(union))
            }
            Value::Object(object) => self.complex(object, space, depth),
            _ => Err("the schema has something that is no type"),
        }
    }

    fn add(&mut self, new: Type) -> Id {
        self.types.push(new);
        self.types.len() - 1
    }

    /// A simple type, or one that was defined before.
    fn named(&mut self, name: &str, space: &str, object: &Map<String, Value>) -> Parsed<Id> {
        let new = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" | "long" => Type::Long(units(object)),
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" => Type::Bytes(scale(object)),
            "string" => Type::String,
            _ => {
                let known = self.names.get(&full(name, space)).or_else(|| self.names.get(name));
                return known.copied().ok_or("the schema has an unknown type");
            }
        };
        Ok(self.add(new))
    }

    fn complex(&mut self, object: &Map<String, Value>, space: &str, depth: usize) -> Parsed<Id> {
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(inner) => return self.parse(inner, space, depth + 1),
            None => return Err("the schema has something that is no type"),
        };
        let part = |name: &str| object.get(name).ok_or("a type of the schema is not complete");
        match kind {
            "array" => {
                let items = self.parse(part("items")?, space, depth + 1)?;
                Ok(self.add(Type::Array(items)))
            }
            "map" => {
                let values = self.parse(part("values")?, space, depth + 1)?;
                Ok(self.add(Type::Map(values)))
            }
            "fixed" => {
                let size = part("size")?.as_u64().and_then(|size| usize::try_from(size).ok());
                let new = Type::Fixed(size.ok_or("a type of the schema is not complete")?, scale(object));
                self.define(object, space, new).map(|defined| defined.0)
            }
            "enum" => {
                let text = |symbol: &Value| symbol.as_str().map(str::to_owned).ok_or("a symbol that is no text");
                let symbols = part("symbols")?.as_array().into_iter().flatten().map(text).collect::<Parsed<_>>()?;
                self.define(object, space, Type::Enum(symbols)).map(|defined| defined.0)
            }
            "record" | "error" => {
                let (id, space) = self.define(object, space, Type::Null)?;
                let mut fields = Vec::new();
                for field in part("fields")?.as_array().into_iter().flatten() {
                    let name = field.get("name").and_then(Value::as_str).ok_or("a field without a name")?;
                    let kind = field.get("type").ok_or("a field without a type")?;
                    if let Some(default) = field.get("default").filter(|default| !default.is_null()) {
                        let text = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
                        self.defaults.push((name.to_owned(), text));
                    }
                    let aliases = field.get("aliases").and_then(Value::as_array).into_iter().flatten();
                    let names =
                        [name].into_iter().chain(aliases.filter_map(Value::as_str)).collect::<Vec<_>>().join(", ");
                    fields.push(Field { name: name.to_owned(), names, id: self.parse(kind, &space, depth + 1)? });
                }
                self.types[id] = Type::Record(fields);
                Ok(id)
            }
            name => self.named(name, space, object),
        }
    }

    /// Adds a type with a name; returns the name space that holds in it.
    fn define(&mut self, object: &Map<String, Value>, space: &str, new: Type) -> Parsed<(Id, String)> {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let name = text("name").ok_or("a type without a name")?;
        let full = full(name, text("namespace").unwrap_or(space));
        let space = full.rsplit_once('.').map_or("", |parts| parts.0).to_owned();
        self.named += full.len();
        if self.named > NAMES {
            return Err("the names of the schema are too long");
        }
        let id = self.add(new);
        if self.names.insert(full, id).is_some() {
            return Err("the schema defines a name twice");
        }
        Ok((id, space))
    }
}

fn full(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

/// How many units a day has, where a number is a point in time.
fn units(object: &Map<String, Value>) -> Option<i64> {
    let kind = object.get("logicalType")?.as_str()?;
    Some(match kind.strip_prefix("local-").unwrap_or(kind) {
        "date" => 1,
        "timestamp-millis" => value::MILLISECONDS,
        "timestamp-micros" => value::MILLISECONDS * 1000,
        "timestamp-nanos" => value::MILLISECONDS * 1_000_000,
        _ => return None,
    })
}

/// The scale of a decimal number, where bytes are one.
fn scale(object: &Map<String, Value>) -> Option<u32> {
    let decimal = object.get("logicalType").is_some_and(|kind| kind == "decimal");
    let scale = object.get("scale").map_or(Some(0), Value::as_u64);
    scale.filter(|_| decimal).and_then(|scale| scale.try_into().ok())
}
