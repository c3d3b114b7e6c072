//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{
    books::BooksModule, export::ExportModule, identity::IdentityModule, pages::PagesModule,
    reviews::ReviewsModule, users::UsersModule,
};

/// The root of the bookshop's modules.
#[module(imports(
    BooksModule,
    ExportModule,
    IdentityModule,
    PagesModule,
    ReviewsModule,
    UsersModule,
))]
pub struct BookshopModule;
