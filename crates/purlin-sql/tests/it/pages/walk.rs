//! Walks over random tables in random orders, compared with the same table in memory.

use std::{cell::RefCell, cmp::Ordering, iter};

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};
use purlin_base::page::{CursorInfo, Page, PageInfo};
use purlin_sql::{
    cursor::CursorSigner,
    keyset::{Keyset, PageRequest},
};

use super::{
    engine::{BASE, Connected, Engine, Sqlite},
    line::{Line, Order, line, lines, order},
};

pub(super) fn signer() -> CursorSigner {
    CursorSigner::new([1; 32]).unwrap()
}

pub(super) fn ends(page: &Page<Line>) -> CursorInfo {
    match &page.page {
        PageInfo::Cursor(ends) => ends.clone(),
        PageInfo::Offset(_) => panic!("not a page by cursor"),
    }
}

fn fetch(engine: &mut impl Engine, keyset: &Keyset<Line>, cursor: Option<&str>) -> Page<Line> {
    let (signer, request) = (signer(), PageRequest::new(None, cursor));
    let page = keyset.page(&signer, &request, BASE).unwrap();
    let rows = engine.lines(page.query());
    page.finish(rows).unwrap()
}

/// Something that happens to the table between two pages.
#[derive(Clone, Debug)]
enum Change {
    Insert(Line),
    Delete(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        line().prop_map(Change::Insert),
        any::<Index>().prop_map(Change::Delete),
    ]
}

/// The table in the database, and the same in memory.
struct Table<'a, E> {
    engine: &'a mut E,
    lines: Vec<Line>,
    next_id: i64,
}

impl<'a, E: Engine> Table<'a, E> {
    fn new(engine: &'a mut E, lines: Vec<Line>) -> Self {
        engine.insert(&lines);
        let next_id = 1;
        Self {
            engine,
            lines,
            next_id,
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Insert(mut line) => {
                // Odd ids fall between those that were there.
                line.id = self.next_id;
                self.next_id += 2;
                self.engine.insert(std::slice::from_ref(&line));
                self.lines.push(line);
            }
            Change::Delete(_) if self.lines.is_empty() => {}
            Change::Delete(at) => {
                let line = self.lines.swap_remove(at.index(self.lines.len()));
                self.engine.delete(line.id);
            }
        }
    }

    fn has(&self, line: &Line) -> bool {
        self.lines.iter().any(|other| other.id == line.id)
    }
}

/// Walks to the end, then back to the beginning, and checks what was found.
fn there_and_back<E: Engine>(
    table: &mut Table<'_, E>,
    order: &Order,
    limit: u32,
    mut changes: impl Iterator<Item = Change>,
) {
    let keyset = order.keyset(limit);
    let before = table.lines.clone();
    let mut found = Vec::new();
    let mut page = fetch(table.engine, &keyset, None);
    assert_eq!(
        ends(&page).prev_cursor,
        None,
        "nothing before the first page"
    );
    loop {
        found.extend(page.items.clone());
        let Some(cursor) = ends(&page).next_cursor else {
            break;
        };
        changes
            .by_ref()
            .take(2)
            .for_each(|change| table.change(change));
        page = fetch(table.engine, &keyset, Some(&cursor));
    }
    assert_found_once(table, order, &before, &found);

    let before = table.lines.clone();
    let last = page.items.clone();
    let mut found = Vec::new();
    while let Some(cursor) = ends(&page).prev_cursor {
        changes
            .by_ref()
            .take(2)
            .for_each(|change| table.change(change));
        page = fetch(table.engine, &keyset, Some(&cursor));
        found.splice(0..0, page.items.clone());
    }
    let ahead = |line: &Line| {
        last.first()
            .is_none_or(|first| order.compare(line, first).is_lt())
    };
    let before: Vec<_> = before.into_iter().filter(ahead).collect();
    assert_found_once(table, order, &before, &found);
    assert!(
        found.iter().all(ahead),
        "the way back stays before the last page"
    );
}

/// What was there before and still is was found; nothing twice; everything in order.
fn assert_found_once<E: Engine>(
    table: &Table<'_, E>,
    order: &Order,
    before: &[Line],
    found: &[Line],
) {
    let in_order = found.is_sorted_by(|one, two| order.compare(one, two) == Ordering::Less);
    assert!(in_order, "in order and never twice: {found:?}");
    for line in before.iter().filter(|line| table.has(line)) {
        assert!(found.contains(line), "{line:?} was missed");
    }
}

/// Where a page was asked for, in the words of the model.
struct Asked {
    from: Option<Line>,
    is_backward: bool,
    is_inclusive: bool,
}

impl Asked {
    /// The rows of the page and whether there are more that way.
    fn expected(&self, lines: &[Line], order: &Order, limit: u32) -> (Vec<Line>, bool) {
        let mut lines: Vec<_> = lines
            .iter()
            .filter(|line| self.holds(line, order))
            .cloned()
            .collect();
        lines.sort_by(|one, two| order.compare(one, two));
        let (limit, count) = (limit as usize, lines.len());
        let kept = match self.is_backward {
            true => lines.split_off(count.saturating_sub(limit)),
            false => lines.into_iter().take(limit).collect(),
        };
        (kept, count > limit)
    }

    fn holds(&self, line: &Line, order: &Order) -> bool {
        let Some(from) = &self.from else { return true };
        match order.compare(line, from) {
            Ordering::Equal => self.is_inclusive,
            Ordering::Less => self.is_backward,
            Ordering::Greater => !self.is_backward,
        }
    }

    /// The page beyond `page`, that way.
    fn beyond(&self, page: &Page<Line>, is_backward: bool) -> Self {
        let edge = if is_backward {
            page.items.first()
        } else {
            page.items.last()
        };
        Self {
            from: edge.or(self.from.as_ref()).cloned(),
            is_backward,
            is_inclusive: edge.is_none(),
        }
    }
}

/// To and fro at random; each page is exactly what the model says.
fn to_and_fro<E: Engine>(table: &mut Table<'_, E>, order: &Order, limit: u32, steps: Vec<Step>) {
    let keyset = order.keyset(limit);
    let mut asked = Asked {
        from: None,
        is_backward: false,
        is_inclusive: false,
    };
    let mut page = fetch(table.engine, &keyset, None);
    for step in steps {
        let is_backward = match step {
            Step::Change(change) => {
                table.change(change);
                continue;
            }
            Step::Turn(is_backward) => is_backward,
        };
        let cursors = ends(&page);
        let cursor = if is_backward {
            cursors.prev_cursor
        } else {
            cursors.next_cursor
        };
        let Some(cursor) = cursor else { continue };
        asked = asked.beyond(&page, is_backward);
        page = fetch(table.engine, &keyset, Some(&cursor));
        let (expected, has_more) = asked.expected(&table.lines, order, limit);
        assert_eq!(page.items, expected);
        let found = ends(&page);
        let (there, back) = (found.next_cursor.is_some(), found.prev_cursor.is_some());
        let (ahead, behind) = if is_backward {
            (back, there)
        } else {
            (there, back)
        };
        assert_eq!((ahead, behind), (has_more, !asked.is_inclusive));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Turn(bool),
    Change(Change),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(Step::Turn),
        2 => change().prop_map(Step::Change),
    ]
}

/// Runs `check` on random tables; a failure shows the smallest one that fails.
fn on_random<E: Engine, S: Strategy>(
    engine: &RefCell<E>,
    cases: u32,
    strategy: &S,
    check: impl Fn(&mut E, S::Value),
) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(strategy, |value| {
        let mut engine = engine.borrow_mut();
        engine.clear();
        check(&mut engine, value);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}\nrandom numbers: {:?}", runner.rng());
    }
}

fn finds_every_row_exactly_once(engine: &RefCell<impl Engine>, cases: u32) {
    let strategy = (lines(30), order(), 1..8_u32);
    on_random(engine, cases, &strategy, |engine, (lines, order, limit)| {
        there_and_back(&mut Table::new(engine, lines), &order, limit, iter::empty());
    });
}

fn finds_every_row_while_others_come_and_go(engine: &RefCell<impl Engine>, cases: u32) {
    let strategy = (lines(30), order(), 1..6_u32, vec(change(), 0..60));
    on_random(
        engine,
        cases,
        &strategy,
        |engine, (lines, order, limit, changes)| {
            let mut table = Table::new(engine, lines);
            there_and_back(&mut table, &order, limit, changes.into_iter());
        },
    );
}

fn every_page_is_the_models(engine: &RefCell<impl Engine>, cases: u32) {
    let strategy = (lines(20), order(), 1..6_u32, vec(step(), 0..60));
    on_random(
        engine,
        cases,
        &strategy,
        |engine, (lines, order, limit, steps)| {
            to_and_fro(&mut Table::new(engine, lines), &order, limit, steps);
        },
    );
}

#[test]
fn a_walk_finds_every_row_exactly_once() {
    finds_every_row_exactly_once(&Sqlite::new().into(), 200);
}

#[test]
fn a_walk_finds_every_row_that_was_there_while_others_come_and_go() {
    finds_every_row_while_others_come_and_go(&Sqlite::new().into(), 200);
}

#[test]
fn every_page_of_a_walk_to_and_fro_is_the_models() {
    every_page_is_the_models(&Sqlite::new().into(), 200);
}

/// All of it on a `Db`.
fn walks_are_as_promised(connected: Connected) {
    let engine = RefCell::new(connected);
    finds_every_row_exactly_once(&engine, 10);
    finds_every_row_while_others_come_and_go(&engine, 10);
    every_page_is_the_models(&engine, 10);
    engine.into_inner().close();
}

#[test]
fn walks_on_a_db_over_sqlite_are_as_promised() {
    walks_are_as_promised(Connected::sqlite());
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn walks_on_a_db_over_postgres_are_as_promised() {
    crate::engines::postgres_server::with_url(async |url: String| {
        // A thread that may block: each step waits for the database.
        let walks = move || walks_are_as_promised(Connected::postgres(&url));
        tokio::task::spawn_blocking(walks).await.unwrap();
    })
    .await;
}
