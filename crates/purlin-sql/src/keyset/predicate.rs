//! The condition that holds for the rows beyond a cursor.
//!
//! # Source
//!
//! Columns of one direction without NULLs are compared as a row, `(a, b) > ($1, $2)`, for which
//! both engines use an index. A row comparison cannot mix directions and is unknown for NULL; such
//! orders are written out, `a > $1 or (a = $1 and b < $2)`, with the bound `a >= $1` in front: it
//! says nothing new, and is what an index can follow.

use super::column::{Column, Nulls};
use crate::{Query, Value, cursor::Walk};

/// Holds for the rows after `keys` on this walk. Columns and keys are as many, and not none.
pub(super) fn after<T>(columns: &[Column<T>], keys: &[Value], walk: Walk) -> Query {
    if is_uniform(columns) {
        return row_comparison(columns, keys, walk);
    }
    let beyond = written_out(columns, keys, walk);
    match leading_bound(&columns[0], &keys[0], walk) {
        Some(bound) => bound.push(" and ").push(beyond),
        None => beyond,
    }
}

/// Whether all columns go one way and none is nullable.
fn is_uniform<T>(columns: &[Column<T>]) -> bool {
    let first = columns[0].is_descending(false);
    let same = |column: &Column<T>| !column.is_nullable() && column.is_descending(false) == first;
    columns.iter().all(same)
}

fn row_comparison<T>(columns: &[Column<T>], keys: &[Value], walk: Walk) -> Query {
    let operator = operator(&columns[0], walk, walk.is_inclusive);
    if let ([column], [key]) = (columns, keys) {
        return compared(column, operator, key);
    }
    let names = columns.iter().map(|column| Query::new(column.expression));
    Query::new("(")
        .push(Query::join(names, ", "))
        .push(")")
        .push(operator)
        .push(Query::list(keys.iter().cloned()))
}

/// Beyond by the first column, or the same there and beyond by the rest.
fn written_out<T>(columns: &[Column<T>], keys: &[Value], walk: Walk) -> Query {
    let (column, key) = (&columns[0], &keys[0]);
    if columns.len() == 1 {
        // The unique column, never NULL.
        return compared(column, operator(column, walk, walk.is_inclusive), key);
    }
    let rest = written_out(&columns[1..], &keys[1..], walk);
    let same = same(column, key).push(" and ").push(rest);
    match beyond(column, key, walk) {
        Some(beyond) => Query::new("(")
            .push(beyond)
            .push(" or (")
            .push(same)
            .push("))"),
        None => Query::new("(").push(same).push(")"),
    }
}

/// Holds where `column` alone puts a row after `key`. `None`: nothing comes after NULLs that are
/// last.
fn beyond<T>(column: &Column<T>, key: &Value, walk: Walk) -> Option<Query> {
    let nulls = column.nulls(walk.is_backward);
    let operator = operator(column, walk, false);
    match (key, nulls) {
        (Value::Null, Some(Nulls::First)) => {
            Some(Query::new(column.expression).push(" is not null"))
        }
        (Value::Null, _) => None,
        (key, Some(Nulls::Last)) => {
            // Not `or … is null`: SQLite would read one index range for each side and sort them all.
            let compared = compared(column, operator, key);
            Some(Query::new("coalesce(").push(compared).push(", true)"))
        }
        (key, _) => Some(compared(column, operator, key)),
    }
}

/// A bound on the first column that an index can follow, if there is one.
fn leading_bound<T>(column: &Column<T>, key: &Value, walk: Walk) -> Option<Query> {
    match (key, column.nulls(walk.is_backward)) {
        (Value::Null, _) | (_, Some(Nulls::Last)) => None,
        (key, _) => Some(compared(column, operator(column, walk, true), key)),
    }
}

fn same<T>(column: &Column<T>, key: &Value) -> Query {
    match key {
        Value::Null => Query::new(column.expression).push(" is null"),
        key => compared(column, " = ", key),
    }
}

fn compared<T>(column: &Column<T>, operator: &'static str, key: &Value) -> Query {
    Query::new(column.expression)
        .push(operator)
        .push(Query::new("$1").bind(key.clone()))
}

fn operator<T>(column: &Column<T>, walk: Walk, or_equal: bool) -> &'static str {
    match (column.is_descending(walk.is_backward), or_equal) {
        (false, false) => " > ",
        (false, true) => " >= ",
        (true, false) => " < ",
        (true, true) => " <= ",
    }
}
