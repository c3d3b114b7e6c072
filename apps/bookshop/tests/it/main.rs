//! The bookshop from outside: a real process in a directory of its own, and bytes on a socket.
//!
//! [`server`] starts and stops processes, [`http`] speaks to them, [`shop`] knows what books and
//! problems look like. Tests that only read share one process, tests that write share another;
//! each ends with the last test that holds it.

mod access;
mod accounts;
mod bodies;
mod catalogue;
mod codings;
mod conditional;
mod covers;
mod diagnosing;
mod engines;
mod exporting;
mod formats;
mod html;
mod http;
mod identity;
mod importing;
mod jobs;
mod listing;
mod openapi;
mod pages;
mod production;
mod protocol;
mod reading;
mod related;
mod server;
mod settings;
mod shop;
mod starting;
mod stopping;
mod tokens;
mod versions;
mod writing;
