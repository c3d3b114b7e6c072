//! Everything is asked from outside: by a request to a router, or over a real connection.

mod bad_input;
mod conditional;
mod controllers;
mod edge;
mod events;
mod health;
mod mounting;
mod pages;
mod random_requests;
mod server;
mod streams;
mod support;
mod ui;
