//! What purlin-sql does, seen from outside.

mod from_row;
mod pages;
