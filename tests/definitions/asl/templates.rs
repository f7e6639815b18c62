//! Payload templates: members whose names end in `.$` are paths or intrinsic functions.

use super::failure::Failure;
use super::paths::{Data, Path};
use serde_json::{Map, Value};
use std::fmt;

/// How deep AWS lets intrinsic functions nest.
const DEEPEST: usize = 10;

/// The template's value for this data.
pub fn render(template: &Value, data: Data<'_>) -> Result<Value, Failure> {
    match template {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| match name.strip_suffix(".$") {
                None => Ok((name.clone(), render(value, data)?)),
                Some(name) => Ok((name.to_owned(), Expression::parse(value).map_err(invalid)?.evaluate(data)?)),
            });
            members.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        Value::Array(items) => items.iter().map(|item| render(item, data)).collect::<Result<_, _>>().map(Value::Array),
        other => Ok(other.clone()),
    }
}

/// What `CreateStateMachine` would refuse in a template.
pub fn check(template: &Value) -> Result<(), String> {
    match template {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if name.ends_with(".$") { Expression::parse(value).map(drop) } else { check(value) }
        }),
        Value::Array(items) => items.iter().try_for_each(check),
        _ => Ok(()),
    }
}

fn invalid(message: impl fmt::Display) -> Failure {
    Failure::runtime(format!("the definition is not valid: {message}"))
}

enum Expression {
    Path(Path),
    /// The text between the quotes, as it is written.
    Literal(String),
    Format(Vec<Expression>),
    Array(Vec<Expression>),
    JsonToString(Box<Expression>),
}

impl Expression {
    fn parse(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or_else(|| format!("no text: {value}"))?;
        let mut parser = Parser { rest: text };
        let expression = parser.expression(0)?;
        match (&expression, parser.rest) {
            (Self::Literal(_), _) => Err(format!("a string is no path: {text}")),
            (_, "") => Ok(expression),
            (_, rest) => Err(format!("{rest:?} is left of {text:?}")),
        }
    }

    fn evaluate(&self, data: Data<'_>) -> Result<Value, Failure> {
        match self {
            Self::Path(path) => path.get(data).cloned(),
            Self::Literal(text) => pieces(text).map(|pieces| pieces.concat().into()).map_err(invalid),
            Self::Array(items) => items.iter().map(|item| item.evaluate(data)).collect(),
            Self::JsonToString(value) => Ok(value.evaluate(data)?.to_string().into()),
            Self::Format(arguments) => {
                let values = arguments[1..].iter().map(|argument| argument.evaluate(data));
                format(&arguments[0], &values.collect::<Result<Vec<_>, _>>()?)
            }
        }
    }
}

fn format(template: &Expression, values: &[Value]) -> Result<Value, Failure> {
    let failure = |message: String| Failure::new("States.IntrinsicFailure", message);
    let Expression::Literal(template) = template else { return Err(failure("no literal template".into())) };
    let pieces = pieces(template).map_err(failure)?;
    if pieces.len() != values.len() + 1 {
        return Err(failure(format!("{} places for {} values", pieces.len() - 1, values.len())));
    }
    let mut text = pieces[0].clone();
    for (value, piece) in values.iter().zip(&pieces[1..]) {
        match value {
            Value::String(value) => text += value,
            // AWS writes `{a=1}` then, in Java's manner: nobody wants that in an e-mail.
            Value::Object(_) | Value::Array(_) => return Err(failure(format!("{value} is no text"))),
            other => text += &other.to_string(),
        }
        text += piece;
    }
    Ok(text.into())
}

/// A literal without its escapes, cut at each `{}`.
fn pieces(literal: &str) -> Result<Vec<String>, String> {
    let mut pieces = vec![String::new()];
    let mut characters = literal.chars();
    while let Some(character) = characters.next() {
        let end = pieces.len() - 1;
        match character {
            '\\' => pieces[end].extend(characters.next()),
            '{' if characters.next() == Some('}') => pieces.push(String::new()),
            '{' | '}' => return Err(format!("a brace without a backslash in {literal:?}")),
            other => pieces[end].push(other),
        }
    }
    Ok(pieces)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn expression(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEEPEST {
            return Err("nested too deep".into());
        }
        if self.take("'") {
            return self.literal();
        }
        if self.take("States.Format(") {
            return self.arguments(depth).map(Expression::Format);
        }
        if self.take("States.Array(") {
            return self.arguments(depth).map(Expression::Array);
        }
        if self.take("States.JsonToString(") {
            let mut arguments = self.arguments(depth)?;
            return match (arguments.pop(), arguments.len()) {
                (Some(path @ Expression::Path(_)), 0) => Ok(Expression::JsonToString(Box::new(path))),
                _ => Err("States.JsonToString wants one path".into()),
            };
        }
        let end = self.rest.find([',', ')', ' ']).unwrap_or(self.rest.len());
        let (path, rest) = self.rest.split_at(end);
        self.rest = rest;
        Path::try_from(path.to_owned()).map(Expression::Path)
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Expression>, String> {
        let mut arguments = vec![];
        loop {
            arguments.push(self.expression(depth + 1)?);
            self.rest = self.rest.trim_start_matches(' ');
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return Err(format!("neither a comma nor an end before {:?}", self.rest));
            }
            self.rest = self.rest.trim_start_matches(' ');
        }
    }

    /// Up to the quote that has no backslash before it.
    fn literal(&mut self) -> Result<Expression, String> {
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' => {
                    let text = self.rest[..at].to_owned();
                    self.rest = &self.rest[at + 1..];
                    return Ok(Expression::Literal(text));
                }
                '\\' if !characters.next().is_some_and(|(_, escaped)| r"'{}\".contains(escaped)) => {
                    return Err("a backslash before what is not reserved".into());
                }
                _ => {}
            }
        }
        Err("a string without its end".into())
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
