//! What the tests of passwords share.

use purlin_auth::password::{Argon2Params, Passwords, PasswordsBuilder, Verdict};
use purlin_runtime::CpuPool;

pub(crate) const PASSWORD: &str = "a quiet harbour at dusk";

pub(crate) fn builder() -> PasswordsBuilder {
    let cpu = CpuPool::builder().threads(2).build().unwrap();
    Passwords::builder(cpu).argon2(Argon2Params::weak_for_tests())
}

pub(crate) fn passwords() -> Passwords {
    builder().build().unwrap()
}

/// The verdict, which must be one.
pub(crate) async fn verify(password: &str, stored: &str) -> Verdict {
    passwords().verify(password, Some(stored)).await.unwrap()
}

/// Asserts that `password` is right and the hash is replaced by one of ours that holds.
pub(crate) async fn assert_outdated(password: &str, stored: &str) {
    let passwords = passwords();
    let verdict = passwords.verify(password, Some(stored)).await.unwrap();
    let Verdict::RightOutdated(new) = verdict else {
        panic!("{verdict:?} for {stored}");
    };
    assert!(new.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{new}");
    let again = passwords.verify(password, Some(&new)).await.unwrap();
    assert_eq!(again, Verdict::Right);
}
