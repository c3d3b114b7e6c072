//! `#[derive(FromRow)]`: reads a struct from a row by the names of its fields.

use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{
    Data, DeriveInput, Error, Field, Fields, FieldsNamed, GenericParam, Generics, Ident, LitStr,
    Result, Type, ext::IdentExt, parse_quote, spanned::Spanned,
};

use crate::paths;

/// The derive, or what is wrong with the struct.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input)
        .and_then(|input| derive(&input))
        .unwrap_or_else(|error| error.to_compile_error())
}

fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input)?.named.iter().map(Column::of);
    let columns = collected(fields)?;
    let sql = paths::part("sql");
    let name = &input.ident;
    let generics = bounded(&input.generics, &columns, &sql);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, type_generics, _) = input.generics.split_for_impl();
    let row = Ident::new("row", proc_macro2::Span::mixed_site());
    let reads = columns.iter().map(|column| column.read(&sql, &row));
    Ok(quote! {
        impl #impl_generics #sql::FromRow for #name #type_generics #where_clause {
            fn from_row(
                #row: &#sql::Row<'_>,
            ) -> ::core::result::Result<Self, #sql::RowError> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}

fn named_fields(input: &DeriveInput) -> Result<&FieldsNamed> {
    let what = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Ok(fields),
            Fields::Unnamed(_) | Fields::Unit => "a struct without named fields",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    let message = format!(
        "`FromRow` reads a struct by the names of its fields, and `{}` is {what}",
        input.ident
    );
    Err(Error::new(input.ident.span(), message))
}

/// All columns, or all faults at once.
fn collected<'a>(columns: impl Iterator<Item = Result<Column<'a>>>) -> Result<Vec<Column<'a>>> {
    let mut good = Vec::new();
    let mut fault: Option<Error> = None;
    for column in columns {
        match (column, &mut fault) {
            (Ok(column), _) => good.push(column),
            (Err(error), Some(fault)) => fault.combine(error),
            (Err(error), None) => fault = Some(error),
        }
    }
    fault.map_or(Ok(good), Err)
}

/// How one field is read.
struct Column<'a> {
    field: &'a Ident,
    ty: &'a Type,
    from: Source,
}

enum Source {
    /// The value of the column of this name.
    Value(String),
    /// The JSON document in the column of this name.
    Json(String),
    /// Columns of the same row.
    Row,
}

/// The options of `#[row(…)]` on one field.
#[derive(Default)]
struct Options {
    rename: Option<LitStr>,
    is_flat: bool,
    is_json: bool,
}

impl<'a> Column<'a> {
    fn of(field: &'a Field) -> Result<Self> {
        let name = field.ident.as_ref().expect("the field is named");
        let options = Options::of(field)?;
        let column = match &options.rename {
            Some(rename) => rename.value(),
            None => name.unraw().to_string(),
        };
        let from = match (options.is_flat, options.is_json, options.rename) {
            (true, false, None) => Source::Row,
            (true, _, _) => {
                let message = "`flatten` reads several columns: it goes with no other option";
                return Err(Error::new(name.span(), message));
            }
            (false, true, _) => Source::Json(column),
            (false, false, _) => Source::Value(column),
        };
        Ok(Self {
            field: name,
            ty: &field.ty,
            from,
        })
    }

    /// `field: value`, with the span of the field's type, so that a fault is shown there.
    fn read(&self, sql: &TokenStream, row: &Ident) -> TokenStream {
        let (field, ty) = (self.field, self.ty);
        match &self.from {
            Source::Value(column) => quote_spanned! {ty.span()=>
                #field: #sql::Row::get::<#ty>(#row, #column)?
            },
            Source::Json(column) => quote_spanned! {ty.span()=>
                #field: #sql::Row::get::<#sql::Json<#ty>>(#row, #column)?.0
            },
            Source::Row => quote_spanned! {ty.span()=>
                #field: <#ty as #sql::FromRow>::from_row(#row)?
            },
        }
    }

    /// What a generic type of the field must be.
    fn bound(&self, sql: &TokenStream) -> syn::WherePredicate {
        let ty = self.ty;
        match &self.from {
            Source::Value(_) => parse_quote!(#ty: #sql::FromValue),
            Source::Json(_) => parse_quote!(#sql::Json<#ty>: #sql::FromValue),
            Source::Row => parse_quote!(#ty: #sql::FromRow),
        }
    }
}

impl Options {
    fn of(field: &Field) -> Result<Self> {
        let mut options = Self::default();
        for attribute in &field.attrs {
            if !attribute.path().is_ident("row") {
                continue;
            }
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    options.rename = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("flatten") {
                    options.is_flat = true;
                } else if meta.path.is_ident("json") {
                    options.is_json = true;
                } else {
                    let message = "unknown option, expected `rename = \"…\"`, `flatten` or `json`";
                    return Err(meta.error(message));
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}

/// The generics with a bound for each field whose type names a parameter.
fn bounded(generics: &Generics, columns: &[Column<'_>], sql: &TokenStream) -> Generics {
    let mut bounded = generics.clone();
    for column in columns {
        let ty = column.ty;
        if names_one_of(quote!(#ty), generics) {
            let predicate = column.bound(sql);
            bounded.make_where_clause().predicates.push(predicate);
        }
    }
    bounded
}

fn names_one_of(tokens: TokenStream, generics: &Generics) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident == name,
            _ => false,
        }),
        TokenTree::Group(group) => names_one_of(group.stream(), generics),
        _ => false,
    })
}
