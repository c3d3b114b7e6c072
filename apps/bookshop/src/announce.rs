//! The lines that `bookshop serve` prints on standard output, for people and for programs that
//! start it: this is where their form is fixed.
//!
//! Each stands on a line of its own, and is printed once what it tells of can be used: who has read
//! `listening on http://…`, which comes last, can send requests there.

/// In front of the address that serves the public: `listening on http://127.0.0.1:3000`.
/// The last line of a start.
pub const LISTENING: &str = "listening on ";

/// In front of the address for operators: `management on http://127.0.0.1:3001`.
pub const MANAGEMENT: &str = "management on ";

/// In front of the page that shows the API: `documents on http://127.0.0.1:3001/docs`.
pub const DOCUMENTS: &str = "documents on ";

/// In front of an account of a new database: `account admin@bookshop.test correct-horse-battery`,
/// its address and its password.
pub const ACCOUNT: &str = "account ";

/// In front of the part and the engine that serves it: `engine database sqlite`.
pub const ENGINE: &str = "engine ";

/// In front of the queues that `bookshop work` works: `working on covers, mails`. Its last line of a
/// start.
pub const WORKING: &str = "working on ";
