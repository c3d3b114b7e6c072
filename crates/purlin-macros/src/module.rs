//! `#[module]`: lists of imports, providers, controllers and exports become a module.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{ItemStruct, Result, Type, spanned::Spanned as _};

mod checks;
mod parse;

use parse::{Entry, Sections, Source};

use crate::{
    injectable::nest,
    paths::{frame, part},
    tokens::{as_written, respan},
};

pub(crate) fn expand(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let sections: Sections = syn::parse2(attr)?;
    let item: ItemStruct = syn::parse2(item)?;
    let module = ModuleMacro {
        core: part("core"),
        frame: frame(),
        sections,
        item,
    };
    let (item, definition, markers, checks) = (
        &module.item,
        module.definition(),
        module.markers(),
        module.checks(),
    );
    Ok(quote! {
        #item
        #definition
        #markers
        #checks
    })
}

struct ModuleMacro {
    core: TokenStream,
    frame: TokenStream,
    sections: Sections,
    item: ItemStruct,
}

impl ModuleMacro {
    fn definition(&self) -> TokenStream {
        let Self { core, item, .. } = self;
        let Sections {
            imports,
            exports,
            providers,
            controllers,
            processors,
            lifecycle,
        } = &self.sections;
        let places = imports.iter().map(|ty| quote!(#core::Exported<#ty>));
        let scope =
            nest(std::iter::once(quote!(#core::Own<Self>)).chain(places.collect::<Vec<_>>()));
        let provided = providers.iter().map(|entry| self.provide(entry));
        let imported = imports
            .iter()
            .map(|ty| respan(quote!(definition.import::<#ty>();), ty.span()));
        let frame = &self.frame;
        let mounted = controllers.iter().map(|ty| {
            let mount = quote!(#frame::http::controller::<#ty>(definition););
            respan(mount, ty.span())
        });
        let worked = processors.iter().map(|ty| {
            let work = quote!(#frame::queue::processor::<#ty>(definition););
            respan(work, ty.span())
        });
        let hooks = lifecycle
            .as_ref()
            .map(|word| quote_spanned!(word.span()=> definition.lifecycle(Self);));
        let name = &item.ident;
        let (generics, args, bounds) = item.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #generics #core::Module for #name #args #bounds {
                type Scope = #scope;

                #[allow(unused_imports, unused_variables, clippy::needless_borrow)]
                fn define(definition: &mut #core::Definition) {
                    use #core::check::{Hooked as _, Hookless as _};
                    #(#imported)*
                    #(#provided)*
                    #(#mounted)*
                    #(#worked)*
                    #(definition.export::<#exports>();)*
                    #hooks
                }
            }
        }
    }

    /// One call of `Definition::provide`.
    fn provide(&self, entry: &Entry) -> TokenStream {
        let core = &self.core;
        let name = &self.item.ident;
        let (_, args, _) = self.item.generics.split_for_impl();
        let Entry { ty, bound, source } = entry;
        let span = ty.span();
        let hooked = if matches!(ty, Type::TraitObject(_)) {
            TokenStream::new()
        } else {
            respan(
                quote!(.hooked((&#core::check::Detect::<#ty>::new()).hooks())),
                span,
            )
        };
        let provider = match source {
            Source::Class => respan(quote!(#core::Provider::<#ty>::class()), span),
            Source::Value(value) => {
                let make = respan(quote!(#core::Provider::<#ty>::value), span);
                quote_spanned!(span=> #make(move || #value) #hooked)
            }
            Source::Factory(factory) => {
                let check = as_written(
                    quote!(#core::check::factory::<#name #args, #ty, _, _, _>),
                    span,
                );
                quote_spanned!(span=> #check(#factory) #hooked)
            }
        };
        let bound = bound
            .as_ref()
            .map(|bound| quote_spanned!(span=> .bound::<#bound>(|made| made)));
        let provide = respan(quote!(definition.provide), span);
        quote_spanned!(span=> #provide(#provider #bound);)
    }

    /// The marker traits, by which other modules find what is here.
    fn markers(&self) -> TokenStream {
        let Self { core, item, .. } = self;
        let name = &item.ident;
        let (generics, args, bounds) = item.generics.split_for_impl();
        let marker = |kind: TokenStream, ty: &Type| {
            let marker = quote! {
                #[automatically_derived]
                impl #generics #core::#kind<#ty> for #name #args #bounds {}
            };
            respan(marker, ty.span())
        };
        let provides = self.sections.providers.iter();
        let provides = provides.map(|entry| marker(quote!(Provides), entry.provided()));
        let exports = self.sections.exports.iter();
        let exports = exports.map(|ty| marker(quote!(Exports), ty));
        quote!(#(#provides)* #(#exports)*)
    }
}
