//! The types of JSON Schema, as a set.

use std::fmt;

use serde_json::Value;

/// A set of types. Every integer is a number, so that a set with `number` has `integer` too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

/// Each type by its name, with what it holds.
const NAMED: [(&str, Kinds); 7] = [
    ("null", Kinds::NULL),
    ("boolean", Kinds(1 << 1)),
    ("integer", Kinds(1 << 2)),
    ("number", Kinds(1 << 2 | 1 << 3)),
    ("string", Kinds(1 << 4)),
    ("array", Kinds::ARRAY),
    ("object", Kinds::OBJECT),
];

impl Kinds {
    pub(super) const NULL: Self = Self(1);
    pub(super) const ARRAY: Self = Self(1 << 5);
    pub(super) const OBJECT: Self = Self(1 << 6);
    pub(super) const ANY: Self = Self((1 << 7) - 1);
    const NONE: Self = Self(0);

    /// The type called `name`; none if there is no such.
    pub(super) fn named(name: &str) -> Self {
        let found = NAMED.iter().find(|(known, _)| *known == name);
        found.map_or(Self::NONE, |(_, kinds)| *kinds)
    }

    /// What the word `type` says: a name, or a list of names.
    pub(super) fn said(word: &Value) -> Self {
        match word {
            Value::String(name) => Self::named(name),
            Value::Array(names) => names
                .iter()
                .filter_map(Value::as_str)
                .fold(Self::NONE, |kinds, name| kinds.with(Self::named(name))),
            _ => Self::ANY,
        }
    }

    /// The type of `value`.
    pub(super) fn of(value: &Value) -> Self {
        Self::named(match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn covers(self, other: Self) -> bool {
        self.within(other) == other
    }

    /// Whether a value can be of both; the empty set meets only itself.
    pub(super) fn meets(self, other: Self) -> bool {
        self == other || !self.within(other).is_empty()
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Each type of the set; a number is not an integer besides.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        self.names().map(Self::named)
    }

    /// The names of its types.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let has_number = self.covers(Self::named("number"));
        let held = move |(_, kinds): &&(&str, Self)| self.covers(*kinds);
        NAMED
            .iter()
            .filter(held)
            .map(|(name, _)| *name)
            .filter(move |name| !(has_number && *name == "integer"))
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        if self.covers(Self::ANY.without(Self::NULL)) {
            return f.write_str("anything");
        }
        f.write_str(&self.names().collect::<Vec<_>>().join(" or "))
    }
}
