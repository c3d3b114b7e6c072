//! The command from outside.

mod api_check;
