//! One small program for each question that a backend must answer; run one with
//! `cargo run -p purlin-examples --example modules`.
//!
//! Each shows a mistake being caught, and ends by itself.
