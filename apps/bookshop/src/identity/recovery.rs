//! What links of mails are for: passwords that were forgotten, and addresses to be confirmed.
//!
//! Mail programs open links before people do, so a link shows a form, and the form uses it.

mod controller;
mod email_pages;
mod pages;
mod password_pages;

pub use controller::PasswordController;
pub use email_pages::EmailPagesController;
pub use pages::RecoveryPages;
pub use password_pages::PasswordPagesController;
