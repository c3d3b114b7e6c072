//! Finds the path by which the calling crate reaches a part.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

/// The path of the part `name` (`core`, `http`, `sql`): the part itself if the calling crate
/// depends on it, else the frame's module of that name.
pub(crate) fn part(name: &str) -> TokenStream {
    let alone = format!("purlin-{name}");
    if let Some(krate) = reachable(&alone) {
        return krate;
    }
    let module = Ident::new(name, Span::call_site());
    let frame = frame();
    quote!(#frame::#module)
}

/// The path of the frame.
pub(crate) fn frame() -> TokenStream {
    reachable("purlin").unwrap_or_else(|| quote!(::purlin))
}

/// The crate `package` as the calling crate names it. A crate is reached by its own name in its
/// tests, examples and doctests too, so `Itself` is written out.
fn reachable(package: &str) -> Option<TokenStream> {
    let name = match crate_name(package).ok()? {
        FoundCrate::Itself => package.replace('-', "_"),
        FoundCrate::Name(name) => name,
    };
    let ident = Ident::new(&name, Span::call_site());
    Some(quote!(::#ident))
}
