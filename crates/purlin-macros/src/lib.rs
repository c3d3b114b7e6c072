//! The derives and attributes of Purlin's parts.
//!
//! Each part re-exports its own macros and documents what they expand to; this crate only
//! declares the entry points. One file holds one macro.

mod config;
mod controller;
mod from_row;
mod injectable;
mod job;
mod module;
mod paths;
mod processor;
mod setting;
mod tokens;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// See `purlin_core::config::Config`.
#[proc_macro_derive(Config, attributes(config))]
pub fn config(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(config::expand(&input))
}

/// See `purlin_core::config::Setting`.
#[proc_macro_derive(Setting, attributes(setting))]
pub fn setting(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(setting::expand(&input))
}

/// See `purlin_http::controller`.
#[proc_macro_attribute]
pub fn controller(args: TokenStream, item: TokenStream) -> TokenStream {
    controller::expand(args.into(), item.into()).into()
}

/// See `purlin_sql::FromRow`.
#[proc_macro_derive(FromRow, attributes(row))]
pub fn from_row(input: TokenStream) -> TokenStream {
    from_row::expand(input.into()).into()
}

/// See `purlin_queue::Job`.
#[proc_macro_derive(Job, attributes(job))]
pub fn job(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(job::expand(&input))
}

/// See `purlin_queue::processor`.
#[proc_macro_attribute]
pub fn processor(args: TokenStream, item: TokenStream) -> TokenStream {
    processor::expand(args.into(), item.into()).into()
}

/// See `purlin_core::injectable`.
#[proc_macro_attribute]
pub fn injectable(attr: TokenStream, item: TokenStream) -> TokenStream {
    answer(injectable::expand, attr, item)
}

/// See `purlin_core::module`.
#[proc_macro_attribute]
pub fn module(attr: TokenStream, item: TokenStream) -> TokenStream {
    answer(module::expand, attr, item)
}

/// The expansion, or the error at its place.
fn finish(expansion: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expansion
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

type Expand =
    fn(proc_macro2::TokenStream, proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream>;

/// What an attribute expands to; on an error the item stays, so that nothing else misses it.
fn answer(expand: Expand, attr: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = expand(attr.into(), item.clone().into());
    expanded.map(TokenStream::from).unwrap_or_else(|error| {
        let mut tokens: TokenStream = error.into_compile_error().into();
        tokens.extend(item);
        tokens
    })
}
