//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{
    audit::AuditModule, books::BooksModule, covers::CoversModule, export::ExportModule,
    identity::IdentityModule, jobs::JobsModule, pages::PagesModule, related::RelatedModule,
    reviews::ReviewsModule, users::UsersModule,
};

/// The root of the bookshop's modules.
#[module(imports(
    AuditModule,
    BooksModule,
    CoversModule,
    ExportModule,
    IdentityModule,
    JobsModule,
    PagesModule,
    RelatedModule,
    ReviewsModule,
    UsersModule,
))]
pub struct BookshopModule;
