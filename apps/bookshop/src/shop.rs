//! The whole bookshop: the modules it is made of.

use purlin::prelude::*;

use crate::{books::BooksModule, export::ExportModule, staff::StaffModule};

/// The root of the bookshop's modules.
#[module(imports(BooksModule, ExportModule, StaffModule))]
pub struct BookshopModule;
