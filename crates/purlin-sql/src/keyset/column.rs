//! One column of an order.

use super::key::{Key, KeyKind, KeyOf};
use crate::{IntoValue, Query, Value};

/// Where rows without a value stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nulls {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

pub(super) struct Column<T> {
    pub(super) expression: &'static str,
    is_descending: bool,
    /// `None`: the column is never NULL.
    nulls: Option<Nulls>,
    pub(super) kind: KeyKind,
    key: Box<dyn Fn(&T) -> Value + Send + Sync>,
}

impl<T> Column<T> {
    pub(super) fn new<K: Key>(
        expression: &'static str,
        is_descending: bool,
        key: impl KeyOf<T, K>,
    ) -> Self {
        Self {
            expression,
            is_descending,
            nulls: None,
            kind: K::KIND,
            key: Box::new(move |row| key(row).into_value()),
        }
    }

    pub(super) fn nullable<K: Key>(
        expression: &'static str,
        is_descending: bool,
        nulls: Nulls,
        key: impl KeyOf<T, Option<K>>,
    ) -> Self {
        Self {
            expression,
            is_descending,
            nulls: Some(nulls),
            kind: K::KIND,
            key: Box::new(move |row| key(row).into_value()),
        }
    }

    pub(super) fn key(&self, row: &T) -> Value {
        (self.key)(row)
    }

    /// Whether `value` can be in this column.
    pub(super) fn takes(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.nulls.is_some(),
            value => self.kind.is_of(value),
        }
    }

    pub(super) fn is_nullable(&self) -> bool {
        self.nulls.is_some()
    }

    pub(super) fn is_descending(&self, is_backward: bool) -> bool {
        self.is_descending != is_backward
    }

    /// Where NULLs stand when the list is walked this way.
    pub(super) fn nulls(&self, is_backward: bool) -> Option<Nulls> {
        match (self.nulls?, is_backward) {
            (Nulls::First, false) | (Nulls::Last, true) => Some(Nulls::First),
            (Nulls::Last, false) | (Nulls::First, true) => Some(Nulls::Last),
        }
    }

    /// The column's part of `order by`. The place of NULLs is always written: SQLite and Postgres
    /// differ in what they take it to be.
    pub(super) fn term(&self, is_backward: bool) -> Query {
        let direction = match self.is_descending(is_backward) {
            true => " desc",
            false => " asc",
        };
        let nulls = match self.nulls(is_backward) {
            Some(Nulls::First) => " nulls first",
            Some(Nulls::Last) => " nulls last",
            None => "",
        };
        Query::new(self.expression).push(direction).push(nulls)
    }
}
