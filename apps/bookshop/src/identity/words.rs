//! What is no password here, besides what is none anywhere.

/// What readers of a bookshop think of first, where it is long enough to be taken otherwise.
/// Compared whole, in any case.
pub(super) const REFUSED: &[&str] = &[
    "bookshop1234",
    "bookshop12345",
    "bookshop123456",
    "bookshopbookshop",
    "bookshop bookshop",
    "bookshop-password",
    "bookshop password",
    "bookshop.test",
    "bookshopadmin",
    "bookshopreader",
    "bookshopstaff",
    "ilovereading",
    "i love reading",
    "ilovebooks123",
    "i love books",
    "mybookshop123",
    "my bookshop password",
    "passwordbookshop",
    "purlinbookshop",
    "readingbooks",
    "welcomebookshop",
    "welcome to the bookshop",
];
