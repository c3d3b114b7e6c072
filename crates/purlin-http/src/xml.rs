//! The shape of XML bodies: one rule for what is sent and what is read.
//!
//! | in JSON | in XML |
//! | --- | --- |
//! | the whole body | the root element, named by the route: `<book>`; `<books>` for a page or a list |
//! | a field | an element of its name; what cannot stand in a name is `_xHHHH_`: `a b` is `a_x0020_b` |
//! | a list | an element, with one element for each item, named by the [singular](name::singular) |
//! | text | text; a character that XML 1.0 cannot hold is sent as U+FFFD |
//! | a number, `true`, `false` | the same as text; blanks around it are ignored |
//! | `null` | a field is left out; an item of a list is an empty element |
//! | `""`, `[]`, `{}` | an empty element |
//!
//! Attributes are fields whose names begin with `@`, and so they are unknown. Namespaces mean
//! nothing: a prefix is part of a name. Comments are left out, and the text around them is one.

pub(crate) mod name;
mod read;
mod text;
pub(crate) mod tree;
pub(crate) mod write;

/// The names of the root elements of a route that speaks XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlRoots {
    /// That of one resource: `book`.
    pub one: &'static str,
    /// That of a page or list of them: `books`.
    pub many: &'static str,
}

#[cfg(test)]
mod tests;
