//! How long a sign-in takes does not tell whether there is such an account.

use std::time::{Duration, Instant};

use crate::{
    http::Client,
    identity::{login, somebody},
    server::Server,
};

/// Tries of each kind. Rounds are interleaved, so that whatever slows the machine down slows both.
const ROUNDS: usize = 25;

/// What the medians may differ by, as a part of the greater. Without the work of a hash for nobody
/// they would differ by nearly all of it.
const DIFFERENCE_MAX: f64 = 0.35;

fn took(client: &Client, email: &str) -> Duration {
    let begun = Instant::now();
    login(client, email, "not the password").problem(401);
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

#[test]
fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    let server = Server::start();
    let (client, known) = (&server.client, somebody(&server));
    took(client, &known);
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        of_known.push(took(client, &known));
        of_unknown.push(took(client, &format!("nobody-{round}@example.org")));
    }
    let (known, unknown) = (median(of_known), median(of_unknown));
    let difference = (known - unknown).abs() / known.max(unknown);
    assert!(
        difference < DIFFERENCE_MAX,
        "wrong password {known:.4} s, unknown address {unknown:.4} s"
    );
}
