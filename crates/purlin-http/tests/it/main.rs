//! Everything is asked from outside: by a request to a router, or over a real connection.

mod bad_input;
mod caching;
#[cfg(feature = "compression")]
mod codings;
mod conditional;
mod controllers;
mod cors;
mod csrf;
mod docs_page;
mod edge;
mod events;
mod files;
mod form;
mod formats;
mod headers;
mod health;
mod html;
mod limit;
mod methods;
mod mounting;
mod observing;
mod openapi;
mod openapi_check;
mod pages;
mod preconditions;
mod random_requests;
mod ranges;
#[cfg(feature = "sanitize")]
mod sanitize;
mod server;
mod streams;
mod support;
mod ui;
mod uploads;
mod uploads_on_disk;
mod versioning;
