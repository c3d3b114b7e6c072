//! `#[processor]`: an impl block whose methods process jobs.
//!
//! The block is kept as it is, without the attributes that speak of jobs; beside it stands an
//! `impl Processors` that names each by the public functions of `purlin_queue`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Error, FnArg, ImplItem, ImplItemFn, ItemImpl, Result, Type, parse2,
    spanned::Spanned as _,
};

use crate::paths::part;

/// Expands `#[processor]` on `item`. Faults stand beside the plain block.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = match parse2::<ItemImpl>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = Error::new(error.span(), "`#[processor]` goes on an `impl` block")
                .to_compile_error();
            return quote!(#error #item);
        }
    };
    let generated = match read(args, &mut block) {
        Ok(methods) => implement(&block, &methods),
        Err(error) => error.to_compile_error(),
    };
    quote!(#block #generated)
}

/// One method that processes a job.
struct Method {
    name: syn::Ident,
    job: Type,
    cfgs: Vec<Attribute>,
}

fn read(args: TokenStream, block: &mut ItemImpl) -> Result<Vec<Method>> {
    if !args.is_empty() {
        return Err(Error::new(args.span(), "`#[processor]` takes nothing"));
    }
    if let Some((path, _)) = &block.trait_ {
        let message = "`#[processor]` goes on a plain `impl`, not on that of a trait";
        return Err(Error::new(path.span(), message));
    }
    let mut methods = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            methods.extend(Method::take(method)?);
        }
    }
    if methods.is_empty() {
        let message = "nothing here processes a job: mark a method with `#[process]`";
        return Err(Error::new(block.self_ty.span(), message));
    }
    Ok(methods)
}

impl Method {
    /// Takes `#[process]` out of `method`. `None` if it is a method like any other.
    fn take(method: &mut ImplItemFn) -> Result<Option<Self>> {
        let before = method.attrs.len();
        method.attrs.retain(|attr| !attr.path().is_ident("process"));
        if method.attrs.len() == before {
            return Ok(None);
        }
        let job = job(method)?;
        let is_cfg = |attr: &&Attribute| attr.path().is_ident("cfg");
        Ok(Some(Self {
            name: method.sig.ident.clone(),
            job,
            cfgs: method.attrs.iter().filter(is_cfg).cloned().collect(),
        }))
    }

    /// `.add::<Job, _>(…)`, so that a fault of the types is shown at the method's name.
    fn expand(&self, queue: &TokenStream) -> TokenStream {
        let Self { name, job, cfgs } = self;
        quote_spanned! {name.span()=>
            #(#cfgs)*
            let set = {
                let this = ::std::sync::Arc::clone(&this);
                set.processor::<#job, _>(move |job: #job, context: #queue::JobContext| {
                    let this = ::std::sync::Arc::clone(&this);
                    async move { this.#name(job, context).await }
                })
            };
        }
    }
}

/// The type of the first argument after `&self`.
fn job(method: &ImplItemFn) -> Result<Type> {
    let sig = &method.sig;
    let shape = "a processor is `async fn name(&self, job: SomeJob, context: JobContext) -> Result<Output, JobError>`";
    if sig.asyncness.is_none() || sig.inputs.len() != 3 {
        return Err(Error::new(sig.ident.span(), shape));
    }
    match (&sig.inputs[0], &sig.inputs[1]) {
        (FnArg::Receiver(receiver), FnArg::Typed(job))
            if matches!(receiver.kind, syn::ReceiverKind::Reference(_, _, None)) =>
        {
            Ok((*job.ty).clone())
        }
        _ => Err(Error::new(sig.ident.span(), shape)),
    }
}

fn implement(block: &ItemImpl, methods: &[Method]) -> TokenStream {
    let queue = part("queue");
    let this = &block.self_ty;
    let (generics, _, bounds) = block.generics.split_for_impl();
    let added = methods.iter().map(|method| method.expand(&queue));
    quote! {
        #[automatically_derived]
        impl #generics #queue::Processors for #this #bounds {
            fn processors(this: ::std::sync::Arc<Self>) -> #queue::ProcessorSet {
                let set = #queue::ProcessorSet::new();
                #(#added)*
                set
            }
        }
    }
}
