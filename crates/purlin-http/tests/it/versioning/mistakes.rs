//! Descriptions that stop the start.

use purlin_http::{NoContent, Route, Routes, versioning::Versions};

use super::*;

fn route(path: &str, versions: Versions) -> Routes {
    let route = Route::get(path).operation("read");
    let route = match versions {
        Versions::Unnamed => route,
        versions => route.version(versions),
    };
    Routes::at("/")
        .controller("Books")
        .route(route.public().handler(async || NoContent))
}

#[track_caller]
fn refused(mount: Mount, code: &str, part: &str) {
    let error = mount.build().unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

fn with(path: &str, versions: impl Into<Versions>) -> Mount {
    Mount::new()
        .versioning(all_forms())
        .routes(route(path, versions.into()))
}

#[test]
fn a_version_that_is_not_there_is_refused() {
    for versions in ["4".into(), Versions::from("4"..), ["1", "4"].into()] {
        let part = "`Books::read`: there is no version `4`";
        refused(
            with("/api/books", versions),
            "HTTP_ROUTE_VERSION_UNKNOWN",
            part,
        );
    }
}

#[test]
fn a_route_of_the_api_that_says_no_version_is_refused_with_the_cure() {
    for part in [
        "`Books::read` at `/api/books`",
        "#[version(",
        "#[version_neutral]",
    ] {
        let mount = with("/api/books", Versions::Unnamed);
        refused(mount, "HTTP_ROUTE_VERSION_MISSING", part);
    }
}

#[test]
fn a_version_where_there_are_none_is_refused() {
    let code = "HTTP_ROUTE_VERSION_OUTSIDE";
    refused(with("/books", "1"), code, "versions are below `/api`");
    refused(with("/apis/books", "1"), code, "versions are below `/api`");
    let mount = Mount::new().routes(route("/api/books", "1".into()));
    refused(mount, code, "give `Versioning`");
}

#[test]
fn a_version_in_the_path_of_a_route_is_refused() {
    for versions in ["1".into(), Versions::Neutral, Versions::Unnamed] {
        for path in ["/api/v2/books", "/api/v9", "/api/v1"] {
            refused(
                with(path, versions.clone()),
                "HTTP_ROUTE_VERSION_IN_PATH",
                "leave `/v",
            );
        }
    }
    assert!(with("/api/vendors", "1").build().is_ok());
}

#[test]
fn a_neutral_path_begins_with_a_segment_of_its_own() {
    let code = "HTTP_ROUTE_VERSION_NEUTRAL";
    let both = with("/api/books/{id}", "1").routes(route("/api/books", Versions::Neutral));
    refused(both, code, "shares `/api/books`");
    refused(with("/api/{all}", Versions::Neutral), code, "`/api/{all}`");
    refused(with("/api/{*all}", Versions::Neutral), code, "no parameter");
    let auth = Route::get("/auth").version_neutral().public();
    let auth = Routes::at("/api").route(auth.handler(async || NoContent));
    let beside = with("/api/{all}", "1").routes(auth);
    let built = beside.build();
    assert!(built.is_ok(), "{:?}", built.err());
}

#[test]
fn two_routes_of_one_version_at_one_path_are_refused() {
    let mount = with("/api/books", "1"..).routes(route("/api/books", ["1", "3"].into()));
    refused(
        mount,
        "HTTP_ROUTE_DUPLICATE",
        "GET /api/v1/books is answered twice",
    );
    let without_path = Mount::new().versioning(formless().query("v"));
    let twice = without_path.routes(route("/api/books", "1".into()));
    let twice = twice.routes(route("/api/books", "1".into()));
    refused(
        twice,
        "HTTP_ROUTE_DUPLICATE",
        "GET /api/books is answered twice",
    );
}

#[track_caller]
fn bad(versioning: Versioning, code: &str, part: &str) {
    refused(Mount::new().versioning(versioning), code, part);
}

#[test]
fn a_default_that_is_missing_or_unknown_is_refused() {
    let code = "HTTP_VERSIONING_DEFAULT";
    bad(
        Versioning::below("/api").version("1").path("v"),
        code,
        "not said",
    );
    bad(
        formless().path("v").default_version("4"),
        code,
        "none of the versions",
    );
}

#[test]
fn a_version_that_is_named_twice_is_refused() {
    bad(
        all_forms().version("1"),
        "HTTP_VERSIONING_DUPLICATE",
        "`1` is named twice",
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let code = "HTTP_VERSIONING_SETTING";
    let below = |base| {
        Versioning::below(base)
            .version("1")
            .default_version("1")
            .path("v")
    };
    for base in ["", "api", "/api/", "/{api}", "/a%20b"] {
        bad(below(base), code, "no path");
    }
    let long: &'static str = "123456789012345678901234567890123";
    for name in ["", "V1", "-1", "1/2", "1 2", "é", "1+1", "1.0", long] {
        bad(
            all_forms().version(name),
            code,
            "cannot be the name of a version",
        );
    }
    assert!(
        Mount::new()
            .versioning(formless().query("v").version("1.0"))
            .build()
            .is_ok()
    );
    bad(
        Versioning::below("/api").path("v"),
        code,
        "no version is named",
    );
    bad(formless(), code, "no form");
    bad(formless().path("V"), code, "in a path");
    bad(formless().path("v/"), code, "in a path");
    bad(formless().host(""), code, "in a host");
    bad(formless().header("a b"), code, "header field");
    bad(formless().query(""), code, "query");
    for vendor in ["json", "/x", "application/VND", "a/b;c", "a/b/c"] {
        bad(formless().media_type(vendor), code, "media type");
    }
}

#[test]
fn a_deprecation_that_cannot_be_told_is_refused() {
    let code = "HTTP_VERSIONING_DEPRECATION";
    let since = Deprecation::since("2026-07-01");
    bad(
        all_forms().deprecated("4", since.clone()),
        code,
        "no such version",
    );
    bad(
        all_forms().deprecated("1", since.clone()),
        code,
        "told of twice",
    );
    let early = since.sunset("2026-06-30T23:59:59Z");
    let part = "version `2`: the sunset 2026-06-30T23:59:59Z is before the deprecation";
    bad(all_forms().deprecated("2", early.clone()), code, part);
    for path in ["/api/books", "/books"] {
        let route = Route::get(path)
            .operation("read")
            .deprecation(early.clone());
        let route = match path {
            "/books" => route,
            _ => route.version("1"),
        };
        let routes = Routes::at("/").route(route.public().handler(async || NoContent));
        let mount = Mount::new().versioning(all_forms()).routes(routes);
        refused(mount, code, "`read`: the sunset");
    }
}
