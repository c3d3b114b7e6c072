//! The bookshop: Purlin's reference application.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`announce`] | the lines printed at start |
//! | [`books`] | what a book is and what is allowed in one: no HTTP, no SQL |
//! | [`import`] | reading books from CSV, for the seed and for `bookshop import` |

pub mod announce;
pub mod books;
pub mod import;
