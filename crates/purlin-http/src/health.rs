//! placeholder
/// x
#[derive(Debug)]
pub struct Health;
