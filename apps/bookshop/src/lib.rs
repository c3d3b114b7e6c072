//! The bookshop: Purlin's reference application.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`cli`] | the commands `serve`, `work`, `jobs`, `import` and `routes` |
//! | [`settings`] | every setting |
//! | [`shop`] | the modules it is made of |
//! | [`books`] | the catalogue |
//! | [`users`] | people who can sign in |
//! | [`related`] | books that are like a book |
//! | [`reviews`] | what they say about books |
//! | [`covers`] | pictures of books |
//! | [`mails`] | what is to be sent to them |
//! | [`jobs`] | what is done after the answer |
//! | [`pages`] | pages for people |
//! | [`import`] | reading books from CSV, for the seed and for `bookshop import` |
//! | [`audit`] | what happened around identity |
//! | [`roles`], [`identity`] | what people can be, who asks, and signing in and out |
//! | [`limits`] | how often callers may ask |
//! | [`schema`], [`secret`], [`world`] | tables, keys, time and chance |
//! | [`versions`] | which versions of the API there are |
//! | [`export`] | the catalogue as a file |
//! | [`compute`] | threads for work that computes |
//! | [`announce`] | the lines printed at start |

pub mod announce;
pub mod audit;
pub mod books;
pub mod cli;
pub mod compute;
pub mod covers;
pub mod export;
pub mod identity;
pub mod import;
pub mod jobs;
pub mod limits;
pub mod mails;
mod object;
pub mod pages;
#[cfg(feature = "plant")]
mod plant;
pub mod related;
pub mod reviews;
pub mod roles;
pub mod schema;
pub mod secret;
pub mod settings;
pub mod shop;
pub mod users;
pub mod versions;
pub mod world;
