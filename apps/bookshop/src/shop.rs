//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{
    audit::AuditModule, books::BooksModule, export::ExportModule, identity::IdentityModule,
    pages::PagesModule, related::RelatedModule, reviews::ReviewsModule, users::UsersModule,
};

/// The root of the bookshop's modules.
#[module(imports(
    AuditModule,
    BooksModule,
    ExportModule,
    IdentityModule,
    PagesModule,
    RelatedModule,
    ReviewsModule,
    UsersModule,
))]
pub struct BookshopModule;
