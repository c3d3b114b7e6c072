//! One method that answers requests.

use super::*;

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A method with one of the attributes of [`VERBS`].
pub(super) struct Handler {
    verb: Ident,
    path: LitStr,
    name: Ident,
    arguments: Vec<Type>,
    answer: TokenStream,
    cfgs: Vec<Attribute>,
    doc: String,
    options: Vec<RouteOption>,
    access: Access,
    all_guards: Vec<Type>,
}

impl Handler {
    /// Takes the attributes out of `method`. `None` if it is a method like any other.
    pub(super) fn take(method: &mut ImplItemFn) -> syn::Result<Option<Self>> {
        let access = Access::take(&mut method.attrs);
        let verbs = take(&mut method.attrs, |attr| {
            VERBS.iter().any(|verb| attr.path().is_ident(verb))
        });
        let options = options::take(&mut method.attrs)?;
        let access = access?;
        let Some(verb) = verbs.first() else {
            let option = options.first().map(RouteOption::span);
            return match access.public.or(access.guard).or(option) {
                Some(at) => Err(Error::new(at, NO_VERB)),
                None => Ok(None),
            };
        };
        if let Some(second) = verbs.get(1) {
            let message =
                "a handler answers one method: put the second verb on a method of its own";
            return Err(Error::new(second.span(), message));
        }
        shape(method)?;
        Ok(Some(Self {
            verb: verb.path().require_ident()?.clone(),
            path: path(verb)?,
            name: method.sig.ident.clone(),
            arguments: arguments(method),
            answer: answer(method),
            cfgs: method
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"))
                .cloned()
                .collect(),
            doc: crate::tokens::doc(&method.attrs),
            options,
            access,
            all_guards: Vec::new(),
        }))
    }

    /// Joins what the method says with what its block says.
    pub(super) fn settle(
        &mut self,
        block: Option<&Access>,
        options: &[RouteOption],
    ) -> syn::Result<()> {
        options::inherit(&mut self.options, options);
        let Some(block) = block else {
            return Ok(());
        };
        if let Some(at) = block.public {
            return Err(Error::new(
                at,
                "`#[public]` goes on each handler that anybody may call",
            ));
        }
        let guards = block
            .guards
            .iter()
            .chain(&self.access.guards)
            .cloned()
            .collect::<Vec<_>>();
        let name = &self.name;
        match (self.access.public, guards.is_empty()) {
            (None, true) => Err(Error::new(
                name.span(),
                format!(
                    "`{name}` says nothing about who may call it\n\n\
                 add `#[public]` above it if anybody may, else `#[guard(SomeGuard)]`"
                ),
            )),
            (Some(at), false) => Err(Error::new(
                at,
                format!(
                    "`{name}` is both public and guarded\n\n\
                 keep one: with `#[public]` no guard is asked, those of the `impl` block included"
                ),
            )),
            _ => {
                self.all_guards = guards;
                Ok(())
            }
        }
    }

    pub(super) fn guards(&self) -> impl Iterator<Item = &Type> {
        self.all_guards.iter()
    }

    /// The statement that adds the route.
    pub(super) fn expand(&self, http: &TokenStream, guards: &[Type]) -> TokenStream {
        let Self {
            verb,
            path,
            name,
            cfgs,
            ..
        } = self;
        let operation = name.to_string();
        let checks = self.checks(http);
        let access = self.access(guards);
        let description = self.description(http);
        let options = &self.options;
        let answers = self.answers();
        let names: Vec<Ident> = (0..self.arguments.len())
            .map(|i| format_ident!("argument_{i}"))
            .collect();
        let types = &self.arguments;
        let answer = &self.answer;
        quote! {
            #(#cfgs)*
            let routes = {
                #checks
                let this = ::std::sync::Arc::clone(&this);
                routes.route(
                    #http::Route::#verb(#path)
                        .operation(#operation)
                        #description
                        #(#options)*
                        #answers
                        #access
                        .handler(move |#(#names: #types),*| async move {
                            <#answer as #http::Reply>::reply(Self::#name(&this, #(#names),*).await)
                        }),
                )
            };
        }
    }

    /// Says what the handler answers with, where that has a name.
    fn answers(&self) -> TokenStream {
        let answer = &self.answer;
        match answer.to_string().as_str() {
            "_" => TokenStream::new(),
            _ => quote_spanned!(self.name.span()=> .answers::<#answer>()),
        }
    }

    fn access(&self, guards: &[Type]) -> TokenStream {
        if self.all_guards.is_empty() {
            return quote!(.public());
        }
        let names = self
            .all_guards
            .iter()
            .filter_map(|guard| position(guards, guard))
            .map(guard_name);
        quote!(#(.guard(::std::sync::Arc::clone(&#names)))*)
    }

    /// What a document says of the handler, by its types and its doc comment. An answer whose type
    /// has no name is not known.
    fn description(&self, http: &TokenStream) -> TokenStream {
        let doc = (!self.doc.is_empty()).then(|| {
            let doc = &self.doc;
            quote!(operation.doc(#doc);)
        });
        let arguments = self
            .arguments
            .iter()
            .map(|ty| quote_spanned!(ty.span()=> operation.argument::<#ty>();));
        let answer = match self.answer.to_string() == "_" {
            true => quote!(operation.anything();),
            false => {
                let answer = &self.answer;
                quote_spanned!(answer.span()=> operation.reply::<#answer>();)
            }
        };
        quote! {
            .describe(|operation: &mut #http::openapi::Operation<'_>| {
                #doc
                #(#arguments)*
                #answer
            })
        }
    }

    /// One question for each argument, at its place, so that the first error names it.
    fn checks(&self, http: &TokenStream) -> TokenStream {
        let Some((last, others)) = self.arguments.split_last() else {
            return TokenStream::new();
        };
        let others = others
            .iter()
            .map(|ty| quote_spanned!(ty.span()=> #http::check::argument::<#ty>();));
        let last = quote_spanned!(last.span()=> #http::check::last_argument::<#last, _>(););
        quote!(#(#others)* #last)
    }
}

const NO_VERB: &str = "this method answers no request: add `#[get(\"/…\")]` or another verb";

fn take(attrs: &mut Vec<Attribute>, wanted: impl Fn(&Attribute) -> bool) -> Vec<Attribute> {
    let (taken, kept) = std::mem::take(attrs).into_iter().partition(wanted);
    *attrs = kept;
    taken
}

/// The path of `#[get("/path")]`; `#[get]` alone is the controller's own path.
fn path(verb: &Attribute) -> syn::Result<LitStr> {
    if let syn::Meta::Path(path) = &verb.meta {
        return Ok(LitStr::new("/", path.span()));
    }
    let message = "a handler's path is a string: `#[get(\"/{id}\")]`";
    let path = verb
        .parse_args::<LitStr>()
        .map_err(|error| Error::new(error.span(), message))?;
    template::check(&path)?;
    Ok(path)
}

fn shape(method: &ImplItemFn) -> syn::Result<()> {
    let signature = &method.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new(
            signature.fn_token.span(),
            "a handler is an `async fn`",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(
            signature.generics.span(),
            "a handler has no parameters of type",
        ));
    }
    match signature.inputs.first() {
        Some(FnArg::Receiver(this)) if is_shared(this) => Ok(()),
        _ => Err(Error::new(
            signature.ident.span(),
            "a handler takes `&self`",
        )),
    }
}

fn is_shared(this: &syn::Receiver) -> bool {
    matches!(this.kind, syn::ReceiverKind::Reference(_, _, None))
}

fn arguments(method: &ImplItemFn) -> Vec<Type> {
    let typed = |argument: &FnArg| match argument {
        FnArg::Typed(typed) => Some((*typed.ty).clone()),
        FnArg::Receiver(_) => None,
    };
    method.sig.inputs.iter().filter_map(typed).collect()
}

/// The type of the answer, so that an error stands at its place; `_` where it has no name.
fn answer(method: &ImplItemFn) -> TokenStream {
    match &method.sig.output {
        ReturnType::Default => quote_spanned!(method.sig.ident.span()=> ()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => quote!(_),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}
