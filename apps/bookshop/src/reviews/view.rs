//! A review as version 2 of the API shows it.

use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::Review;

/// A review as version 2 of the API shows it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ReviewView {
    id: Uuid,
    rating: i64,
    body_html: String,
    user: ReviewerView,
    created_at: Timestamp,
}

/// Who wrote a review: no more than its readers need to know.
#[derive(Clone, Debug, JsonSchema, Serialize)]
struct ReviewerView {
    name: String,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            id: review.id,
            rating: review.rating,
            body_html: review.body_html,
            user: ReviewerView {
                name: review.user_name,
            },
            created_at: review.created_at,
        }
    }
}
