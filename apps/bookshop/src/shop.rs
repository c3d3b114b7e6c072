//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{
    books::BooksModule, export::ExportModule, pages::PagesModule, reviews::ReviewsModule,
    staff::StaffModule, users::UsersModule,
};

/// The root of the bookshop's modules.
#[module(imports(
    BooksModule,
    ExportModule,
    PagesModule,
    ReviewsModule,
    StaffModule,
    UsersModule,
))]
pub struct BookshopModule;
