//! Passwords: slow hashes on threads of their own, the same work for an account that does not
//! exist, old hashes replaced at sign-in, and a storm of sign-ins that ends in 503.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::error::Error;

use purlin::{
    auth::password::{PasswordPolicy, Passwords, Verdict},
    prelude::*,
    runtime::CpuPool,
};

const GOOD: &str = "a quiet harbour at dusk";

/// Of `correct horse battery`, in the form that npm's bcrypt writes.
const OF_NODE: &str = "$2b$10$abcdefghijklmnopqrstuuCj7fyLDJytXL.TfOiOeiv0fQvSOK1/2";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cpu = CpuPool::builder().threads(1).niceness(19).build()?;
    let policy = PasswordPolicy::default().refuse(["bookshop bookshop"])?;
    let passwords = Passwords::builder(cpu)
        .policy(policy)
        .queue_max(4)
        .build()?;

    for wanted in ["too short", "qwerty123456", "Bookshop Bookshop", GOOD] {
        let word = match passwords.check_policy(wanted) {
            Ok(()) => "taken",
            Err(violation) => violation.word(),
        };
        println!("{wanted:?} as a new password: {word}");
    }

    let stored = passwords.hash(GOOD).await?;
    let (parameters, _) = stored.rsplit_once("p=1$").ok_or("argon2id")?;
    println!("kept as {parameters}p=1$…");
    println!("right: {:?}", passwords.verify(GOOD, Some(&stored)).await?);
    println!(
        "wrong: {:?}",
        passwords.verify("wrong", Some(&stored)).await?
    );
    println!("nobody: {:?}", passwords.verify(GOOD, None).await?);

    let from_node = passwords.verify("correct horse battery", Some(OF_NODE));
    match from_node.await? {
        Verdict::RightOutdated(new) => println!("from Node, and replaced by {}…", &new[..30]),
        verdict => println!("from Node: {verdict:?}"),
    }

    let storm = (0..20).map(|_| {
        let (passwords, stored) = (passwords.clone(), stored.clone());
        purlin::spawn(async move { passwords.verify("guess", Some(&stored)).await })
    });
    let mut refused = None;
    let (mut answered, mut turned_away) = (0, 0);
    for guess in storm.collect::<Vec<_>>() {
        match guess.await? {
            Ok(_) => answered += 1,
            Err(error) => {
                turned_away += 1;
                refused = Some((error.class().status(), error.code()));
            }
        }
    }
    println!("20 guesses at once: {answered} answered, {turned_away} turned away, {refused:?}");
    println!("all of it in {} KiB", passwords.memory_kib());
    Ok(())
}
