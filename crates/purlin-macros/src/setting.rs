//! `#[derive(Setting)]`: an enum whose variants are words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

use crate::paths::part;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        let message = "`Setting` is derived for enums; for a group of settings derive `Config`";
        return Err(Error::new_spanned(&input.ident, message));
    };
    if data.variants.is_empty() {
        return Err(Error::new_spanned(
            &input.ident,
            "a setting without values cannot be set",
        ));
    }
    let words: Vec<LitStr> = data.variants.iter().map(word).collect::<Result<_>>()?;
    let variants = data.variants.iter().map(|variant| &variant.ident);
    let form = form(&words);
    let (core, this) = (part("core"), &input.ident);
    Ok(quote! {
        impl #core::config::Setting for #this {
            fn form() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(#form)
            }
            fn from_text(text: &str) -> ::core::result::Result<Self, #core::config::Invalid> {
                match text {
                    #(#words => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(#core::config::Invalid::new()),
                }
            }
        }
    })
}

/// The word that stands for `variant`.
fn word(variant: &Variant) -> Result<LitStr> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(Error::new_spanned(variant, "a word has no fields"));
    }
    let mut word = None;
    for attribute in &variant.attrs {
        if attribute.path().is_ident("setting") {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("name") {
                    return Err(meta.error("expected `name`"));
                }
                word = Some(meta.value()?.parse()?);
                Ok(())
            })?;
        }
    }
    let ident = &variant.ident;
    Ok(word.unwrap_or_else(|| LitStr::new(&snake_case(&ident.to_string()), ident.span())))
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `` `a`, `b` or `c` ``
fn form(words: &[LitStr]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("`{}`", word.value()))
        .collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
