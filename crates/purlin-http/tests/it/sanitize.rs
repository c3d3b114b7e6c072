//! Markup from users: what stays, what goes, and what attackers have tried.

use proptest::prelude::*;
use purlin_base::Classified;
use purlin_http::html::{
    sanitize,
    sanitize::{BYTES_MAX, SanitizeError},
};

fn clean(markup: &str) -> String {
    sanitize(markup).unwrap().into_string()
}

#[test]
fn what_a_review_needs_stays_as_it_is() {
    for markup in [
        "<p>Good <strong>and</strong> <em>long</em>.<br>Read it.</p>",
        "<ul><li>a</li></ul><ol><li>b</li></ol>",
        "<blockquote><p>q</p></blockquote>",
        "<pre><code>let x = 1 &lt; 2;</code></pre>",
        "Ä 漢字 🙂 &amp; &lt;",
    ] {
        assert_eq!(clean(markup), markup);
    }
}

#[test]
fn links_lead_to_http_https_and_mailto_alone_and_earn_no_rank() {
    let rel = "rel=\"nofollow noopener ugc\"";
    for address in [
        "https://example.com/a?b=1",
        "http://example.com",
        "mailto:a@example.com",
    ] {
        let link = format!("<a href=\"{address}\" rel=\"opener\" target=\"_blank\">x</a>");
        let kept = format!("<a href=\"{address}\" {rel}>x</a>");
        assert_eq!(clean(&link), kept);
    }
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.com/x",
        "//evil.example/x",
        "/account/delete",
        "ftp://example.com",
        "",
    ] {
        let link = format!("<a href=\"{address}\">x</a>");
        assert_eq!(clean(&link), format!("<a {rel}>x</a>"), "{address:?}");
    }
}

/// From OWASP's cheat sheet, DOMPurify's tests and published bypasses.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/xss>alert(1)</script",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x` `<script>alert(1)</script>\"` `>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id=x><script>alert(1)</script></svg>#x\"/></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<listing>&lt;img onerror=\"alert(1)\" src=x&gt;</listing>",
    "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<title><p title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
    "<style>@import '//evil.example/x.css';</style>",
    "<p style=\"background:url(javascript:alert(1))\">x</p>",
    "<a href=\"https://example.com\" onclick=alert(1)>x</a>",
    "<a/onmouseover=alert(1)>x</a>",
    "<p ONCLICK\n=\n\"alert(1)\">x",
    "<p id=x class=y data-x=z name=location>x</p>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example><input name=_csrf><button formaction=javascript:alert(1)>x",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<table><td background=javascript:alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version=\"1.0\"?><script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<a href=\"javascript:alert(1)",
    "<p><strong><em",
    "\u{0}<scr\u{0}ipt>alert(1)</scr\u{0}ipt>",
    "<plaintext><script>alert(1)</script>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<pre>\n\n\n<script>alert(1)</script></pre>",
    "<p><table><p><a href=https://a.example><table><a href=https://b.example>x",
];

/// Every tag and attribute of `markup`, by the rules of cleaned markup: no `<` is in a text or in
/// an attribute unescaped, so splitting is reading.
fn assert_harmless(markup: &str) {
    for tag in markup.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        assert!(sanitize::TAGS.contains(&name), "{name} in {markup}");
        if name != "a" || tag.starts_with('/') {
            assert!(!tag.contains(' '), "an attribute: {markup}");
            continue;
        }
        let rest = tag.strip_suffix("rel=\"nofollow noopener ugc\"");
        let rest = rest.unwrap_or_else(|| panic!("no rel: {markup}")).trim();
        let address = rest.trim_start_matches('a').trim();
        let allowed = ["href=\"https://", "href=\"http://", "href=\"mailto:"];
        let fits = |start: &&str| address.starts_with(*start) && address.matches('"').count() == 2;
        assert!(address.is_empty() || allowed.iter().any(fits), "{markup}");
    }
}

#[test]
fn nothing_of_the_known_attacks_is_left_and_cleaning_again_changes_nothing() {
    for hostile in HOSTILE {
        let once = clean(hostile);
        assert_harmless(&once);
        assert_eq!(clean(&once), once, "{hostile}");
    }
    // Each within each: what closes one may open another.
    for outer in HOSTILE {
        for inner in HOSTILE {
            for both in [format!("{outer}{inner}"), format!("<p>{outer}<em>{inner}")] {
                let once = clean(&both);
                assert_harmless(&once);
                assert_eq!(clean(&once), once, "{both}");
            }
        }
    }
}

#[test]
fn text_of_elements_that_go_stays_except_where_it_is_no_text() {
    assert_eq!(clean("<h1>Title</h1><div>text</div>"), "Titletext");
    assert_eq!(
        clean("a<script>b</script><style>c</style><svg>d</svg>e"),
        "ae"
    );
    assert_eq!(clean("a<!-- b -->c"), "ac");
    assert_eq!(clean("1 < 2 & 3 > 2"), "1 &lt; 2 &amp; 3 &gt; 2");
}

#[test]
fn too_long_or_too_many_tags_is_refused_before_it_is_parsed() {
    let long = "a".repeat(BYTES_MAX);
    assert_eq!(clean(&long).len(), BYTES_MAX);
    let refused = |markup: &str| sanitize(markup).unwrap_err();
    assert_eq!(refused(&(long + "a")), SanitizeError::TooLong);
    assert_eq!(
        refused("<p>".repeat(5000).as_str()),
        SanitizeError::TooComplex
    );
    // 8 KB that would become 600 000 elements.
    let open: String = (0..500).map(|n| format!("<b id={n}>")).collect();
    let bomb = format!("{open}{}", "<p>x".repeat(1000));
    let refusal = refused(&bomb);
    assert_eq!(refusal, SanitizeError::TooComplex);
    assert_eq!(
        (refusal.class().status(), refusal.code()),
        (422, "HTTP_MARKUP_TOO_COMPLEX")
    );
}

#[test]
fn markup_that_is_nested_as_deep_as_may_be_is_cleaned() {
    for tag in [
        "<blockquote>",
        "<ul><li>",
        "<em>",
        "<strong><p>",
        "<div>",
        "<code><div>",
    ] {
        let deep = tag.repeat(1000);
        if let Ok(once) = sanitize(&deep) {
            assert_harmless(once.as_str());
            assert_eq!(clean(once.as_str()), once.as_str());
        }
    }
}

/// Markup of tags, attributes and pieces that have been part of attacks, in any order.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<p>",
            "</p>",
            "<a href=\"",
            "\">",
            "'>",
            "<a href=https://a.example>",
            "</a>",
            "<strong>",
            "</strong>",
            "<em>",
            "<pre>",
            "\n",
            "</pre>",
            "<ul>",
            "<li>",
            "</ul>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<svg>",
            "</svg>",
            "<math>",
            "<mtext>",
            "<mglyph>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<form>",
            "</form>",
            "<select>",
            "<option>",
            "<template>",
            "<noscript>",
            "<b id=1>",
            "</b>",
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            "&lt;",
            "&#60;",
            "&amp;lt;",
            "<title>",
            "<textarea>",
            "</textarea>",
            "<br>",
            "</br>",
            "<blockquote>",
            "<frameset>",
            "<body>",
            "<html>",
            "<h1>",
            "<button>",
            "<object>",
            "<caption>",
            "<foreignObject>",
            "<desc>",
            "]]>",
            "<![CDATA[",
            "\u{0}",
            "&nbsp;",
            "x",
            " ",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_markup_becomes_harmless_and_stays_as_it_then_is(markup in markup()) {
        let once = clean(&markup);
        assert_harmless(&once);
        prop_assert_eq!(clean(&once), once);
    }
}
