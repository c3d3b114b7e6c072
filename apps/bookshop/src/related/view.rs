//! Related books as version 2 of the API shows them.

use schemars::JsonSchema;
use serde::Serialize;

use super::service::Related;
use crate::books::BookView;

/// Books that are like a book, the most like first.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RelatedView {
    items: Vec<RelatedBookView>,
}

/// A book that is like another.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RelatedBookView {
    /// How like it is: 1 is the same in all that is compared, 0 is nothing in common.
    #[schemars(range(min = 0.0, max = 1.0))]
    likeness: f64,
    #[serde(flatten)]
    book: BookView,
}

impl From<Vec<Related>> for RelatedView {
    fn from(related: Vec<Related>) -> Self {
        let items = related.into_iter().map(RelatedBookView::from).collect();
        Self { items }
    }
}

impl From<Related> for RelatedBookView {
    fn from(related: Related) -> Self {
        Self {
            // Three digits are more than it means.
            likeness: (related.likeness * 1_000.0).round() / 1_000.0,
            // The answer is the same for everybody, and so may be kept for everybody.
            book: BookView::new(related.book, false),
        }
    }
}
