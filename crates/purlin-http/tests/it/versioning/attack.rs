//! Addresses and fields that nobody sends by mistake.

use purlin_base::random::{Rng, SeededRng};

use super::*;

#[tokio::test]
async fn a_path_that_only_resembles_one_with_a_version_leads_nowhere() {
    let shop = shop(all_forms());
    for uri in [
        "/api/%76 1/books".replace(' ', ""),
        "/api/%761/books".into(),
        "/api/v%31/books".into(),
        "/api%2Fv1/books".into(),
        "/%61pi/v1/books".into(),
        "/api/V1/books".into(),
        "/API/v1/books".into(),
        "//api/v1/books".into(),
        "/api//v1/books".into(),
        "/api/v1//books".into(),
        "/api/v1/books/".into(),
        "/api/v1/".into(),
        "/api/v1".into(),
        "/api/".into(),
        "/api".into(),
        "/api/../api/v1/books".into(),
        "/api/./v1/books".into(),
        "/api/v1/../v2/books".into(),
        "/api/v1/v1/books".into(),
        "/api/v01/books".into(),
        "/api/v1;x/books".into(),
        "/api/v1%00/books".into(),
        "/apiv1/books".into(),
        "/api/%61uth/me".into(),
        "/api/AUTH/me".into(),
        "/api/auth//me".into(),
        "/api/v".into(),
        format!("/api/v{}/books", "1".repeat(7000)),
        format!("/api/{}", "v1/".repeat(2000)),
    ] {
        let status = get(&shop, &uri, &[]).await.status;
        let fits = status == 404 || status == 400;
        assert!(fits, "{status} {}", &uri[..uri.len().min(60)]);
    }
}

#[tokio::test]
async fn values_of_any_length_and_alphabet_are_refused_briefly() {
    let shop = shop(all_forms());
    let long = "1".repeat(8000);
    for uri in [
        format!("/api/books?version={}", &long[..7000]),
        "/api/books?version=%FF%FE".into(),
        "/api/books?version=%E2%91%A0".into(),
        "/api/books?version=%D9%A1".into(),
        "/api/books?version=%".into(),
        "/api/books?version=1%20".into(),
        "/api/books?version=+1".into(),
        "/api/books?version".into(),
        "/api/books?version=1&version".into(),
    ] {
        let answer = get(&shop, &uri, &[]).await;
        assert_eq!(answer.problem(400), "HTTP_VERSION_UNKNOWN", "{uri}");
        assert!(answer.body.len() < 2000);
    }
    for value in [
        &*long, "1;2", "v1", "01", "1.0", "-1", "null", "\u{661}", ",",
    ] {
        let answer = get(&shop, "/api/books", &[("x-api-version", value)]).await;
        assert_eq!(answer.problem(400), "HTTP_VERSION_UNKNOWN", "{value}");
        assert!(answer.body.len() < 2000);
    }
}

#[tokio::test]
async fn a_forged_host_chooses_a_version_at_most() {
    let shop = shop(all_forms());
    let long = format!("v{}.a", "1".repeat(8000));
    for (host, status) in [
        ("v1.evil.example", 200),
        ("v1.", 200),
        ("v1.[::1]", 200),
        ("v1", 200),
        ("v9", 200),
        (".v1.example", 200),
        ("evil.example/v9.localhost", 200),
        ("video.example", 200),
        ("v.example", 200),
        ("[::1]:80", 200),
        ("", 200),
        ("v\u{661}.example", 200),
        ("v01.example", 404),
        ("v9.example", 404),
        (&long, 404),
    ] {
        let answer = get(&shop, "/api/books", &[("host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
        assert!(!format!("{:?}", answer.headers).contains("evil"), "{host}");
    }
}

#[tokio::test]
async fn an_address_that_grows_too_long_by_its_version_is_refused() {
    let router = mounted(all_forms()).router;
    // The longest that a `Uri` can hold.
    let uri = format!("/api/books/{}", "a".repeat(65_534 - "/api/books/".len()));
    let answer = get(&router, &uri, &[]).await;
    assert_eq!(answer.status, 414);
}

/// Puts pieces together that mean something here.
#[tokio::test]
async fn no_mixture_of_all_forms_is_a_fault_of_ours() {
    let seed = purlin_base::random::OsRng.next_u64();
    let rng = SeededRng::new(seed);
    let pick = |from: &[&'static str]| from[(rng.next_u64() % from.len() as u64) as usize];
    let shop = shop(all_forms());
    let paths = [
        "/", "api", "v1", "v2", "v9", "books", "auth", "me", "%76", "//", "..", "7", "é", "*",
    ];
    let queries = [
        "?",
        "&",
        "version",
        "=",
        "1",
        "2",
        "%31",
        "%",
        "+",
        "x",
        "version=1",
        ";",
    ];
    let hosts = ["v1", "v2", "v9", ".", "a", ":", "80", "[", "@", "é"];
    let accepts = [
        "application/vnd.shop.v1+json",
        "application/vnd.shop.v9",
        ",",
        ";q=0",
        ";q=0.5",
        "*/*",
        "\"",
        "text/",
    ];
    let headers = ["1", "2", "9", ",", " ", "\u{661}"];
    let many = |from: &[&'static str]| {
        (0..rng.next_u64() % 7)
            .map(|_| pick(from))
            .collect::<String>()
    };
    let mut answered = [0_u32; 6];
    for _ in 0..3000 {
        let uri = format!("/api/{}?{}", many(&paths), many(&queries));
        let (host, accept, header) = (many(&hosts), many(&accepts), many(&headers));
        let request = Request::builder().uri(&uri).header("host", &host);
        let request = request
            .header("accept", &accept)
            .header("x-api-version", &header);
        let Ok(request) = request.body(Body::empty()) else {
            continue;
        };
        let answer = ask(&shop, request).await;
        let status = answer.status.as_u16();
        assert!(
            status < 500,
            "seed {seed}: {status} {uri} {host} {accept} {header}"
        );
        answered[usize::from(status / 100)] += 1;
    }
    assert!(answered[4] > 100, "seed {seed}: {answered:?}");
}
