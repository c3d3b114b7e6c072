//! What it costs to ask whether an access token still counts: when nothing is revoked, and when
//! 10 000 families and 1 000 users are.
//!
//! `cargo bench -p purlin-auth --bench standing` prints the median of 301 rounds, in nanoseconds for
//! one call on one thread. Rounds are short, so that most are not interrupted.

#![allow(clippy::print_stdout, reason = "a bench prints what it has measured")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use purlin_auth::{MIGRATIONS, standing::Standing, token::VerifiedToken};
use purlin_base::{Principal, Timestamp};
use purlin_sql::{Db, SqlError};
use uuid::Uuid;

const ROUNDS: usize = 301;
const CALLS: u32 = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let db = Db::connect("sqlite::memory:").await.expect("a database");
    db.migrate(&MIGRATIONS).await.expect("tables");
    let standing = Standing::builder(&db).load().await.expect("a list");
    println!("nothing revoked {:6.1} ns", measure(&standing));
    let revoked = db.transaction(async |tx| {
        for _ in 0..10_000 {
            drop(standing.revoke_family(tx, Uuid::now_v7()).await?);
        }
        for user in 0..1_000 {
            drop(standing.revoke_user(tx, &user.to_string(), &[]).await?);
        }
        Ok::<_, SqlError>(())
    });
    revoked.await.expect("rows");
    println!("{} revoked   {:6.1} ns", standing.len(), measure(&standing));
}

fn measure(standing: &Standing) -> f64 {
    let end = Timestamp::UNIX_EPOCH.saturating_add(Duration::from_secs(900));
    let (principal, family) = (Principal::new("ada", ["reader"]), Some(Uuid::now_v7()));
    let token = VerifiedToken::new(principal, "jti", family, Timestamp::UNIX_EPOCH, end);
    let round = |_| {
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(standing.judge(black_box(&token))).expect("it is not revoked");
        }
        began.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    let mut rounds: Vec<f64> = (0..ROUNDS).map(round).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
