//! The second step of a sign-in: a code, for those who want it.
//!
//! | part | what it does |
//! | --- | --- |
//! | `ticket` | who has shown the right password, until the code comes |
//! | `codes` | asks for codes, and takes them |
//! | `service` | turns the second factor of an account on and off |
//! | `step_page` | the page of a sign-in that asks for the code |
//! | `pages` | the pages of the account that look after it |

mod codes;
mod pages;
mod service;
mod step_page;
mod ticket;

pub use codes::Codes;
pub use pages::SecondFactorController;
pub use service::SecondFactorService;
pub use step_page::{CodePage, SignInCodeController};
pub use ticket::SignInTickets;
