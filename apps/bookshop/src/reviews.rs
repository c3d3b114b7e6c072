//! What readers say about books: one review of a book by each.
//!
//! | part | what it does |
//! | --- | --- |
//! | `input` | what a review may say: no HTTP, no SQL |
//! | `store` | reviews in the database |
//! | `service` | what can be done with reviews; cleans their markup |
//! | `view`, `controller` | reviews over HTTP, version 2 |

mod controller;
mod error;
mod input;
mod service;
mod store;
mod view;

pub use controller::ReviewController;
pub use error::ReviewError;
pub use input::{BODY_CHARS_MAX, ReviewInput};
pub use service::ReviewService;
pub use store::ReviewStore;
pub use view::ReviewView;

use purlin::prelude::*;
use uuid::Uuid;

use crate::{
    books::BooksModule, compute::ComputeModule, identity::GuardsModule, schema::DatabaseModule,
    secret::SecretModule, users::UsersModule, world::WorldModule,
};

/// Reviews: kept, cleaned, and served.
#[module(
    imports(
        BooksModule,
        ComputeModule,
        DatabaseModule,
        SecretModule,
        GuardsModule,
        UsersModule,
        WorldModule,
    ),
    providers(ReviewStore, ReviewService),
    controllers(ReviewController),
    exports(ReviewService)
)]
pub struct ReviewsModule;

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Review {
    /// Its identifier; later reviews have greater ones.
    pub id: Uuid,
    /// 1 to 5.
    pub rating: i64,
    /// Markup that was cleaned: it may stand in a page as it is.
    pub body_html: String,
    /// The name of who wrote it.
    pub user_name: String,
    /// When it was written.
    pub created_at: Timestamp,
}
