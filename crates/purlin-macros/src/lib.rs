//! The derives and attributes of Purlin's parts.
//!
//! Each part re-exports its own macros and documents what they expand to; this crate only
//! declares the entry points. One file holds one macro.

mod paths;

mod from_row;

/// Reads a struct from a row by the names of its fields; see `purlin_sql::FromRow`.
#[proc_macro_derive(FromRow, attributes(row))]
pub fn from_row(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    from_row::expand(input.into()).into()
}
