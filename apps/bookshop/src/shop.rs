//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{books::BooksModule, export::ExportModule, pages::PagesModule, staff::StaffModule};

/// The root of the bookshop's modules.
#[module(imports(BooksModule, ExportModule, PagesModule, StaffModule))]
pub struct BookshopModule;
