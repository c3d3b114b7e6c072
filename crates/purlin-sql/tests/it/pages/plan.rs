//! A page is read through the index, however deep it lies.

use purlin_sql::{
    Query,
    keyset::{Keyset, PageRequest},
};

use super::{
    engine::{Bound, Engine, Sqlite},
    line::Line,
    walk::{ends, signer},
};

/// The plan of the second page, and of the page before the third.
fn plans(index: &str, keyset: &Keyset<Line>) -> [String; 2] {
    let mut engine = Sqlite::new();
    engine.0.execute_batch(index).unwrap();
    for id in 0..200 {
        let (a, b, c, d) = (Some(id % 3), Some(format!("{}", id % 5)), 7, 0.5);
        engine.insert(&[Line { id, a, b, c, d }]);
    }
    let signer = signer();
    let base = || Query::new("select id, a, b, c, d from lines where d > $1").bind(0.1);
    let mut cursors = [None, None];
    let mut plans = Vec::new();
    for _ in 0..3 {
        let request = PageRequest::new(Some(5), cursors[0].as_deref());
        let page = keyset.page(&signer, &request, base()).unwrap();
        let query = page.query();
        plans.push(plan(&engine, &query));
        let found = ends(&page.finish(engine.lines(query)).unwrap());
        cursors = [found.next_cursor, found.prev_cursor];
    }
    let request = PageRequest::new(Some(5), cursors[1].as_deref());
    let back = keyset.page(&signer, &request, base()).unwrap().query();
    [plans.swap_remove(1), plan(&engine, &back)]
}

fn plan(engine: &Sqlite, query: &Query) -> String {
    let text = format!("explain query plan {}", query.text());
    let mut statement = engine.0.prepare(&text).unwrap();
    let values = rusqlite::params_from_iter(query.values().iter().map(Bound));
    let details = statement.query_map(values, |row| row.get::<_, String>("detail"));
    details.unwrap().map(|line| line.unwrap() + "\n").collect()
}

#[track_caller]
fn assert_searched(plans: [String; 2], expected: &str) {
    for plan in plans {
        assert!(plan.contains(expected), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        assert!(
            !plan.contains("CO-ROUTINE") && !plan.contains("MATERIALIZE"),
            "{plan}"
        );
    }
}

#[test]
fn the_unique_column_alone_is_searched_in_its_index() {
    let order = Keyset::<Line>::named("id").unique("id", |line| line.id);
    let plans = plans("", &order);
    assert_searched(plans, "SEARCH lines USING INTEGER PRIMARY KEY (rowid");
}

#[test]
fn columns_of_one_direction_are_searched_in_their_index() {
    let order = Keyset::<Line>::named("c")
        .desc("c", |line| line.c)
        .desc("d", |line| line.d)
        .unique_desc("id", |line| line.id);
    let plans = plans("create index lines_c on lines (c, d, id)", &order);
    assert_searched(plans, "SEARCH lines USING INDEX lines_c ((c,d");
}

#[test]
fn columns_of_mixed_directions_are_searched_in_an_index_of_the_same() {
    let order = Keyset::<Line>::named("c")
        .desc("c", |line| line.c)
        .unique("id", |line| line.id);
    let plans = plans("create index lines_c on lines (c desc, id)", &order);
    assert_searched(plans, "SEARCH lines USING INDEX lines_c (c");
}

#[test]
fn a_nullable_column_with_nulls_first_upwards_is_read_in_its_index() {
    let order = Keyset::<Line>::named("a")
        .asc_nulls_first("a", |line| line.a)
        .unique("id", |line| line.id);
    let plans = plans("create index lines_a on lines (a, id)", &order);
    assert_searched(plans, "USING INDEX lines_a");
}
