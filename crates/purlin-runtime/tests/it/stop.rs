//! How work is asked to stop.

use purlin_base::Classified;
use purlin_runtime::{StopToken, Stopped};

#[test]
fn a_token_that_never_stops_never_does() {
    let token = StopToken::never();
    assert_eq!(token.check(), Ok(()));
    assert_eq!(token.deadline(), None);
    assert_eq!(Stopped.code(), "WORKER_STOPPED");
}
