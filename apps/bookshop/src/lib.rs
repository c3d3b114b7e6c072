//! The bookshop: Purlin's reference application.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`books`] | what a book is and what is allowed in one: no HTTP, no SQL |
//! | [`import`] | reading books from CSV, for the seed and for `bookshop import` |

pub mod books;
pub mod import;
