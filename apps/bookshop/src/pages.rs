//! Pages for people: plain HTML, readable without scripts.
//!
//! | part | what it does |
//! | --- | --- |
//! | `templates/` | the pages, in the language of Jinja |
//! | `book` | what the page of a book shows |
//! | `moment` | what a page shows of a time |
//! | `controller` | answers with them |

mod book;
mod controller;
mod moment;

pub use controller::BookPageController;
pub use moment::Moment;

use purlin::{
    http::html::{TemplateError, Templates},
    prelude::*,
};

use crate::books::BooksModule;

/// Pages for people.
#[module(imports(BooksModule, TemplatesModule), controllers(BookPageController))]
pub struct PagesModule;

/// What pages are made from.
#[module(providers(Templates = factory(templates)), exports(Templates))]
pub struct TemplatesModule;

/// No pool: every page is small, so one that is not is a fault.
fn templates() -> Result<Templates, TemplateError> {
    Templates::builder()
        .add("layout.html", include_str!("pages/templates/layout.html"))
        .add("account.html", include_str!("pages/templates/account.html"))
        .add("book.html", include_str!("pages/templates/book.html"))
        .add(
            "change_password.html",
            include_str!("pages/templates/change_password.html"),
        )
        .add("code.html", include_str!("pages/templates/code.html"))
        .add("failure.html", include_str!("pages/templates/failure.html"))
        .add("forgot.html", include_str!("pages/templates/forgot.html"))
        .add("login.html", include_str!("pages/templates/login.html"))
        .add("note.html", include_str!("pages/templates/note.html"))
        .add("reset.html", include_str!("pages/templates/reset.html"))
        .add(
            "second_factor.html",
            include_str!("pages/templates/second_factor.html"),
        )
        .add("verify.html", include_str!("pages/templates/verify.html"))
        .build()
}
