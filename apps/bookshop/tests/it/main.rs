//! The bookshop from outside: a real process in a directory of its own, and bytes on a socket.
//!
//! [`server`] starts and stops processes, [`http`] speaks to them, [`shop`] knows what books and
//! problems look like. Tests that only read share one process, tests that write share another;
//! each ends with the last test that holds it.

mod bodies;
mod catalogue;
mod engines;
mod exporting;
mod http;
mod importing;
mod listing;
mod pages;
mod protocol;
mod reading;
mod server;
mod settings;
mod shop;
mod starting;
mod stopping;
mod writing;
