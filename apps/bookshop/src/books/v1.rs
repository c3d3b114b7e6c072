//! Books as version 1 of the API has them: `author`, one text, in place of `authors`, and no links.

mod controller;
mod input;
mod view;

pub use controller::BookControllerV1;
pub use input::BookInputV1;
pub use view::{BOOKS_PATH_V1, BookViewV1};

/// What stands between the names of authors.
const SEPARATOR: &str = "; ";
