//! Answers with pages.

use std::sync::Arc;

use purlin::{
    http::{
        html::{PrefersHtml, Templates},
        openapi::{Answer, Operation},
        problem::{PROBLEM_JSON, PROBLEM_XML},
    },
    prelude::*,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::book::BookPage;
use crate::books::BookService;

/// The pages of books.
#[injectable]
pub struct BookPageController {
    books: Arc<BookService>,
    templates: Arc<Templates>,
}

#[controller("/books")]
impl BookPageController {
    /// Shows the page of one book.
    #[get("/{id}")]
    #[describe(failures)]
    #[public]
    async fn read(
        &self,
        id: Result<Path<Uuid>, Problem>,
        reader: PrefersHtml,
    ) -> Result<Html, Problem> {
        match self.page(id).await {
            Ok(page) => Ok(page),
            Err(problem) => {
                let page = self.failure(problem.status().as_u16());
                Err(reader.explain(problem, page).await)
            }
        }
    }
}

/// People are told of a failure by a page, programs by a problem.
fn failures(operation: &mut Operation<'_>) {
    let told = |sentence| {
        let text = json!({"type": "string"});
        Answer::new(sentence)
            .content("text/html", text)
            .content(PROBLEM_JSON, json!({"type": "object"}))
            .content(PROBLEM_XML, json!({}))
    };
    operation
        .fails_only(ErrorClass::Unavailable)
        .answer_as(400, told("The address is malformed."))
        .answer_as(404, told("There is no such book."));
}

/// What the page of a failure shows.
#[derive(Serialize)]
struct Failure {
    status: u16,
}

impl BookPageController {
    async fn page(&self, id: Result<Path<Uuid>, Problem>) -> Result<Html, Problem> {
        let Path(id) = id?;
        let book = BookPage::from(self.books.read(id).await?);
        Ok(self.templates.render("book.html", book).await?)
    }

    /// The page of a failure. If it fails itself, the problem document is left.
    async fn failure(&self, status: u16) -> Option<Html> {
        let page = self.templates.render("failure.html", Failure { status });
        let failed = |error| tracing::error!(%error, "the page of a failure cannot be shown");
        page.await.map_err(failed).ok()
    }
}
