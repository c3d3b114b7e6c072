//! JWT and refresh tokens: an access token lives for minutes and is checked as its key says, a
//! refresh token works once, and a copied one ends the sign-in.
//!
//! Time is moved by hand. Without `.clock(…)` it is the machine's.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{error::Error, time::Duration};

use purlin::{
    auth::{
        MIGRATIONS,
        refresh::{Device, RefreshTokens},
        standing::Standing,
        token::{AccessTokens, SigningKeys},
    },
    base::time::{Clock, ManualClock, SystemClock},
    prelude::*,
};

const SECRET: &[u8] = b"32 bytes of chance, or many more";

/// What a program that takes tokens needs.
struct Shop {
    db: Db,
    clock: ManualClock,
    keys: SigningKeys,
    access: AccessTokens,
    standing: Standing,
    refresh: RefreshTokens,
}

impl Shop {
    async fn open() -> Result<Self, Box<dyn Error>> {
        let db = Db::connect("sqlite::memory:").await?;
        db.migrate(&MIGRATIONS).await?;
        let clock = ManualClock::new(SystemClock.now());
        let keys = SigningKeys::builder(db.clone(), SECRET).clock(Arc::new(clock.clone()));
        let keys = keys.open().await?;
        let access = AccessTokens::builder("https://shop.example", "shop", keys.ring());
        let standing = Standing::builder(&db).clock(Arc::new(clock.clone()));
        let standing = standing.load().await?;
        Ok(Self {
            access: access.clock(Arc::new(clock.clone())).build()?,
            refresh: RefreshTokens::builder(&standing, SECRET).build()?,
            db,
            clock,
            keys,
            standing,
        })
    }

    /// Whom `token` speaks for, or why for nobody.
    fn judge(&self, token: &str) -> String {
        let verified = match self.access.verify(token) {
            Ok(verified) => verified,
            Err(why) => return format!("refused, {}: {why}", why.code()),
        };
        match self.standing.judge(&verified) {
            Ok(who) => format!("speaks for {}", who.id()),
            Err(why) => format!("refused, {}: {why}", why.code()),
        }
    }
}

/// The part of a token that names its key.
fn kid(token: &str) -> Option<&str> {
    token.split('.').next()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = Shop::open().await?;
    let ada = Principal::new("ada", ["reader"]);

    let device = Device::new("Firefox on Linux");
    let begin = shop
        .db
        .transaction(async |tx| shop.refresh.begin(tx, ada.id(), &device).await);
    let first = begin.await?;
    let token = shop.access.issue(&ada, Some(first.family))?.token;
    println!("a token: {}", shop.judge(&token));
    let (signed, signature) = token.rsplit_once('.').ok_or("three parts")?;
    let (_, claims) = signed.split_once('.').ok_or("three parts")?;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
    println!("alg none: {}", shop.judge(&unsigned));
    let changed = format!("eyJhbGciOiJIUzI1NiJ9.{claims}.{signature}");
    println!("another header: {}", shop.judge(&changed));
    shop.clock.advance(Duration::from_secs(16 * 60));
    println!("after 16 minutes: {}", shop.judge(&token));

    let second = shop.refresh.redeem(&first.token).await?;
    let tab = shop.refresh.redeem(&first.token).await?;
    println!(
        "two tabs refresh at once, both get one token: {}",
        tab.token == second.token
    );
    let third = shop.refresh.redeem(&second.token).await?;
    let token = shop.access.issue(&ada, Some(third.family))?.token;
    shop.keys.rotate().await?;
    // The new key is published for a while before it signs.
    shop.clock.advance(Duration::from_secs(2 * 60));
    let by_new = shop.access.issue(&ada, Some(third.family))?.token;
    println!("another key signs: {}", kid(&by_new) != kid(&token));
    println!("a token of the key before: {}", shop.judge(&token));

    let stolen = shop.refresh.redeem(&first.token).await;
    let code = stolen.err().map_or("none", |why| why.code());
    println!("a copy of the first refresh token: refused, {code}");
    let latest = shop.refresh.redeem(&third.token).await;
    let code = latest.err().map_or("none", |why| why.code());
    println!("and the latest, whoever holds it: refused, {code}");
    println!("and its access token: {}", shop.judge(&token));
    shop.db.close().await;
    Ok(())
}
