//! The compile-time checks of a module, each at the place of its entry in a list.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Type, spanned::Spanned as _};

use super::{ModuleMacro, Source};
use crate::tokens::{respan, text};

impl ModuleMacro {
    pub(super) fn checks(&self) -> TokenStream {
        let trait_checks = self.trait_checks();
        // Without imports nothing is in reach twice or private; the types of a generic module are
        // not known yet.
        if self.sections.imports.is_empty() || !self.item.generics.params.is_empty() {
            return trait_checks;
        }
        let worded = self.classes().map(|ty| {
            let core = &self.core;
            let list = quote!(<#ty as #core::Injectable>::Deps);
            self.worded(ty, &list, &quote!(<#ty as #core::Injectable>::NAMES))
        });
        let guards = self.sections.controllers.iter().map(|ty| {
            let frame = &self.frame;
            let names = quote!(<#ty as #frame::http::Controller>::GUARD_NAMES);
            self.worded(ty, &quote!(#frame::http::GuardsOf<#ty>), &names)
        });
        quote!(#(#worded)* #(#guards)* #trait_checks)
    }

    /// What is built from the list of its own dependencies.
    fn classes(&self) -> impl Iterator<Item = &Type> {
        let classes = self.sections.providers.iter();
        let classes = classes.filter(|entry| matches!(entry.source, Source::Class));
        classes
            .map(|entry| &entry.ty)
            .chain(&self.sections.controllers)
            .chain(&self.sections.processors)
    }

    /// The checks themselves, in a function that nobody calls.
    fn trait_checks(&self) -> TokenStream {
        let Self {
            core, frame, item, ..
        } = self;
        let name = &item.ident;
        let (generics, args, bounds) = item.generics.split_for_impl();
        let classes = self.classes().map(|ty| {
            let check = quote!(let _ = #core::check::dependencies_of::<#name #args, #ty, _>;);
            respan(check, ty.span())
        });
        let guards = self.sections.controllers.iter().map(|ty| {
            let list = quote!(#frame::http::GuardsOf<#ty>);
            respan(
                quote!(let _ = #core::check::all::<#name #args, #list, _>;),
                ty.span(),
            )
        });
        let workers = self.sections.processors.iter().map(|ty| {
            let list = quote!(#frame::queue::WorkersDep);
            respan(
                quote!(let _ = #core::check::all::<#name #args, #list, _>;),
                ty.span(),
            )
        });
        quote! {
            const _: () = {
                #[allow(dead_code, clippy::extra_unused_type_parameters)]
                fn dependencies #generics () #bounds {
                    #(#classes)*
                    #(#guards)*
                    #(#workers)*
                }
            };
        }
    }

    /// Better words for what is in reach twice, or private.
    fn worded(&self, ty: &Type, list: &TokenStream, names: &TokenStream) -> TokenStream {
        let core = &self.core;
        let module = &self.item.ident;
        let module_name = module.to_string();
        let places = self.sections.imports.iter().map(|import| {
            let name = text(import);
            quote!(#core::check::Place {
                name: #name,
                provides: #core::__flags!(#import, List, PROVIDES),
                exports: #core::__flags!(#import, List, EXPORTS),
            })
        });
        let check = quote! {
            const _: () = {
                #[allow(unused_imports)]
                use #core::check::Absent as _;
                type List = #list;
                #core::check::in_reach_once(
                    #module_name,
                    #names,
                    #core::__flags!(#module, List, PROVIDES),
                    &[#(#places),*],
                );
            };
        };
        respan(check, ty.span())
    }
}
