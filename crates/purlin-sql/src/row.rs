//! One row of an answer, and how it becomes a Rust value.

use std::fmt;

use crate::value::{FromValue, Mismatch, ValueRef};

/// What an engine offers of a row.
pub trait Columns {
    /// How many columns there are.
    fn len(&self) -> usize;

    /// The place of the first column called `name`.
    fn find(&self, name: &str) -> Option<usize>;

    /// The value in column `at`, which is below [`len`](Self::len).
    ///
    /// # Errors
    ///
    /// If the engine holds a type that Purlin does not read, with that type's name.
    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch>;

    /// Whether there are no columns.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One row of an answer, lent for as long as it is being read.
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a dyn Columns);

/// A row cannot be read as the Rust type asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowError {
    /// The answer has no column of that name.
    NoColumn {
        /// The column asked for.
        column: String,
    },
    /// The column holds something else.
    Mismatch {
        /// The column asked for.
        column: String,
        /// What was wanted and what was found.
        mismatch: Mismatch,
    },
    /// The answer has another number of columns than the tuple has places.
    Width {
        /// Places in the tuple.
        wanted: usize,
        /// Columns in the answer.
        found: usize,
    },
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColumn { column } => write!(f, "the answer has no column `{column}`"),
            Self::Mismatch { column, mismatch } => write!(f, "column `{column}`: {mismatch}"),
            Self::Width { wanted, found } => {
                write!(f, "expected {wanted} columns, the answer has {found}")
            }
        }
    }
}

impl std::error::Error for RowError {}

impl<'a> Row<'a> {
    /// A row over what the engine offers.
    pub fn new(columns: &'a dyn Columns) -> Self {
        Self(columns)
    }

    /// The value in the column called `name`.
    ///
    /// # Errors
    ///
    /// If there is no such column, or it holds something else.
    pub fn get<T: FromValue>(&self, name: &str) -> Result<T, RowError> {
        let at = self.0.find(name).ok_or_else(|| RowError::NoColumn {
            column: name.to_owned(),
        })?;
        self.read(at).map_err(|mismatch| RowError::Mismatch {
            column: name.to_owned(),
            mismatch,
        })
    }

    /// The value in column `at`, counted from 0.
    ///
    /// # Errors
    ///
    /// If there is no such column, or it holds something else.
    pub fn get_at<T: FromValue>(&self, at: usize) -> Result<T, RowError> {
        let column = || (at + 1).to_string();
        if at >= self.0.len() {
            return Err(RowError::NoColumn { column: column() });
        }
        self.read(at).map_err(|mismatch| RowError::Mismatch {
            column: column(),
            mismatch,
        })
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.0.len()
    }

    fn read<T: FromValue>(&self, at: usize) -> Result<T, Mismatch> {
        self.0.value(at).and_then(T::from_value)
    }
}

/// What a row can be read as: a tuple by position, or a struct by names with `#[derive(FromRow)]`.
///
/// # The derive
///
/// Each field is read from the column of its name; columns without a field are passed over.
///
/// | on a field | reads it from |
/// | --- | --- |
/// | `#[row(rename = "…")]` | the column of that name |
/// | `#[row(json)]` | a column that holds a JSON document, by `serde`; NULL reads as `null` |
/// | `#[row(flatten)]` | the same row, as another type that is `FromRow` |
///
/// ```
/// use purlin_sql::FromRow;
///
/// #[derive(FromRow)]
/// struct Book {
///     id: i64,
///     #[row(rename = "name")]
///     title: String,
///     #[row(json)]
///     authors: Vec<String>,
///     #[row(flatten)]
///     price: Price,
/// }
///
/// #[derive(FromRow)]
/// struct Price {
///     price_cents: i64,
/// }
///
/// // Without the derive, write exactly this:
/// # mod by_hand {
/// # use purlin_sql::{FromRow, Json, Row, RowError};
/// # struct Price;
/// # impl FromRow for Price { fn from_row(_: &Row<'_>) -> Result<Self, RowError> { Ok(Self) } }
/// # struct Book { id: i64, title: String, authors: Vec<String>, price: Price }
/// impl FromRow for Book {
///     fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
///         Ok(Self {
///             id: row.get::<i64>("id")?,
///             title: row.get::<String>("name")?,
///             authors: row.get::<Json<Vec<String>>>("authors")?.0,
///             price: Price::from_row(row)?,
///         })
///     }
/// }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row",
    note = "derive `FromRow`, or read a tuple such as `(i64,)`"
)]
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    ///
    /// If a column is missing or holds something else.
    fn from_row(row: &Row<'_>) -> Result<Self, RowError>;
}

macro_rules! tuples {
    ($(($($type:ident $at:tt),+) $width:literal;)+) => {$(
        impl<$($type: FromValue),+> FromRow for ($($type,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
                if row.width() != $width {
                    return Err(RowError::Width { wanted: $width, found: row.width() });
                }
                Ok(($(row.get_at::<$type>($at)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0) 1;
    (A 0, B 1) 2;
    (A 0, B 1, C 2) 3;
    (A 0, B 1, C 2, D 3) 4;
    (A 0, B 1, C 2, D 3, E 4) 5;
    (A 0, B 1, C 2, D 3, E 4, F 5) 6;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6) 7;
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7) 8;
}
