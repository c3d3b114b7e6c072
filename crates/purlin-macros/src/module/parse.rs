//! The grammar of `#[module(…)]`.

use std::collections::HashSet;

use quote::ToTokens;
use syn::{
    Error, Expr, Ident, Result, Token, Type, parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::tokens::text;

/// The lists of one module.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) imports: Vec<Type>,
    pub(super) providers: Vec<Entry>,
    pub(super) controllers: Vec<Type>,
    pub(super) processors: Vec<Type>,
    pub(super) exports: Vec<Type>,
    pub(super) lifecycle: Option<Ident>,
}

/// One line of `providers`: `Smtp as dyn Mailer = factory(connect)`.
pub(super) struct Entry {
    pub(super) ty: Type,
    pub(super) bound: Option<Type>,
    pub(super) source: Source,
}

/// How a provider is made.
pub(super) enum Source {
    Class,
    Value(Expr),
    Factory(Expr),
}

impl Entry {
    /// The type that others ask for.
    pub(super) fn provided(&self) -> &Type {
        self.bound.as_ref().unwrap_or(&self.ty)
    }
}

impl Parse for Sections {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut found = Self::default();
        let mut seen = HashSet::new();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if !seen.insert(name.to_string()) {
                return Err(Error::new(
                    name.span(),
                    format!("`{name}` stands here twice: write one list"),
                ));
            }
            found.section(name, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        found.no_doubles()?;
        Ok(found)
    }
}

impl Sections {
    fn section(&mut self, name: Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "imports" => self.imports = list(input)?,
            "providers" => self.providers = list(input)?,
            "controllers" => self.controllers = list(input)?,
            "processors" => self.processors = list(input)?,
            "exports" => self.exports = list(input)?,
            "lifecycle" => self.lifecycle = Some(name),
            other => {
                return Err(Error::new(
                    name.span(),
                    format!(
                        "a module has no `{other}`; it has `imports(…)`, `providers(…)`, `controllers(…)`, `processors(…)`, `exports(…)` and `lifecycle`"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn no_doubles(&self) -> Result<()> {
        no_double(&self.imports, "imported")?;
        no_double(&self.controllers, "listed in `controllers`")?;
        no_double(&self.processors, "listed in `processors`")?;
        no_double(&self.exports, "exported")?;
        no_double(self.providers.iter().map(Entry::provided), "provided")
    }
}

fn no_double<'a>(types: impl IntoIterator<Item = &'a Type>, what: &str) -> Result<()> {
    let mut seen = HashSet::new();
    for ty in types {
        let name = text(ty);
        if seen.contains(&name) {
            return Err(Error::new_spanned(ty, format!("`{name}` is {what} twice")));
        }
        seen.insert(name);
    }
    Ok(())
}

fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    let entries = Punctuated::<T, Token![,]>::parse_terminated(&content)?;
    Ok(entries.into_iter().collect())
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ty: Type = input.parse()?;
        let bound = match input.parse::<Option<Token![as]>>()? {
            Some(_) => Some(input.parse::<Type>()?),
            None => None,
        };
        let source = match input.parse::<Option<Token![=]>>()? {
            Some(_) => input.parse()?,
            None => Source::Class,
        };
        let entry = Self { ty, bound, source };
        entry.possible()?;
        Ok(entry)
    }
}

impl Entry {
    /// A trait needs somebody who implements it.
    fn possible(&self) -> Result<()> {
        let needs_type = !matches!(self.source, Source::Factory(_));
        if matches!(self.ty, Type::TraitObject(_)) && needs_type {
            let name = text(&self.ty);
            return Err(Error::new_spanned(
                &self.ty,
                format!(
                    "`{name}` is a trait: say which type stands behind it, `Type as {name}`, or make it by a function that returns an `Arc<{name}>`, `{name} = factory(…)`"
                ),
            ));
        }
        Ok(())
    }
}

impl Parse for Source {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let asked = "a provider is made by `value(expression)` or by `factory(function)`";
        let word: Ident = input
            .parse()
            .map_err(|error| Error::new(error.span(), asked))?;
        if word != "value" && word != "factory" {
            return Err(Error::new(word.span(), asked));
        }
        let content;
        parenthesized!(content in input);
        let made: Expr = content.parse()?;
        content.parse::<Option<Token![,]>>()?;
        if !content.is_empty() {
            let message = format!("`{word}(…)` takes one expression");
            return Err(Error::new_spanned(made.to_token_stream(), message));
        }
        Ok(if word == "value" {
            Self::Value(made)
        } else {
            Self::Factory(made)
        })
    }
}
