//! Small helpers for tokens that several macros need.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of `tokens` as a person would write it: `Named<Db, Audit>`, `dyn Mailer`.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let spaced = tokens.to_token_stream().to_string();
    let mut out = spaced;
    for (from, to) in [
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        out = out.replace(from, to);
    }
    out
}

/// The same tokens, all of them at `span`: so an error is shown there and nowhere else.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), respan(group.stream(), span));
            moved.set_span(span);
            TokenTree::Group(moved)
        }
        TokenTree::Ident(mut ident) => {
            ident.set_span(span.resolved_at(ident.span()));
            TokenTree::Ident(ident)
        }
        mut other => {
            other.set_span(span);
            other
        }
    });
    moved.collect()
}
