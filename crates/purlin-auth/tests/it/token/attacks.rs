//! Tokens by people who have no key, or use one for what it is not for.

use purlin_auth::token::{Algorithm, KeyRing, TOKEN_BYTES_MAX, TokenError, TokenKey};
use purlin_base::{Classified, ErrorClass};
use serde_json::{Value, json};

use super::support::{Forger, claims, clock, encode, key, pem, reader, tokens, with};

/// What becomes of `token` where the key of `forger` is known.
fn verify(forger: &Forger, token: &str) -> Result<(), TokenError> {
    let outcome = tokens(forger.ring(), &clock()).verify(token).map(drop);
    if let Err(error) = &outcome {
        assert_eq!(error.class(), ErrorClass::Unauthenticated, "{error:?}");
    }
    outcome
}

fn with_header(member: &str, value: Value) -> Result<(), TokenError> {
    let forger = Forger::hmac();
    let header = with(forger.header(), member, value);
    verify(
        &forger,
        &forger.sign(&header.to_string(), &claims().to_string()),
    )
}

fn with_claim(member: &str, value: Value) -> Result<(), TokenError> {
    let forger = Forger::hmac();
    verify(&forger, &forger.claiming(&with(claims(), member, value)))
}

#[test]
fn the_good_token_that_the_bad_ones_are_made_of_is_good() {
    for forger in [Forger::hmac(), Forger::ed(), Forger::rsa()] {
        assert_eq!(verify(&forger, &forger.claiming(&claims())), Ok(()));
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let forger = Forger::hmac();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(forger.header(), "alg", json!(alg)).to_string();
        let signed = format!("{}.{}", encode(&header), encode(claims().to_string()));
        let unsigned = format!("{signed}.");
        assert_eq!(verify(&forger, &unsigned), Err(TokenError::Malformed));
        assert_eq!(verify(&forger, &signed), Err(TokenError::Malformed));
        let filled = format!("{signed}.AAAA");
        assert_eq!(verify(&forger, &filled), Err(TokenError::Algorithm));
    }
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    let forger = Forger::rsa();
    let public = forger.key.jwk().unwrap();
    let public_json = serde_json::to_string(&public).unwrap();
    let modulus = public.n.unwrap();
    for secret in [public_json.as_bytes(), modulus.as_bytes()] {
        let secret = &secret[..secret.len().min(1024)];
        let claims = claims().to_string();
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": forger.key.kid()});
        let message = format!("{}.{}", encode(header.to_string()), encode(claims));
        let mac = aws_lc_rs::hmac::sign(
            &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret),
            message.as_bytes(),
        );
        let token = format!("{message}.{}", encode(mac));
        assert_eq!(verify(&forger, &token), Err(TokenError::Algorithm));
    }
    let text = pem("PUBLIC KEY", &[7; 256]);
    assert!(TokenKey::from_secret(text.as_bytes(), "kid").is_err());
}

#[test]
fn a_key_signs_by_its_own_algorithm_alone() {
    let forger = Forger::ed();
    let claims = claims().to_string();
    for alg in [
        "ES256", "RS256", "HS256", "PS256", "RS512", "eddsa", "EdDSA ",
    ] {
        let header = with(forger.header(), "alg", json!(alg));
        let token = forger.sign(&header.to_string(), &claims);
        assert_eq!(verify(&forger, &token), Err(TokenError::Algorithm), "{alg}");
    }
    for alg in ["EdDSA", "Ed25519"] {
        let header = with(forger.header(), "alg", json!(alg));
        let token = forger.sign(&header.to_string(), &claims);
        assert_eq!(verify(&forger, &token), Ok(()), "{alg}");
    }
    for value in [Value::Null, json!(1), json!(["EdDSA"])] {
        assert_eq!(with_header("alg", value), Err(TokenError::Algorithm));
    }
}

#[test]
fn the_key_of_somebody_else_is_refused_under_our_name_and_under_its_own() {
    let (ours, clock) = (key(1), clock());
    let stolen_name = key(2).with_kid(ours.kid()).unwrap();
    let sign = |key: TokenKey| {
        let theirs = tokens(KeyRing::new([key]).unwrap(), &clock);
        theirs.issue(&reader(), None).unwrap().token
    };
    let verify = |token: &str| {
        let tokens = tokens(KeyRing::new([ours.clone()]).unwrap(), &clock);
        tokens.verify(token).map(drop)
    };
    assert_eq!(verify(&sign(key(2))), Err(TokenError::UnknownKey));
    assert_eq!(verify(&sign(stolen_name)), Err(TokenError::Signature));
    assert_eq!(verify(&sign(ours.clone())), Ok(()));
}

#[test]
fn a_kid_is_needed_and_is_only_a_name() {
    for kid in [
        Value::Null,
        json!(""),
        json!(0),
        json!(["hmac"]),
        json!("../../../../dev/null"),
        json!("' or 1=1 --"),
        json!("HMAC"),
        json!("hmac\u{0}"),
    ] {
        assert_eq!(
            with_header("kid", kid.clone()),
            Err(TokenError::UnknownKey),
            "{kid}"
        );
    }
}

#[test]
fn a_key_that_a_token_brings_along_is_not_looked_at() {
    let forger = Forger::ed();
    let theirs = key(66).jwk().unwrap();
    let mut header = forger.header();
    header["jwk"] = json!(theirs);
    header["jku"] = json!("https://evil.example/jwks.json");
    header["x5u"] = json!("https://evil.example/cert.pem");
    header["x5c"] = json!(["MIIB"]);
    let ours = forger.sign(&header.to_string(), &claims().to_string());
    assert_eq!(verify(&forger, &ours), Ok(()));
    header["kid"] = json!(theirs.kid);
    let forged = forger.sign(&header.to_string(), &claims().to_string());
    assert_eq!(verify(&forger, &forged), Err(TokenError::UnknownKey));
}

#[test]
fn an_extension_that_must_be_understood_is_refused() {
    for crit in [
        json!(["b64"]),
        json!(["exp"]),
        json!([]),
        json!("x"),
        json!({}),
    ] {
        assert_eq!(with_header("crit", crit), Err(TokenError::Critical));
    }
    let forger = Forger::hmac();
    let header = forger.header().to_string().replace('}', r#","crit":null}"#);
    let token = forger.sign(&header, &claims().to_string());
    assert_eq!(verify(&forger, &token), Err(TokenError::Critical));
}

#[test]
fn a_token_of_another_kind_is_refused() {
    for typ in [
        Value::Null,
        json!("JWT"),
        json!("at"),
        json!("application/jwt"),
        json!("xat+jwt"),
    ] {
        assert_eq!(with_header("typ", typ), Err(TokenError::Type));
    }
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/AT+jwt",
    ] {
        assert_eq!(with_header("typ", json!(typ)), Ok(()), "{typ}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let forger = Forger::hmac();
    let (header, claims) = (forger.header().to_string(), claims().to_string());
    let twice = |json: &str, member: &str| json.replacen('{', &format!("{{{member},"), 1);
    let deep = |json: &str| twice(json, r#""x":[{"a":1,"a":2}]"#);
    for (header, claims) in [
        (twice(&header, r#""alg":"none""#), claims.clone()),
        (twice(&header, r#""kid":"hmac""#), claims.clone()),
        (twice(&header, r#""\u0061lg":"HS256""#), claims.clone()),
        (deep(&header), claims.clone()),
        (header.clone(), twice(&claims, r#""sub":"admin""#)),
        (header.clone(), twice(&claims, r#""roles":["admin"]"#)),
        (header.clone(), twice(&claims, r#""x":1,"x":1"#)),
        (header.clone(), deep(&claims)),
    ] {
        let token = forger.sign(&header, &claims);
        let outcome = verify(&forger, &token);
        assert_eq!(outcome, Err(TokenError::Malformed), "{header} {claims}");
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    for aud in [json!("other"), json!("SHOP"), json!(["a", "b"]), json!([])] {
        assert_eq!(with_claim("aud", aud), Err(TokenError::Audience));
    }
    assert_eq!(with_claim("aud", json!(["other", "shop"])), Ok(()));
    for aud in [
        Value::Null,
        json!(1),
        json!([1, "shop"]),
        json!(vec!["shop"; 17]),
    ] {
        assert_eq!(
            with_claim("aud", aud),
            Err(TokenError::Claim { claim: "aud" })
        );
    }
}

#[test]
fn a_token_by_somebody_else_is_refused() {
    for iss in ["https://evil.example", "https://shop.example/", ""] {
        assert_eq!(with_claim("iss", json!(iss)), Err(TokenError::Issuer));
    }
}

#[test]
fn a_claim_that_is_missing_or_of_another_type_is_refused() {
    for claim in ["iss", "sub", "jti", "aud", "exp", "iat"] {
        let missing = with_claim(claim, Value::Null);
        assert_eq!(missing, Err(TokenError::Claim { claim }));
        let other = with_claim(claim, json!({}));
        assert_eq!(other, Err(TokenError::Claim { claim }));
    }
    for (claim, value) in [
        ("sub", json!("")),
        ("sub", json!("x".repeat(257))),
        ("jti", json!("")),
        ("roles", json!("admin")),
        ("roles", json!(["reader", 1])),
        ("roles", json!([""])),
        ("roles", json!(vec!["a"; 65])),
        ("sid", json!("")),
        ("sid", json!(7)),
        ("sid", json!("019AB24A-7C00-7000-8000-000000000001")),
        ("sid", json!("{019ab24a-7c00-7000-8000-000000000001}")),
    ] {
        let outcome = with_claim(claim, value.clone());
        assert_eq!(outcome, Err(TokenError::Claim { claim }), "{value}");
    }
}

#[test]
fn every_token_that_is_cut_short_is_refused() {
    for forger in [Forger::hmac(), Forger::ed()] {
        let token = forger.claiming(&claims());
        for end in 0..token.len() {
            assert!(verify(&forger, &token[..end]).is_err(), "{end}");
        }
    }
}

#[test]
fn a_token_of_a_megabyte_is_not_looked_at() {
    let forger = Forger::hmac();
    let claims = with(claims(), "x", json!("x".repeat(1 << 20)));
    assert_eq!(
        verify(&forger, &forger.claiming(&claims)),
        Err(TokenError::TooLong)
    );
    let dots = ".".repeat(1 << 20);
    assert_eq!(verify(&forger, &dots), Err(TokenError::TooLong));
}

#[test]
fn the_longest_token_is_looked_at_and_one_byte_more_is_not() {
    let forger = Forger::hmac();
    // Base64 skips every fourth length: two parts together reach all of them.
    let of_length = |length: usize| {
        let sizes = (0..4).flat_map(|pad| (0..200).map(move |fill| (pad, fill)));
        let token = |(pad, fill): (usize, usize)| {
            let header = with(forger.header(), "x", json!("x".repeat(pad)));
            let fill = length * 3 / 4 - 400 + fill;
            let claims = with(claims(), "x", json!("x".repeat(fill)));
            forger.sign(&header.to_string(), &claims.to_string())
        };
        let found = sizes.map(token).find(|token| token.len() == length);
        found.unwrap()
    };
    let longest = of_length(TOKEN_BYTES_MAX);
    assert_eq!(longest.len(), TOKEN_BYTES_MAX);
    assert_eq!(verify(&forger, &longest), Ok(()));
    let longer = of_length(TOKEN_BYTES_MAX + 1);
    assert_eq!(verify(&forger, &longer), Err(TokenError::TooLong));
}

#[test]
fn only_three_parts_of_canonical_base64url_are_taken() {
    let forger = Forger::hmac();
    let good = forger.claiming(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let malformed = |token: &str| {
        let outcome = verify(&forger, token);
        assert_eq!(outcome, Err(TokenError::Malformed), "{token}");
    };
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good} "),
        format!("{signed}.{signature}\0"),
        format!("{header}.{payload}.é{signature}"),
    ] {
        malformed(&token);
    }
    // 32 bytes are 43 letters, of the last of which 2 bits are left over.
    let last = signature.as_bytes()[42];
    let neighbour = char::from(last + 1);
    malformed(&format!("{signed}.{}{neighbour}", &signature[..42]));
    // Well signed, and in another alphabet or with padding.
    for header in [
        format!("{header}="),
        header.replace('e', "+"),
        format!("{header}=="),
    ] {
        malformed(&forger.sign_parts(&header, payload));
    }
    malformed(&forger.sign_parts(header, &format!("{payload} ")));
}

#[test]
fn what_is_no_json_object_is_refused() {
    let forger = Forger::hmac();
    let (header, claims) = (forger.header().to_string(), claims().to_string());
    let deep = format!("{{\"x\":{}}}", "[".repeat(2000));
    for bad in [
        "",
        "null",
        "[]",
        "\"text\"",
        "1",
        "{",
        "{}{}",
        "{}x",
        "\u{feff}{}",
        "{'a':1}",
        "{\"x\":1e999}",
        &deep,
    ] {
        let token = forger.sign(bad, &claims);
        assert_eq!(verify(&forger, &token), Err(TokenError::Malformed), "{bad}");
        let token = forger.sign(&header, bad);
        assert_eq!(verify(&forger, &token), Err(TokenError::Malformed), "{bad}");
    }
    let no_text = forger.sign_parts(&encode([0xff, 0xfe]), &encode(&claims));
    assert_eq!(verify(&forger, &no_text), Err(TokenError::Malformed));
}

#[test]
fn a_der_signature_is_none_for_es256() {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
    };
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der.as_ref()).unwrap();
    let key = TokenKey::from_pem(Algorithm::Es256, &pem("PRIVATE KEY", der.as_ref())).unwrap();
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": key.kid()});
    let message = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims().to_string())
    );
    let signature = pair.sign(&random, message.as_bytes()).unwrap();
    let token = format!("{message}.{}", encode(signature));
    let tokens = tokens(KeyRing::new([key]).unwrap(), &clock());
    assert_eq!(tokens.verify(&token), Err(TokenError::Signature));
}
