//! Everything is asked from outside: by a request to a router, or over a real connection.

mod bad_input;
mod caching;
#[cfg(feature = "compression")]
mod codings;
mod conditional;
mod controllers;
mod docs_page;
mod edge;
mod events;
mod files;
mod formats;
mod health;
mod html;
mod limit;
mod methods;
mod mounting;
mod openapi;
mod openapi_check;
mod pages;
mod preconditions;
mod random_requests;
mod ranges;
mod server;
mod streams;
mod support;
mod ui;
mod uploads;
mod uploads_on_disk;
mod versioning;
