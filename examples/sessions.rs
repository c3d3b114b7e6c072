//! Sessions: a new id at every sign-in, so that a planted one is worth nothing, and an end that is
//! on the server, so that a kept cookie is worth nothing either.
//!
//! Time is moved by hand. Without `.clock(…)` it is the machine's.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{error::Error, time::Duration};

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use purlin::{
    auth::session::{CookiePolicy, MemorySessionStore, NewSession, Sessions},
    base::time::{Clock, ManualClock, SystemClock},
    prelude::*,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::new(SystemClock.now());
    let cookie = CookiePolicy::for_public_url("https://books.example")?;
    // `SqlSessionStore` and `RedisSessionStore` are shared by processes, and outlive them.
    let store = Arc::new(MemorySessionStore::default());
    let sessions = Sessions::builder(store, cookie).clock(clock.clone());
    let sessions = sessions.build()?;

    // Eve signs in, and plants her cookie in Ada's browser.
    let eves = sign_in(&sessions, &HeaderMap::new(), "eve").await?;
    let planted = sending(&eves.cookie)?;
    let adas = sign_in(&sessions, &planted, "ada").await?;
    let ada = sending(&adas.cookie)?;
    println!("the cookie: {}", attributes(&adas.cookie)?);
    println!("ada's own cookie: {}", whose(&sessions, &ada).await?);
    println!("the planted one: {}", whose(&sessions, &planted).await?);
    let tossed = format!("{}; __Host-session=tossed", ada[COOKIE].to_str()?);
    let tossed = HeaderMap::from_iter([(COOKIE, tossed.parse()?)]);
    println!("two of the name: {}", whose(&sessions, &tossed).await?);

    let phone = sign_in(&sessions, &HeaderMap::new(), "ada").await?;
    println!("ada is signed in {} times", count(&sessions).await?);
    sessions.revoke("ada", phone.session.public_id()).await?;
    let phone = sending(&phone.cookie)?;
    println!("the one she ended: {}", whose(&sessions, &phone).await?);
    sessions.set_roles("ada", ["staff"]).await?;
    println!("with new roles: {}", whose(&sessions, &ada).await?);

    for minutes in [29, 31] {
        clock.advance(minutes * MINUTE);
        let who = whose(&sessions, &ada).await?;
        println!("after {minutes} minutes unused: {who}");
    }
    let again = sign_in(&sessions, &ada, "ada").await?;
    sessions.sign_out(again.session.id()).await?;
    let kept = sending(&again.cookie)?;
    println!("after the sign-out: {}", whose(&sessions, &kept).await?);
    Ok(())
}

/// Signs `user` in, by a request with these `headers`.
async fn sign_in(
    sessions: &Sessions,
    headers: &HeaderMap,
    user: &str,
) -> Result<NewSession, Box<dyn Error>> {
    let old = sessions.read(headers);
    let new = sessions.sign_in(old.as_ref(), user, ["reader"], "Firefox on Linux");
    Ok(new.await?)
}

async fn whose(sessions: &Sessions, headers: &HeaderMap) -> Result<String, Box<dyn Error>> {
    let session = sessions.load(headers).await?;
    Ok(session.map_or("nobody".to_owned(), |session| {
        format!("{}, {}", session.user(), session.roles().join(" "))
    }))
}

async fn count(sessions: &Sessions) -> Result<usize, Box<dyn Error>> {
    Ok(sessions.list("ada").await?.len())
}

/// The headers of a browser that got `set`.
fn sending(set: &HeaderValue) -> Result<HeaderMap, Box<dyn Error>> {
    let pair = set.to_str()?.split(';').next().unwrap_or_default();
    Ok(HeaderMap::from_iter([(COOKIE, pair.parse()?)]))
}

/// The cookie without its value, which is a secret.
fn attributes(set: &HeaderValue) -> Result<String, Box<dyn Error>> {
    let (name, rest) = set.to_str()?.split_once('=').ok_or("a name")?;
    let (_, attributes) = rest.split_once(';').ok_or("attributes")?;
    Ok(format!("{name}=…;{attributes}"))
}
