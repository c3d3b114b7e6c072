//! The derives and attributes of Purlin's parts.
//!
//! Each part re-exports its own macros and documents what they expand to; this crate only
//! declares the entry points. One file holds one macro.

use proc_macro::TokenStream;

mod injectable;
mod module;
mod paths;
mod tokens;

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
