//! Lines with many ties, random orders over them, and the same orders in memory.

use std::cmp::Ordering;

use proptest::{collection::vec, prelude::*};
use purlin_sql::{
    FromRow,
    keyset::{Keyset, KeysetBuilder, Limits},
};

/// A row with few different values.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) a: Option<i64>,
    pub(crate) b: Option<String>,
    pub(crate) c: i32,
    pub(crate) d: f64,
}

/// A line whose id is still to be given.
pub(crate) fn line() -> impl Strategy<Value = Line> {
    let text = prop::sample::select(vec!["", "a", "B", "ä", "ab"]);
    let a = prop::option::of(-1..2_i64);
    let b = prop::option::of(text.prop_map(str::to_owned));
    (a, b, 0..3, prop::sample::select(vec![-0.5, 0.0, 0.1])).prop_map(|(a, b, c, d)| Line {
        id: 0,
        a,
        b,
        c,
        d,
    })
}

/// Lines with ids in a random order.
pub(crate) fn lines(most: usize) -> impl Strategy<Value = Vec<Line>> {
    let numbered = vec(line(), 0..=most).prop_map(|mut lines| {
        for (line, id) in lines.iter_mut().zip(0..) {
            line.id = id * 2;
        }
        lines
    });
    numbered.prop_shuffle()
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    A,
    B,
    C,
    D,
}

/// One column of a random order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    name: Name,
    is_descending: bool,
    has_nulls_first: bool,
}

/// A random order: up to three columns, and the id.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    terms: Vec<Term>,
    is_id_descending: bool,
}

pub(crate) fn order() -> impl Strategy<Value = Order> {
    let name = prop::sample::select(vec![Name::A, Name::B, Name::C, Name::D]);
    let term =
        (name, any::<bool>(), any::<bool>()).prop_map(|(name, is_descending, has_nulls_first)| {
            Term {
                name,
                is_descending,
                has_nulls_first,
            }
        });
    (vec(term, 0..=3), any::<bool>()).prop_map(|(terms, is_id_descending)| Order {
        terms,
        is_id_descending,
    })
}

impl Order {
    pub(crate) fn keyset(&self, limit: u32) -> Keyset<Line> {
        let start = Keyset::<Line>::named("random");
        let order = self.terms.iter().fold(start, |order, term| term.add(order));
        let order = match self.is_id_descending {
            true => order.unique_desc("id", |line| line.id),
            false => order.unique("id", |line| line.id),
        };
        let (default, max) = (limit, limit);
        order.limits(Limits { default, max })
    }

    pub(crate) fn compare(&self, one: &Line, two: &Line) -> Ordering {
        let by_terms = self.terms.iter().map(|term| term.compare(one, two));
        let by_id = turned(one.id.cmp(&two.id), self.is_id_descending);
        by_terms.fold(Ordering::Equal, Ordering::then).then(by_id)
    }
}

impl Term {
    fn add(self, order: KeysetBuilder<Line>) -> KeysetBuilder<Line> {
        let (a, b) = (|line: &Line| line.a, |line: &Line| line.b.clone());
        let (c, d) = (|line: &Line| line.c, |line: &Line| line.d);
        match (self.name, self.is_descending, self.has_nulls_first) {
            (Name::A, false, true) => order.asc_nulls_first("a", a),
            (Name::A, false, false) => order.asc_nulls_last("a", a),
            (Name::A, true, true) => order.desc_nulls_first("a", a),
            (Name::A, true, false) => order.desc_nulls_last("a", a),
            (Name::B, false, true) => order.asc_nulls_first("b", b),
            (Name::B, false, false) => order.asc_nulls_last("b", b),
            (Name::B, true, true) => order.desc_nulls_first("b", b),
            (Name::B, true, false) => order.desc_nulls_last("b", b),
            (Name::C, false, _) => order.asc("c", c),
            (Name::C, true, _) => order.desc("c", c),
            (Name::D, false, _) => order.asc("d", d),
            (Name::D, true, _) => order.desc("d", d),
        }
    }

    fn compare(self, one: &Line, two: &Line) -> Ordering {
        match self.name {
            Name::A => self.with_nulls(one.a.as_ref(), two.a.as_ref()),
            Name::B => self.with_nulls(one.b.as_ref(), two.b.as_ref()),
            Name::C => turned(one.c.cmp(&two.c), self.is_descending),
            Name::D => turned(one.d.total_cmp(&two.d), self.is_descending),
        }
    }

    fn with_nulls<V: Ord>(self, one: Option<V>, two: Option<V>) -> Ordering {
        match (one, two) {
            (Some(one), Some(two)) => turned(one.cmp(&two), self.is_descending),
            (one, two) => turned(one.is_some().cmp(&two.is_some()), !self.has_nulls_first),
        }
    }
}

fn turned(ordering: Ordering, is_turned: bool) -> Ordering {
    match is_turned {
        true => ordering.reverse(),
        false => ordering,
    }
}
