//! Hashes by npm's bcrypt, argon2 and @node-rs/argon2 verify here, and ours there.

use purlin_auth::password::{Argon2Params, Passwords};
use serde_json::json;

use super::support::{PASSWORD, builder, passwords};
use crate::node;

const PASSWORDS: [&str; 6] = [
    PASSWORD,
    "",
    "pässwörter für Bücher 📚",
    "with\0a nul",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345",
    " spaces  around ",
];

#[tokio::test]
async fn conformance_hashes_of_npm_packages_verify_here() {
    let Some(answer) = node::ask("passwords.mjs", &json!({ "make": PASSWORDS })) else {
        return;
    };
    let made = answer["made"].as_array().unwrap();
    assert!(made.len() >= PASSWORDS.len() * 7, "{} hashes", made.len());
    let passwords = passwords();
    for hash in made {
        let stored = hash["hash"].as_str().unwrap();
        let password = hash["password"].as_str().unwrap();
        let right = passwords.verify(password, Some(stored)).await.unwrap();
        assert!(right.is_right(), "{hash}");
        let other = format!("x{password}");
        let wrong = passwords.verify(&other, Some(stored)).await.unwrap();
        assert!(!wrong.is_right(), "{hash}");
    }
}

#[tokio::test]
async fn conformance_our_hashes_verify_with_npm_packages() {
    let mut check = Vec::new();
    for params in [
        Argon2Params::default(),
        Argon2Params::new(16_384, 3, 4).unwrap(),
    ] {
        let ours: Passwords = builder().argon2(params).build().unwrap();
        for password in PASSWORDS {
            let hash = ours.hash(password).await.unwrap();
            check.push(json!({ "password": password, "hash": hash }));
        }
    }
    let Some(answer) = node::ask("passwords.mjs", &json!({ "check": check })) else {
        return;
    };
    let checked = answer["checked"].as_array().unwrap();
    assert_eq!(checked.len(), check.len());
    for verdict in checked {
        let expected = json!({ "argon2": [true, false], "node_rs": [true, false] });
        assert_eq!(*verdict, expected);
    }
}
