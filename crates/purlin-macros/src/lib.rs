//! The derives and attributes of Purlin's parts.
//!
//! Each part re-exports its own macros and documents what they expand to; this crate only
//! declares the entry points. One file holds one macro.

mod paths;
/// x
#[proc_macro_attribute]
pub fn controller(
    _args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    item
}
