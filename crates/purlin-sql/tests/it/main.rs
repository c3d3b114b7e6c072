//! The data layer from outside. The cases in `suite` run on every engine.

mod suite;

mod bounds;
mod engines;
mod from_row;
mod messages;
mod migrations;
mod pages;
#[cfg(feature = "postgres")]
mod postgres;
mod sinks;
mod sqlite;
#[cfg(feature = "postgres")]
mod wakes;
