//! `#[injectable]`: a struct of `Arc`s becomes a class that the container builds.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, Field, Fields, GenericArgument, ItemStruct, Member, PathArguments, Result, Type,
    parse::Parser as _, punctuated::Punctuated, spanned::Spanned as _,
};

use crate::{
    paths::part,
    tokens::{respan, text},
};

/// The same bound as `purlin_core::DEPENDENCIES_MAX`.
const DEPENDENCIES_MAX: usize = 16;

pub(crate) fn expand(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let forced = wants_lifecycle(attr)?;
    let mut item: ItemStruct = syn::parse2(item)?;
    let fields = FieldsFrom::take(&mut item)?;
    let core = part("core");
    let lifecycle = lifecycle(&core, forced, &item);
    let FieldsFrom { injected, own } = fields;
    let types: Vec<_> = injected.iter().map(|(_, ty)| ty).collect();
    let names = types.iter().map(text);
    let vars: Vec<_> = (0..injected.len())
        .map(|at| format_ident!("dep{at}"))
        .collect();
    let members = injected.iter().map(|(member, _)| member);
    let list = nest(
        types
            .iter()
            .map(|ty| respan(quote!(#core::Dep<#ty>), ty.span())),
    );
    let pattern = nest(vars.iter().map(|var| quote!(#var)));
    let name = &item.ident;
    let (generics, args, bounds) = item.generics.split_for_impl();
    Ok(quote! {
        #item

        #[automatically_derived]
        impl #generics #core::Injectable for #name #args #bounds {
            type Deps = #list;
            const NAMES: &'static [&'static str] = &[#(#names),*];

            fn build(#pattern: #core::Resolved<Self::Deps>) -> Self {
                Self {
                    #(#members: #vars,)*
                    #(#own: ::core::default::Default::default(),)*
                }
            }

            #lifecycle
        }
    })
}

fn wants_lifecycle(attr: TokenStream) -> Result<bool> {
    let words = Punctuated::<syn::Ident, syn::Token![,]>::parse_terminated.parse2(attr)?;
    match words.iter().find(|word| *word != "lifecycle") {
        Some(word) => Err(Error::new(
            word.span(),
            format!("`#[injectable]` knows no `{word}`; it takes nothing, or `lifecycle`"),
        )),
        None => Ok(!words.is_empty()),
    }
}

/// A concrete type is asked whether it has a lifecycle; a generic one must say so.
fn lifecycle(core: &TokenStream, forced: bool, item: &ItemStruct) -> TokenStream {
    let hooks = if forced {
        quote!(::core::option::Option::Some(
            ::std::sync::Arc::clone(this) as _
        ))
    } else if item.generics.params.is_empty() {
        quote! {
            use #core::check::{Hooked as _, Hookless as _};
            (&#core::check::Detect::<Self>::new()).hooks()(this)
        }
    } else {
        return TokenStream::new();
    };
    quote! {
        #[allow(unused_imports, clippy::needless_borrow)]
        fn lifecycle(
            this: &::std::sync::Arc<Self>,
        ) -> ::core::option::Option<#core::lifecycle::SharedLifecycle> {
            #hooks
        }
    }
}

/// `A B` becomes `(A, (B, ()))`.
pub(crate) fn nest(items: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    items
        .rev()
        .fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

/// The fields by where their values come from.
struct FieldsFrom {
    injected: Vec<(Member, Type)>,
    /// Marked `#[default]`.
    own: Vec<Member>,
}

impl FieldsFrom {
    fn take(item: &mut ItemStruct) -> Result<Self> {
        let mut found = Self {
            injected: Vec::new(),
            own: Vec::new(),
        };
        let members: Vec<Member> = item.fields.members().collect();
        for (member, field) in members.into_iter().zip(&mut item.fields) {
            let before = field.attrs.len();
            field.attrs.retain(|attr| !attr.path().is_ident("default"));
            if field.attrs.len() < before {
                found.own.push(member);
            } else {
                let ty = arc_of(field)
                    .ok_or_else(|| not_an_arc(&member, field))?
                    .clone();
                found.injected.push((member, ty));
            }
        }
        found.bounded(&item.fields, &item.ident)
    }

    fn bounded(self, fields: &Fields, name: &syn::Ident) -> Result<Self> {
        let count = self.injected.len();
        if count <= DEPENDENCIES_MAX {
            return Ok(self);
        }
        let message = format!(
            "`{name}` has {count} dependencies, and {DEPENDENCIES_MAX} is the most: gather those that belong together in a provider of their own"
        );
        Err(Error::new_spanned(
            fields.iter().nth(DEPENDENCIES_MAX).map(|field| &field.ty),
            message,
        ))
    }
}

/// The `T` of a field `Arc<T>`.
fn arc_of(field: &Field) -> Option<&Type> {
    let Type::Path(path) = &field.ty else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Arc")?;
    let PathArguments::AngleBracketed(args) = &last.arguments else {
        return None;
    };
    match args.args.first()? {
        GenericArgument::Type(ty) if args.args.len() == 1 => Some(ty),
        _ => None,
    }
}

fn not_an_arc(member: &Member, field: &Field) -> Error {
    let name = text(member);
    let ty = text(&field.ty);
    Error::new_spanned(
        &field.ty,
        format!(
            "`{name}` is a `{ty}`, and what is injected is an `Arc<T>` or an `Arc<dyn Trait>`: write `Arc<{ty}>`, or mark the field `#[default]` if it begins as its default value"
        ),
    )
}
