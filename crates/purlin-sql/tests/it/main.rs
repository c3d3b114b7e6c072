//! The data layer from outside. The cases in `suite` run on every engine.

mod suite;

mod engines;
mod messages;
mod migrations;
mod sqlite;
