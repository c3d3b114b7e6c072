//! Attributes that say more about a route: each is the method of `Route` of the same name.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Error, Expr, Ident, Meta, Token, punctuated::Punctuated, spanned::Spanned};

/// The attributes that are taken, on a method and on the block for all of its methods.
const OPTIONS: [&str; 8] = [
    "body_bytes_max",
    "cache_control",
    "deprecation",
    "describe",
    "limit",
    "version",
    "version_neutral",
    "xml",
];

/// `#[body_bytes_max(1024)]`, which becomes `.body_bytes_max(1024)`.
#[derive(Clone)]
pub(super) struct RouteOption {
    name: Ident,
    arguments: TokenStream,
}

impl RouteOption {
    /// Where it is named.
    pub(super) fn span(&self) -> Span {
        self.name.span()
    }
}

impl ToTokens for RouteOption {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, arguments } = self;
        tokens.extend(quote!(.#name(#arguments)));
    }
}

/// Takes the attributes out of `attrs`.
pub(super) fn take(attrs: &mut Vec<Attribute>) -> syn::Result<Vec<RouteOption>> {
    let is_option = |attr: &Attribute| OPTIONS.iter().any(|name| attr.path().is_ident(name));
    let (taken, kept): (Vec<_>, Vec<_>) = std::mem::take(attrs).into_iter().partition(is_option);
    *attrs = kept;
    taken.iter().map(read).collect()
}

fn read(attr: &Attribute) -> syn::Result<RouteOption> {
    let arguments = match &attr.meta {
        _ if attr.path().is_ident("version") => versions(attr)?,
        Meta::Path(_) => TokenStream::new(),
        meta => meta.require_list()?.tokens.clone(),
    };
    Ok(RouteOption {
        name: attr.path().require_ident()?.clone(),
        arguments,
    })
}

/// `"1"` and `"1"..` as they are; `"1", "2"` as one list.
fn versions(attr: &Attribute) -> syn::Result<TokenStream> {
    let wrong = || {
        let message =
            "versions are named as strings: `#[version(\"1\", \"2\")]` or `#[version(\"1\"..)]`";
        Error::new(attr.path().span(), message)
    };
    let list = attr.meta.require_list().map_err(|_| wrong())?;
    let names = list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
    match names.len() {
        0 => Err(wrong()),
        1 => Ok(names.first().to_token_stream()),
        _ => Ok(quote!([#names])),
    }
}

/// Adds what the block says and the method does not.
pub(super) fn inherit(of_method: &mut Vec<RouteOption>, of_block: &[RouteOption]) {
    let said = |option: &&RouteOption| of_method.iter().any(|own| own.name == option.name);
    let missing: Vec<_> = of_block.iter().filter(|it| !said(it)).cloned().collect();
    of_method.splice(0..0, missing);
}
