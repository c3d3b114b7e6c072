//! The command from outside.

mod api_check;
mod password_calibrate;
