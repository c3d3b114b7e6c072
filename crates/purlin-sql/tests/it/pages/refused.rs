//! What a list refuses, and how it says so.

use purlin_base::{Classified, ErrorClass};
use purlin_sql::{
    Query,
    cursor::{CursorError, CursorSigner, FilterHash},
    keyset::{Keyset, Limits, OffsetRequest, PageError, PageRequest},
};

use super::{
    engine::BASE,
    line::Line,
    walk::{ends, signer},
};

fn by_c() -> Keyset<Line> {
    Keyset::<Line>::named("c")
        .asc("c", |line| line.c)
        .unique("id", |line| line.id)
}

fn line(id: i64) -> Line {
    let (a, b) = (None, None);
    Line {
        id,
        a,
        b,
        c: 1,
        d: 0.0,
    }
}

/// The cursor after the first of two lines of `base`.
fn cursor(keyset: &Keyset<Line>, base: impl purlin_sql::IntoQuery) -> String {
    let (signer, request) = (signer(), PageRequest::new(Some(1), None));
    let page = keyset.page(&signer, &request, base).unwrap();
    let page = page.finish(vec![line(1), line(2)]).unwrap();
    ends(&page).next_cursor.unwrap()
}

fn refusal(keyset: &Keyset<Line>, cursor: &str, base: impl purlin_sql::IntoQuery) -> PageError {
    let (signer, request) = (signer(), PageRequest::new(None, Some(cursor)));
    keyset
        .page(&signer, &request, base)
        .map(|_| ())
        .unwrap_err()
}

#[test]
fn a_cursor_of_another_sort_is_refused() {
    let given = cursor(&by_c(), BASE);
    let other = Keyset::<Line>::named("-c")
        .desc("c", |line| line.c)
        .unique("id", |line| line.id);
    let renamed = Keyset::<Line>::named("c")
        .desc("c", |line| line.c)
        .unique("id", |line| line.id);
    for other in [other, renamed] {
        assert_eq!(refusal(&other, &given, BASE), CursorError::OtherSort.into());
    }
}

#[test]
fn a_cursor_of_another_filter_is_refused() {
    let base = |c: i64| Query::new("select id, a, b, c, d from lines where c > $1").bind(c);
    let given = cursor(&by_c(), base(1));
    let expected = PageError::from(CursorError::OtherFilter);
    assert_eq!(refusal(&by_c(), &given, base(2)), expected);
    assert_eq!(expected.class(), ErrorClass::BadRequest);
    assert_eq!(expected.code(), "CURSOR_OTHER_FILTER");
}

#[test]
fn a_filter_of_ones_own_takes_the_place_of_the_statement() {
    let base = |now: i64| Query::new("select id, a, b, c, d from lines where c > $1").bind(now);
    let (list, signer) = (by_c(), signer());
    let request = |cursor, filter| PageRequest::new(Some(1), cursor).filter(FilterHash::of(filter));
    let page = list.page(&signer, &request(None, "all"), base(1)).unwrap();
    let page = page.finish(vec![line(1), line(2)]).unwrap();
    let cursor = ends(&page).next_cursor;
    assert!(
        list.page(&signer, &request(cursor.as_deref(), "all"), base(2))
            .is_ok()
    );
    assert!(
        list.page(&signer, &request(cursor.as_deref(), "mine"), base(2))
            .is_err()
    );
}

#[test]
fn a_cursor_of_another_signer_and_a_changed_one_are_refused() {
    let other = CursorSigner::new([2; 32]).unwrap();
    let (list, given) = (by_c(), cursor(&by_c(), BASE));
    let request = PageRequest::new(None, Some(&given));
    let refused = list.page(&other, &request, BASE).map(|_| ()).unwrap_err();
    assert_eq!(refused, CursorError::Forged.into());
    assert_eq!(
        refusal(&list, &given[1..], BASE),
        CursorError::Malformed.into()
    );
    assert_eq!(refusal(&list, "", BASE), CursorError::Malformed.into());
    assert_eq!(
        refusal(&list, &"A".repeat(9999), BASE),
        CursorError::TooLong.into()
    );
}

#[test]
fn a_limit_is_between_one_and_the_most() {
    let (list, signer) = (by_c(), signer());
    let page = |limit| {
        let request = PageRequest::new(Some(limit), None);
        list.page(&signer, &request, BASE).map(|_| ())
    };
    let max = 100;
    assert_eq!(page(0), Err(PageError::Limit { given: 0, max }));
    assert_eq!(page(101), Err(PageError::Limit { given: 101, max }));
    assert_eq!((page(1), page(100)), (Ok(()), Ok(())));
    let small = by_c().limits(Limits { default: 2, max: 3 });
    let request = PageRequest::new(None, None);
    let query = small.page(&signer, &request, BASE).unwrap().query();
    assert_eq!(query.values().last(), Some(&purlin_sql::Value::Int(3)));
}

#[test]
fn an_offset_has_a_ceiling_that_names_the_way_on() {
    let offset = |request| {
        by_c()
            .offset(&request, BASE)
            .map(|query| query.finish(vec![], 7).page)
    };
    assert!(offset(OffsetRequest::after(10_000, None)).is_ok());
    let refused = offset(OffsetRequest::after(10_001, None)).unwrap_err();
    assert_eq!(refused.code(), "PAGE_OFFSET");
    assert!(refused.to_string().contains("cursor"), "{refused}");
    assert_eq!(
        offset(OffsetRequest::page(0, None)),
        Err(PageError::PageNumber)
    );
    assert!(offset(OffsetRequest::page(u64::MAX, None)).is_err());
    let third = offset(OffsetRequest::page(3, Some(10))).unwrap();
    let json = serde_json::to_string(&third).unwrap();
    assert_eq!(json, r#"{"limit":10,"offset":20,"total":7}"#);
}

#[test]
fn what_a_caller_asks_for_in_shared_words_is_the_same_request() {
    use purlin_base::page::{Asked, Start};
    use purlin_sql::keyset::ListRequest;

    let asked = |start| ListRequest::from(Asked { limit: 7, start });
    let cursor = Some("abc");
    let by_cursor = ListRequest::new(Some(7), cursor, None, None).unwrap();
    assert_eq!(asked(Start::Cursor(cursor)), by_cursor);
    let by_offset = ListRequest::new(Some(7), None, Some(3), None).unwrap();
    assert_eq!(asked(Start::Offset(3)), by_offset);
}

#[test]
fn a_key_too_long_for_a_cursor_is_the_programs_fault() {
    let list = Keyset::<Line>::named("b")
        .asc("b", |line| line.b.clone().unwrap_or_default())
        .unique("id", |line| line.id);
    let (signer, request) = (signer(), PageRequest::new(Some(1), None));
    let page = list.page(&signer, &request, BASE).unwrap();
    let long = Line {
        b: Some("x".repeat(3000)),
        ..line(1)
    };
    let refused = page.finish(vec![long.clone(), long]).unwrap_err();
    assert_eq!(refused, PageError::KeyDoesNotFit { list: "b" });
    assert_eq!(refused.class(), ErrorClass::Internal);
}
