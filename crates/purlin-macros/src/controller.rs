//! `#[controller]`: an impl block whose methods answer requests.
//!
//! The block is kept as it is, without the attributes that speak of routes; beside it stands an
//! `impl Controller` that names each route by the public functions of `purlin_http`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, LitStr, ReturnType, Type,
    parse2, spanned::Spanned,
};

mod access;
mod handler;
mod options;
mod template;

use access::Access;
use handler::Handler;
use options::RouteOption;

use crate::tokens::text;

/// Expands `#[controller(args)]` on `item`. Faults stand beside the plain block, so that they are
/// not followed by complaints about methods that are not there.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = match parse2::<ItemImpl>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = Error::new(error.span(), "`#[controller]` goes on an `impl` block")
                .to_compile_error();
            return quote!(#error #item);
        }
    };
    let controller = Controller::read(args, &mut block);
    let generated = match controller {
        Ok(controller) => controller.expand(&block),
        Err(error) => error.to_compile_error(),
    };
    quote!(#block #generated)
}

struct Controller {
    prefix: LitStr,
    name: String,
    handlers: Vec<Handler>,
}

impl Controller {
    /// Reads the block and takes the attributes of routes out of it.
    fn read(args: TokenStream, block: &mut ItemImpl) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let access = faults.keep(Access::take(&mut block.attrs));
        let options = faults.keep(options::take(&mut block.attrs));
        let mut handlers = Vec::new();
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item {
                handlers.extend(faults.keep(Handler::take(method)).flatten());
            }
        }
        let prefix = faults.keep(prefix(args));
        let name = faults.keep(name(block));
        for handler in &mut handlers {
            faults.keep(handler.settle(access.as_ref(), options.as_deref().unwrap_or_default()));
        }
        faults.end()?;
        let (prefix, name) = (
            prefix.unwrap_or_else(|| LitStr::new("/", Span::call_site())),
            name,
        );
        Ok(Self {
            prefix,
            name: name.unwrap_or_default(),
            handlers,
        })
    }

    fn expand(&self, block: &ItemImpl) -> TokenStream {
        let http = crate::paths::part("http");
        let (prefix, name, this) = (&self.prefix, &self.name, &block.self_ty);
        let (generics, _, bounds) = block.generics.split_for_impl();
        let guards = self.guards();
        let (list, pattern) = (
            nested(guards.iter()),
            nested(guards.iter().enumerate().map(|(i, _)| guard_name(i))),
        );
        let guard_names = guards.iter().map(text);
        let routes = self
            .handlers
            .iter()
            .map(|handler| handler.expand(&http, &guards));
        quote! {
            #[automatically_derived]
            impl #generics #http::Controller for #this #bounds {
                type Guards = #list;
                const GUARD_NAMES: &'static [&'static str] = &[#(#guard_names),*];

                fn routes(
                    this: ::std::sync::Arc<Self>,
                    #pattern: <Self::Guards as #http::GuardSet>::Arcs,
                ) -> #http::Routes {
                    let routes = #http::Routes::at(#prefix).controller(#name);
                    #(#routes)*
                    routes
                }
            }
        }
    }

    /// Every guard once, in the order of its first use.
    fn guards(&self) -> Vec<Type> {
        let mut all = Vec::<Type>::new();
        for guard in self.handlers.iter().flat_map(Handler::guards) {
            if position(&all, guard).is_none() {
                all.push(guard.clone());
            }
        }
        all
    }
}

fn position(all: &[Type], guard: &Type) -> Option<usize> {
    let text = |guard: &Type| guard.to_token_stream().to_string();
    all.iter().position(|known| text(known) == text(guard))
}

fn guard_name(index: usize) -> Ident {
    format_ident!("guard_{index}")
}

/// `(a, (b, ()))`.
fn nested<T: ToTokens>(items: impl DoubleEndedIterator<Item = T>) -> TokenStream {
    items
        .rev()
        .fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

fn prefix(args: TokenStream) -> syn::Result<LitStr> {
    if args.is_empty() {
        return Ok(LitStr::new("/", Span::call_site()));
    }
    let prefix = parse2::<LitStr>(args).map_err(|error| {
        Error::new(
            error.span(),
            "a controller's path is a string: `#[controller(\"/books\")]`",
        )
    })?;
    template::check(&prefix)?;
    Ok(prefix)
}

fn name(block: &ItemImpl) -> syn::Result<String> {
    if let Some((path, _)) = &block.trait_ {
        return Err(Error::new(
            path.span(),
            "`#[controller]` goes on a plain `impl`, not on that of a trait",
        ));
    }
    match &*block.self_ty {
        Type::Path(path) => Ok(path
            .path
            .segments
            .last()
            .map(|s| s.ident.to_string())
            .unwrap_or_default()),
        other => Err(Error::new(
            other.span(),
            "a controller is a struct or an enum",
        )),
    }
}

/// Collects faults, so that all of them are told at once.
#[derive(Default)]
struct Faults(Option<Error>);

impl Faults {
    fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    fn end(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
