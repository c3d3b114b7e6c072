//! `#[public]` and `#[guard(A, B)]`.

use proc_macro2::Span;
use syn::{Attribute, Error, Meta, Token, Type, punctuated::Punctuated, spanned::Spanned};

/// What the attributes of a block or a method say about who may call.
pub(super) struct Access {
    pub(super) public: Option<Span>,
    pub(super) guards: Vec<Type>,
    pub(super) guard: Option<Span>,
}

impl Access {
    /// Takes the attributes out of `attrs`.
    pub(super) fn take(attrs: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut access = Self {
            public: None,
            guards: Vec::new(),
            guard: None,
        };
        let mut fault = None;
        attrs.retain(|attr| match access.read(attr) {
            Ok(taken) => !taken,
            Err(error) => {
                fault = Some(error);
                false
            }
        });
        fault.map_or(Ok(access), Err)
    }

    fn read(&mut self, attr: &Attribute) -> syn::Result<bool> {
        if attr.path().is_ident("public") {
            if !matches!(attr.meta, Meta::Path(_)) {
                return Err(Error::new(attr.span(), "`#[public]` takes nothing"));
            }
            self.public = Some(attr.span());
        } else if attr.path().is_ident("guard") {
            let wrong = || {
                Error::new(
                    attr.span(),
                    "guards are named as types: `#[guard(StaffGuard)]`",
                )
            };
            let list = attr.meta.require_list().map_err(|_| wrong())?;
            let types = list.parse_args_with(Punctuated::<Type, Token![,]>::parse_terminated)?;
            if types.is_empty() {
                return Err(wrong());
            }
            self.guard = Some(attr.span());
            self.guards.extend(types);
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}
