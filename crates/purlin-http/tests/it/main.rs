//! Everything is asked from outside: by a request to a router, or over a real connection.

mod bad_input;
mod conditional;
mod controllers;
mod docs_page;
mod edge;
mod health;
mod mounting;
mod openapi_check;
mod pages;
mod random_requests;
mod server;
mod support;
mod ui;
