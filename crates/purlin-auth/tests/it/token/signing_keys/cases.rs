//! What every engine must do.

use super::*;

pub(super) async fn processes_that_start_at_once_agree_on_a_key(db: Db) {
    let clock = clock();
    let start = || Process::start(&db, &clock);
    let (a, b, c, d) = tokio::join!(start(), start(), start(), start());
    assert_eq!(a.published().len(), 1);
    for process in [&b, &c, &d] {
        assert_eq!(process.published(), a.published());
        assert_eq!(process.verify(&a.issue()), Ok(()));
    }
}

pub(super) async fn a_new_key_is_published_before_it_signs_and_the_old_one_outlives_its_tokens(
    db: Db,
) {
    let clock = clock();
    let process = Process::start(&db, &clock).await;
    let old = process.published();
    let new = process.keys.rotate().await.unwrap();
    let both = vec![new.clone(), old[0].clone()];
    assert_eq!(process.published(), both);
    assert_eq!(signed_by(&process.issue()), old[0]);

    // The very last token of the old key, a moment before the turn of the new one.
    clock.advance(2 * MINUTE - Duration::from_secs(1));
    let last = process.issue();
    assert_eq!(signed_by(&last), old[0]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(signed_by(&process.issue()), new);

    clock.advance(15 * MINUTE - Duration::from_secs(2));
    assert_eq!(process.verify(&last), Ok(()));
    assert_eq!(process.published(), both);
    // A process that was behind by two minutes may have signed with it until now.
    clock.advance(2 * MINUTE + Duration::from_secs(2));
    assert_eq!(process.published(), [new]);
    assert_eq!(process.verify(&last), Err(TokenError::UnknownKey));
}

pub(super) async fn processes_that_rotate_at_once_make_one_key(db: Db) {
    let clock = clock();
    let (a, b) = (
        Process::start(&db, &clock).await,
        Process::start(&db, &clock).await,
    );
    let (one, two) = tokio::join!(a.keys.rotate(), b.keys.rotate());
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(a.published().len(), 2);
    assert_eq!(a.published(), b.published());
    clock.advance(2 * MINUTE);
    a.keys.rotate().await.unwrap();
    assert_eq!(a.published().len(), 3);
}

pub(super) async fn another_process_sees_a_rotation_when_it_refreshes(db: Db) {
    let clock = clock();
    let (a, b) = (
        Process::start(&db, &clock).await,
        Process::start(&db, &clock).await,
    );
    assert!(!b.keys.refresh().await.unwrap());
    a.keys.rotate().await.unwrap();
    assert_eq!(b.published().len(), 1);
    assert!(b.keys.refresh().await.unwrap());
    assert!(!b.keys.refresh().await.unwrap());
    assert_eq!(a.published(), b.published());
    clock.advance(2 * MINUTE);
    assert_eq!(b.verify(&a.issue()), Ok(()));
}

pub(super) async fn a_key_that_leaked_is_out_of_use_at_once(db: Db) {
    let clock = clock();
    let (a, b) = (
        Process::start(&db, &clock).await,
        Process::start(&db, &clock).await,
    );
    let token = a.issue();
    assert_eq!((a.verify(&token), b.verify(&token)), (Ok(()), Ok(())));
    let leaked = a.published().remove(0);
    a.keys.retire(&leaked).await.unwrap();
    assert_eq!(a.verify(&token), Err(TokenError::UnknownKey));
    assert!(!a.published().contains(&leaked));
    b.keys.refresh().await.unwrap();
    assert_eq!(b.verify(&token), Err(TokenError::UnknownKey));
    assert_eq!(b.verify(&a.issue()), Ok(()));

    let unknown = a.keys.retire(&leaked).await.unwrap_err();
    assert_eq!(
        (unknown.code(), unknown.class()),
        ("TOKEN_KEY_UNKNOWN", ErrorClass::NotFound)
    );
}

pub(super) async fn a_waiting_key_signs_at_once_when_the_one_before_it_leaked(db: Db) {
    let clock = clock();
    let process = Process::start(&db, &clock).await;
    let old = process.published().remove(0);
    let new = process.keys.rotate().await.unwrap();
    process.keys.retire(&old).await.unwrap();
    assert_eq!(process.published(), std::slice::from_ref(&new));
    assert_eq!(signed_by(&process.issue()), new);

    // Also if an older one is still there, which only verifies until its end.
    clock.advance(MINUTE);
    process.keys.rotate().await.unwrap();
    clock.advance(2 * MINUTE);
    let waiting = process.keys.rotate().await.unwrap();
    let leaked = signed_by(&process.issue());
    process.keys.retire(&leaked).await.unwrap();
    assert_eq!(process.published(), [waiting.clone(), new]);
    assert_eq!(signed_by(&process.issue()), waiting);
}

fn signed_by(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

pub(super) async fn a_symmetric_key_under_another_name_is_told_at_the_start(db: Db) {
    let clock = clock();
    Process::with(&db, &clock, Algorithm::Hs256).await;
    let update = "update auth_signing_keys set kid = 'other'";
    db.write(update).execute().await.unwrap();
    let opened = keys(&db, &clock).algorithm(Algorithm::Hs256).open().await;
    assert!(matches!(opened, Err(KeyError::WrongSecret { .. })));
}

pub(super) async fn an_unknown_key_is_looked_for_at_most_once_in_a_second(db: Db) {
    let clock = clock();
    let (a, b) = (
        Process::start(&db, &clock).await,
        Process::start(&db, &clock).await,
    );
    let fresh = async |token: &str| b.tokens.verify_fresh(&b.keys, token).await.map(drop);
    let replace = async || a.keys.retire(&a.published()[0]).await.unwrap();
    replace().await;
    let token = a.issue();
    assert_eq!(b.verify(&token), Err(TokenError::UnknownKey));
    assert_eq!(fresh(&token).await, Ok(()));

    replace().await;
    let token = a.issue();
    assert_eq!(fresh(&token).await, Err(TokenError::UnknownKey));
    clock.advance(Duration::from_secs(1));
    assert_eq!(fresh(&token).await, Ok(()));
    assert_eq!(fresh("a.b.c").await, Err(TokenError::Malformed));

    // Those who come while the keys are read wait for it.
    replace().await;
    let token = a.issue();
    clock.advance(Duration::from_secs(1));
    let all = tokio::join!(fresh(&token), fresh(&token), fresh(&token));
    assert_eq!(all, (Ok(()), Ok(()), Ok(())));
}

pub(super) async fn keys_that_are_kept_fresh_follow_the_database(db: Db) {
    let clock = clock();
    let (a, b) = (
        Process::start(&db, &clock).await,
        Process::start(&db, &clock).await,
    );
    let following = purlin_runtime::spawn(b.keys.clone().keep_fresh());
    let new = a.keys.rotate().await.unwrap();
    // The other task may not sleep yet: time goes on until it has seen the change.
    let seen = async {
        while !b.published().contains(&new) {
            clock.advance(Duration::from_secs(10));
            tokio::task::yield_now().await;
        }
    };
    let outcome = tokio::time::timeout(MINUTE, seen).await;
    assert!(outcome.is_ok(), "it never looked");
    following.abort();
}

pub(super) async fn another_secret_is_told_at_the_start(db: Db) {
    let clock = clock();
    let process = Process::start(&db, &clock).await;
    let kid = process.published().remove(0);
    let other = [8; 32];
    let refused = SigningKeys::builder(db.clone(), &other)
        .clock(Arc::new(clock.clone()))
        .open()
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.class()),
        ("TOKEN_KEY_WRONG_SECRET", ErrorClass::Internal)
    );
    assert!(refused.to_string().contains(&kid), "{refused}");
    assert_eq!(refused.public_detail(), None);
    // Nothing was written: the right secret still opens it.
    let again = Process::start(&db, &clock).await;
    assert_eq!(again.published(), [kid]);
}

pub(super) async fn a_row_that_was_changed_is_told_at_the_start(db: Db) {
    let clock = clock();
    let process = Process::start(&db, &clock).await;
    let kid = process.published().remove(0);
    let select = "select sealed from auth_signing_keys";
    let (sealed,) = db
        .read()
        .query(select)
        .fetch_one::<(Vec<u8>,)>()
        .await
        .unwrap();
    let open = async || keys(&db, &clock).open().await;
    let mut flipped = sealed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for bytes in [flipped, sealed[..11].to_vec(), Vec::new()] {
        let update = "update auth_signing_keys set sealed = $1";
        db.write(update).bind(bytes).execute().await.unwrap();
        assert!(matches!(open().await, Err(KeyError::WrongSecret { .. })));
    }
    // The key under another name, or for another algorithm.
    let put = async |kid: &str, algorithm: &str| {
        let update = "update auth_signing_keys set sealed = $1, kid = $2, algorithm = $3";
        let update = db.write(update).bind(&sealed[..]).bind(kid).bind(algorithm);
        update.execute().await.unwrap();
    };
    for (kid, algorithm) in [("other", "EdDSA"), (&*kid, "Ed25519"), (&*kid, "none")] {
        put(kid, algorithm).await;
        assert!(matches!(open().await, Err(KeyError::WrongSecret { .. })));
    }
    put(&kid, "EdDSA").await;
    assert!(open().await.is_ok());
}

pub(super) async fn nothing_of_a_key_is_readable_in_the_database(db: Db) {
    let clock = clock();
    let seed = 77;
    let rng = || Arc::new(SeededRng::new(seed));
    keys(&db, &clock).rng(rng()).open().await.unwrap();
    let mut private = [0; 32];
    purlin_base::random::Rng::fill(&*rng(), &mut private);
    let select = "select sealed from auth_signing_keys";
    let (sealed,) = db
        .read()
        .query(select)
        .fetch_one::<(Vec<u8>,)>()
        .await
        .unwrap();
    // It is that key, and no 4 bytes of it are there.
    let key = TokenKey::generate(Algorithm::EdDsa, &SeededRng::new(seed)).unwrap();
    let process = Process::start(&db, &clock).await;
    assert_eq!(process.published(), [key.kid()], "seed {seed}");
    for piece in private.windows(4) {
        assert!(
            !sealed.windows(4).any(|there| there == piece),
            "seed {seed}"
        );
    }
}

pub(super) async fn another_algorithm_is_a_rotation(db: Db) {
    let clock = clock();
    let before = Process::start(&db, &clock).await;
    let token = before.issue();
    let after = Process::with(&db, &clock, Algorithm::Es256).await;
    assert_eq!(after.published().len(), 2);
    assert_eq!(after.verify(&token), Ok(()));
    // A restart does not rotate again.
    let again = Process::with(&db, &clock, Algorithm::Es256).await;
    assert_eq!(again.published(), after.published());
    clock.advance(2 * MINUTE);
    let token = again.issue();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::ES256);
    before.keys.refresh().await.unwrap();
    assert_eq!(before.verify(&token), Ok(()));
}

pub(super) async fn a_key_of_every_algorithm_survives_a_restart(db: Db) {
    let clock = clock();
    for algorithm in [
        Algorithm::Ed25519,
        Algorithm::Es256,
        Algorithm::Rs256,
        Algorithm::Hs256,
    ] {
        let before = Process::with(&db, &clock, algorithm).await;
        clock.advance(3 * MINUTE);
        let token = before.issue();
        let header: Vec<&str> = token.split('.').collect();
        let header = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, header[0]);
        let header: serde_json::Value = serde_json::from_slice(&header.unwrap()).unwrap();
        assert_eq!(header["alg"], algorithm.name());
        let after = Process::with(&db, &clock, algorithm).await;
        assert_eq!(after.verify(&token), Ok(()), "{algorithm:?}");
    }
}

pub(super) async fn rotations_that_come_too_fast_are_refused(db: Db) {
    let clock = clock();
    // Tokens of a day: every old key stays for longer than all these rotations take.
    let keys = keys(&db, &clock).token_ttl(24 * 60 * MINUTE).open();
    let keys = keys.await.unwrap();
    for _ in 0..15 {
        clock.advance(2 * MINUTE);
        keys.rotate().await.unwrap();
    }
    clock.advance(2 * MINUTE);
    assert!(matches!(keys.rotate().await, Err(KeyError::Ring)));
    assert_eq!(keys.ring().jwks(clock.now()).keys.len(), 16);
    clock.advance(25 * 60 * MINUTE);
    keys.rotate().await.unwrap();
    assert_eq!(keys.ring().jwks(clock.now()).keys.len(), 2);
}

pub(super) async fn a_database_that_fails_leaves_the_keys_as_they_were(db: Db) {
    let clock = clock();
    let process = Process::start(&db, &clock).await;
    let token = process.issue();
    db.close().await;
    assert!(matches!(
        process.keys.refresh().await,
        Err(KeyError::Sql(_))
    ));
    let failed = process.keys.rotate().await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Unavailable);
    assert_eq!(process.verify(&token), Ok(()));
    assert_eq!(process.verify(&process.issue()), Ok(()));
}

#[tokio::test]
async fn options_out_of_their_bounds_are_refused() {
    let db = crate::engines::sqlite().await;
    let (clock, secs) = (clock(), Duration::from_secs);
    let refused = async |builder: SigningKeysBuilder| match builder.open().await {
        Err(KeyError::Option { option, .. }) => option,
        other => panic!("{other:?}"),
    };
    let keys = || keys(&db, &clock);
    assert_eq!(refused(keys().token_ttl(secs(0))).await, "token_ttl");
    assert_eq!(refused(keys().token_ttl(secs(86_401))).await, "token_ttl");
    assert_eq!(
        refused(keys().publish_ahead(secs(59))).await,
        "publish_ahead"
    );
    assert_eq!(
        refused(keys().refresh_interval(secs(61))).await,
        "refresh_interval"
    );
    let short = SigningKeys::builder(db.clone(), &SECRET[..31]);
    assert_eq!(refused(short).await, "secret");

    // Tokens must not outlive the keys that they are signed by.
    let keys = keys().token_ttl(secs(60)).open().await.unwrap();
    assert!(builder(keys.ring(), &clock).ttl(secs(61)).build().is_err());
    assert!(builder(keys.ring(), &clock).ttl(secs(60)).build().is_ok());
}
