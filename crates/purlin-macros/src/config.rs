//! `#[derive(Config)]`: a group of settings, one for each field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, ExprRange, Field, Fields, Ident, Lit,
    LitStr, Path, RangeLimits, Result, ext::IdentExt, meta::ParseNestedMeta, spanned::Spanned,
};

use crate::paths::part;

/// What `#[config(…)]` says of a field, as calls on its `Spec` in the order written.
#[derive(Default)]
struct FieldOptions {
    flatten: bool,
    name: Option<LitStr>,
    calls: TokenStream,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input)?;
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &input.generics,
            "settings have no generics",
        ));
    }
    let core = part("core");
    let reads: Vec<_> = fields
        .iter()
        .map(|field| read(&core, field))
        .collect::<Result<_>>()?;
    let names = fields.iter().filter_map(|field| field.ident.as_ref());
    let result = match struct_check(&input.attrs)? {
        Some(check) => quote!(reader.checked(this, #check)),
        None => quote!(::core::option::Option::Some(this)),
    };
    let this = &input.ident;
    Ok(quote! {
        impl #core::config::Config for #this {
            fn read(reader: &mut #core::config::Reader) -> ::core::option::Option<Self> {
                #(#reads)*
                let this = Self { #(#names: #names?),* };
                #result
            }
        }
    })
}

fn named_fields(input: &DeriveInput) -> Result<Vec<&Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            _ => Err(Error::new_spanned(
                &input.ident,
                "settings are a struct with named fields",
            )),
        },
        _ => Err(Error::new_spanned(
            &input.ident,
            "settings are a struct with named fields; for the value of a setting derive `Setting`",
        )),
    }
}

/// `let port = reader.setting(Spec::<u16>::new("port")…);`
fn read(core: &TokenStream, field: &Field) -> Result<TokenStream> {
    let ident = field.ident.as_ref().expect("the fields are named");
    let ty = &field.ty;
    let FieldOptions {
        flatten,
        name,
        calls,
    } = field_options(field)?;
    if flatten {
        if !calls.is_empty() || name.is_some() {
            return Err(Error::new_spanned(
                ident,
                "`flatten` stands alone: a group has no value",
            ));
        }
        return Ok(quote_spanned!(ty.span()=>
            let #ident = <#ty as #core::config::Config>::read(reader);));
    }
    let name = name.unwrap_or_else(|| LitStr::new(&ident.unraw().to_string(), ident.span()));
    check_name(&name)?;
    let help = help(&field.attrs);
    let help = (!help.is_empty()).then(|| quote!(.help(#help)));
    // The span of the type, so that a type which is no setting is reported there.
    let core = core.clone().into_iter().map(|mut token| {
        token.set_span(ty.span());
        token
    });
    let core = TokenStream::from_iter(core);
    Ok(quote_spanned! {ty.span()=>
        let #ident = reader.setting(#core::config::Spec::<#ty>::new(#name) #help #calls);
    })
}

fn check_name(name: &LitStr) -> Result<()> {
    let text = name.value();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain) {
        return Ok(());
    }
    let message = "the name of a setting is of lower-case letters, digits and underscores, \
                   and begins with a letter";
    Err(Error::new_spanned(name, message))
}

fn field_options(field: &Field) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in config_attributes(&field.attrs) {
        attribute.parse_nested_meta(|meta| field_option(&mut options, &meta))?;
    }
    Ok(options)
}

fn field_option(options: &mut FieldOptions, meta: &ParseNestedMeta<'_>) -> Result<()> {
    let word = meta.path.require_ident()?.to_string();
    let call = match &*word {
        "flatten" => {
            options.flatten = true;
            return Ok(());
        }
        "name" => {
            options.name = Some(meta.value()?.parse()?);
            return Ok(());
        }
        "secret" => quote!(.secret()),
        "default" | "min" | "max" => {
            let method = Ident::new(&word, meta.path.span());
            let text = literal(&meta.value()?.parse()?)?;
            quote!(.#method(#text))
        }
        "range" => range(&meta.value()?.parse()?)?,
        "check" => {
            let check: Path = meta.value()?.parse()?;
            // A closure, so that `&String` may become the `&str` that the function takes.
            quote!(.check(|value| #check(value)))
        }
        "required_if" => required_if(meta)?,
        _ => return Err(meta.error(
            "expected `default`, `min`, `max`, `range`, `check`, `secret`, `required_if`, `name` \
             or `flatten`",
        )),
    };
    options.calls.extend(call);
    Ok(())
}

fn range(range: &ExprRange) -> Result<TokenStream> {
    if let (Some(start), Some(end), RangeLimits::Closed(_)) =
        (&range.start, &range.end, &range.limits)
    {
        let (start, end) = (literal(start)?, literal(end)?);
        return Ok(quote!(.min(#start).max(#end)));
    }
    Err(Error::new_spanned(
        range,
        "expected both ends, such as `1..=9`",
    ))
}

/// `required_if(app_env = "production")`
fn required_if(meta: &ParseNestedMeta<'_>) -> Result<TokenStream> {
    let mut call = None;
    meta.parse_nested_meta(|condition| {
        let other = condition.path.require_ident()?.unraw().to_string();
        let value = literal(&condition.value()?.parse()?)?;
        call = Some(quote!(.required_if(#other, #value)));
        Ok(())
    })?;
    call.ok_or_else(|| meta.error("expected a setting and its value: `app_env = \"production\"`"))
}

/// The text of a literal, as a flag or a variable would have it.
fn literal(expr: &Expr) -> Result<LitStr> {
    let (expr, sign) = match expr {
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => (&*unary.expr, "-"),
        other => (other, ""),
    };
    let text = match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if sign.is_empty() => text.value(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_digits().to_owned(),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_digits().to_owned(),
        Expr::Lit(ExprLit {
            lit: Lit::Bool(value),
            ..
        }) if sign.is_empty() => value.value.to_string(),
        _ => {
            let message = "expected a literal, such as `\"15m\"`, `3000` or `true`";
            return Err(Error::new_spanned(expr, message));
        }
    };
    Ok(LitStr::new(&format!("{sign}{text}"), expr.span()))
}

/// The path of the struct's own `#[config(check = path)]`.
fn struct_check(attributes: &[Attribute]) -> Result<Option<Path>> {
    let mut check = None;
    for attribute in config_attributes(attributes) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("check") {
                return Err(meta.error("expected `check`"));
            }
            check = Some(meta.value()?.parse()?);
            Ok(())
        })?;
    }
    Ok(check)
}

fn config_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("config"))
}

/// The doc comment, without the space that each line begins with.
fn help(attributes: &[Attribute]) -> String {
    let docs = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    let lines =
        docs.filter_map(
            |attribute| match &attribute.meta.require_name_value().ok()?.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
        );
    let lines: Vec<String> = lines
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}
