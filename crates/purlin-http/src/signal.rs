//! placeholder
/// x
#[derive(Debug)]
pub struct Signals;
