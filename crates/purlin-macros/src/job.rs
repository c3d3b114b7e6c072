//! `#[derive(Job)]`: a type becomes the payload of a job.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, Error, Expr, LitInt, LitStr, Path, Result, Type, meta::ParseNestedMeta};

use crate::paths::part;

/// What `#[job(…)]` says.
#[derive(Default)]
struct Options {
    queue: Option<LitStr>,
    name: Option<LitStr>,
    version: Option<LitInt>,
    output: Option<Type>,
    options: Option<Path>,
    /// Fields of `JobOptions` with their values.
    fields: Vec<(Path, Expr)>,
}

/// The derive, or what is wrong with the type.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let said = Options::of(input)?;
    let queue = part("queue");
    let name = name(input, &said)?;
    let Some(of_queue) = &said.queue else {
        let message = "a job says its queue: `#[job(queue = \"mails\")]`";
        return Err(Error::new(input.ident.span(), message));
    };
    check(of_queue, "queue", |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
    })?;
    let version = said.version.as_ref();
    let version = version.map(|version| quote!(const VERSION: u32 = #version;));
    let output = said.output.as_ref().map_or(quote!(()), |ty| quote!(#ty));
    let options = said.options(&queue);
    let this = &input.ident;
    let (generics, args, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #queue::Job for #this #args #bounds {
            const NAME: &'static str = #name;
            #version
            const QUEUE: &'static str = #of_queue;
            type Output = #output;
            #options
        }
    })
}

/// The name said, or else the type's own in kebab case.
fn name(input: &DeriveInput, said: &Options) -> Result<LitStr> {
    let Some(name) = &said.name else {
        return Ok(LitStr::new(
            &kebab(&input.ident.to_string()),
            Span::call_site(),
        ));
    };
    check(name, "name", |c| !c.is_control())?;
    Ok(name.clone())
}

fn check(literal: &LitStr, what: &str, fits: fn(char) -> bool) -> Result<()> {
    let text = literal.value();
    if (1..=128).contains(&text.chars().count()) && text.chars().all(fits) {
        return Ok(());
    }
    let allowed = match what {
        "queue" => "1 to 128 characters of A-Z a-z 0-9 . _ -",
        _ => "1 to 128 characters, none of them a control character",
    };
    Err(Error::new(
        literal.span(),
        format!("a job's {what} has {allowed}"),
    ))
}

/// `SendMail` is `send-mail`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && at > 0 {
            out.push('-');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

impl Options {
    fn of(input: &DeriveInput) -> Result<Self> {
        let mut said = Self::default();
        for attr in input
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("job"))
        {
            attr.parse_nested_meta(|meta| said.take(&meta))?;
        }
        Ok(said)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let word = meta.path.require_ident()?.to_string();
        match word.as_str() {
            "queue" => self.queue = Some(meta.value()?.parse()?),
            "name" => self.name = Some(meta.value()?.parse()?),
            "version" => self.version = Some(meta.value()?.parse()?),
            "output" => self.output = Some(meta.value()?.parse()?),
            "options" => self.options = Some(meta.value()?.parse()?),
            "attempts" | "priority" | "crashes_max" => {
                self.fields
                    .push((meta.path.clone(), meta.value()?.parse()?));
            }
            "backoff" | "timeout" | "keep_completed" | "keep_failed" => {
                let value: Expr = meta.value()?.parse()?;
                let some = syn::parse_quote!(::core::option::Option::Some(#value));
                self.fields.push((meta.path.clone(), some));
            }
            _ => {
                return Err(meta.error(
                    "a job has `queue`, `name`, `version`, `output`, `attempts`, `priority`, `backoff`, `timeout`, `keep_completed`, `keep_failed`, `crashes_max` and `options`",
                ));
            }
        }
        Ok(())
    }

    /// `fn options()`, where anything was said of them.
    fn options(&self, queue: &TokenStream) -> TokenStream {
        let base = match &self.options {
            Some(function) => quote!(#function()),
            None => quote!(<#queue::JobOptions as ::core::default::Default>::default()),
        };
        if self.options.is_none() && self.fields.is_empty() {
            return TokenStream::new();
        }
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| quote!(#name: #value));
        quote! {
            #[allow(clippy::needless_update)]
            fn options() -> #queue::JobOptions {
                #queue::JobOptions { #(#fields,)* ..#base }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_types_in_kebab_case() {
        for (given, name) in [
            ("SendMail", "send-mail"),
            ("Thumbnails", "thumbnails"),
            ("A", "a"),
        ] {
            assert_eq!(kebab(given), name);
        }
    }
}
