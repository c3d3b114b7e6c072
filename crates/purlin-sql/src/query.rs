//! Statements: literals of the program and bound values, and nothing else.
//!
//! A [`Query`] is built from `&'static str` pieces. Each piece numbers its own placeholders from
//! `$1`; when pieces are put together they are numbered anew. There is no way to put text that
//! came in at run time into a statement: it can only be bound.

use std::{borrow::Cow, fmt::Write};

use crate::value::{IntoValue, Value};

mod placeholders;

use placeholders::{Part, parts};

/// A statement, or a piece of one, with the values bound to it.
///
/// # Examples
///
/// ```
/// use purlin_sql::Query;
///
/// let subject = Some("poetry");
/// let mut query = Query::new("select id from books where year >= $1").bind(1900);
/// if let Some(subject) = subject {
///     query = query.push(Query::new(" and subject = $1").bind(subject));
/// }
/// query = query.push(" order by id");
/// assert_eq!(query.text(), "select id from books where year >= $1 and subject = $2 order by id");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

impl Query {
    /// A statement or a piece of one. Placeholders are `$1`, `$2`, … on every engine.
    pub const fn new(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            values: Vec::new(),
        }
    }

    /// Binds the next value: the first call binds `$1`.
    #[must_use]
    pub fn bind(mut self, value: impl IntoValue) -> Self {
        self.values.push(value.into_value());
        self
    }

    /// Appends another piece, whose placeholders go on where these end.
    #[must_use]
    pub fn push(mut self, piece: impl IntoQuery) -> Self {
        let piece = piece.into_query();
        append(self.text.to_mut(), &piece.text, self.values.len());
        self.values.extend(piece.values);
        self
    }

    /// Puts `pieces` together with `separator` between them. No pieces: an empty query.
    pub fn join(pieces: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        let mut pieces = pieces.into_iter();
        let first = pieces.next().unwrap_or(Self::new(""));
        pieces.fold(first, |all, piece| all.push(separator).push(piece))
    }

    /// A list of values in parentheses, for `in`: `($1, $2, $3)`. No values: `(null)`, which
    /// holds nothing.
    pub fn list<T: IntoValue>(values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(|value| Self::new("$1").bind(value));
        let list = Self::join(values, ", ");
        let inside = if list.values.is_empty() {
            Self::new("null")
        } else {
            list
        };
        Self::new("(").push(inside).push(")")
    }

    /// The text, with placeholders where values go.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values bound so far.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The text and the values apart. Only this crate makes a statement from a text.
    pub(crate) fn into_parts(self) -> (Cow<'static, str>, Vec<Value>) {
        (self.text, self.values)
    }
}

/// What can become a statement: a literal, or a [`Query`] put together from literals.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a statement: only literals become SQL",
    label = "text made at run time would let a caller write SQL",
    note = "write the statement as a literal and bind the values: `query(\"… where id = $1\").bind(id)`",
    note = "to put a statement together from parts, push literals: `Query::new(\"…\").push(\"…\")`"
)]
pub trait IntoQuery {
    /// The statement.
    fn into_query(self) -> Query;
}

impl IntoQuery for &'static str {
    fn into_query(self) -> Query {
        Query::new(self)
    }
}

impl IntoQuery for Query {
    fn into_query(self) -> Query {
        self
    }
}

/// Appends `piece` to `text` with its placeholders raised by `offset`.
fn append(text: &mut String, piece: &str, offset: usize) {
    for part in parts(piece) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Placeholder(number) => {
                write!(text, "${}", number + offset).expect("writing to a string does not fail");
            }
        }
    }
}

/// The statement as SQLite reads it: `?1` for `$1`. Borrowed if nothing had to change.
pub(crate) fn for_sqlite(text: &str) -> Cow<'_, str> {
    if !text.contains('$') {
        return Cow::Borrowed(text);
    }
    let mut rewritten = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(part) => rewritten.push_str(part),
            Part::Placeholder(number) => {
                write!(rewritten, "?{number}").expect("writing to a string does not fail");
            }
        }
    }
    Cow::Owned(rewritten)
}

/// The highest number of a placeholder in `text`; 0 if there is none.
pub(crate) fn placeholders(text: &str) -> usize {
    let number = |part| match part {
        Part::Text(_) => 0,
        Part::Placeholder(number) => number,
    };
    parts(text).map(number).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_numbered_anew_when_put_together() {
        let range = Query::new("year between $1 and $2").bind(1800).bind(1900);
        let both = Query::join([range.clone(), range], " or ");
        assert_eq!(
            both.text(),
            "year between $1 and $2 or year between $3 and $4"
        );
        assert_eq!(both.values().len(), 4);
    }

    #[test]
    fn a_list_of_nothing_holds_nothing() {
        assert_eq!(Query::list([1, 2]).text(), "($1, $2)");
        assert_eq!(Query::list::<i64>([]).text(), "(null)");
    }

    #[test]
    fn words_and_escaped_text_are_taken_whole() {
        let text = r"select a$1, like'\', $1, E'it\'s $2', e'\\', $2, $0, é$3";
        let expected = r"select a$1, like'\', ?1, E'it\'s $2', e'\\', ?2, $0, é$3";
        assert_eq!(for_sqlite(text), expected);
    }

    #[test]
    fn what_looks_like_a_placeholder_in_text_is_left_alone() {
        let text = "select '$1', \"$2\", $1 -- $3\n /* $4 */ , $body$ $5 $body$, 'it''s $6', $2";
        let expected =
            "select '$1', \"$2\", ?1 -- $3\n /* $4 */ , $body$ $5 $body$, 'it''s $6', ?2";
        assert_eq!(for_sqlite(text), expected);
    }
}
