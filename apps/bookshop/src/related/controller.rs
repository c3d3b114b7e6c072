//! Related books over HTTP, version 2.

use std::sync::Arc;

use garde::Validate;
use purlin::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{RelatedError, RelatedService, RelatedView};
use crate::identity::VisitorGuard;

/// Related books over HTTP, version 2.
#[injectable]
pub struct RelatedController {
    related: Arc<RelatedService>,
}

/// How many are asked for.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Validate)]
pub(super) struct HowMany {
    /// How many books, 1 to 20; 5 if nothing is said.
    #[garde(range(min = 1, max = 20))]
    #[schemars(range(min = 1, max = 20))]
    #[serde(default = "HowMany::usual")]
    limit: usize,
}

impl HowMany {
    const fn usual() -> usize {
        5
    }
}

#[controller("/api/books/{id}/related")]
#[version("2")]
#[cache_control("public, max-age=30")]
#[xml("related", "related")]
impl RelatedController {
    /// Shows the books that are most like a book.
    ///
    /// Compared are subject, authors, title, year and language. A book that is newer than half a
    /// minute may not be found yet.
    #[get]
    #[guard(VisitorGuard)]
    async fn list(
        &self,
        Path(book): Path<Uuid>,
        ValidQuery(how_many): ValidQuery<HowMany>,
    ) -> Result<Json<RelatedView>, RelatedError> {
        let related = self.related.of(book, how_many.limit).await?;
        Ok(Json(related.into()))
    }
}
