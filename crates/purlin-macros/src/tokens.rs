//! Small helpers for tokens that several macros need.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit};

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

/// The text of the doc comments among `attrs`, without the blank at the beginning of each line.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let line = |attr: &Attribute| match &attr.meta.require_name_value().ok()?.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => {
            let text = text.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    };
    let docs = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
    docs.filter_map(line).collect::<Vec<_>>().join("\n")
}

/// The same tokens, all of them at `span`: so an error is shown there and nowhere else. Lints still
/// see that a macro wrote them.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    place(tokens, span.resolved_at(Span::call_site()))
}

/// The same tokens at `span`, as if they had been written there. For what is put around an
/// expression of the user's: an expression whose ends come from two places is shown as the whole
/// attribute.
pub(crate) fn as_written(tokens: TokenStream, span: Span) -> TokenStream {
    place(tokens, span)
}

fn place(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), place(group.stream(), span));
            moved.set_span(span);
            TokenTree::Group(moved)
        }
        TokenTree::Ident(mut ident) => {
            ident.set_span(span);
            TokenTree::Ident(ident)
        }
        mut other => {
            other.set_span(span);
            other
        }
    });
    moved.collect()
}
