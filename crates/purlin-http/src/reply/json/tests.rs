//! To the byte what `serde_json` writes.

#![allow(clippy::print_stdout, reason = "a seed must be seen")]

use std::collections::BTreeMap;

use purlin_base::random::{OsRng, Rng, SeededRng};
use serde_json::{Map, Value, json};

use super::*;

#[track_caller]
fn same<T: Serialize + ?Sized>(value: &T) {
    let ours = written(value)
        .map(String::from_utf8)
        .map_err(|it| it.to_string());
    let theirs = serde_json::to_string(value).map_err(|it| it.to_string());
    assert_eq!(ours.map(Result::unwrap), theirs);
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct New(u8);

#[derive(Serialize)]
struct Pair(i8, &'static str);

#[derive(Serialize)]
enum Kind {
    Plain,
    New(f32),
    Pair(u16, char),
    Named { left: Option<bool>, right: () },
}

#[derive(Serialize)]
struct Whole {
    #[serde(rename = "a \"quoted\" name")]
    kinds: Vec<Kind>,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, f64>,
    empty: [u8; 0],
    nothing: BTreeMap<u8, u8>,
    pair: Pair,
    unit: Unit,
    new: New,
    huge: (i128, u128, u64, i64),
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
}

#[test]
fn every_shape_of_a_value_is_written_alike() {
    same(&Whole {
        kinds: vec![
            Kind::Plain,
            Kind::New(0.1),
            Kind::Pair(7, '"'),
            Kind::Named {
                left: Some(false),
                right: (),
            },
            Kind::Named {
                left: None,
                right: (),
            },
        ],
        rest: BTreeMap::from([("nan", f64::NAN), ("small", 1e-7), ("whole", 3.0)]),
        empty: [],
        nothing: BTreeMap::new(),
        pair: Pair(-128, "é\u{2028}\u{7f}"),
        unit: Unit,
        new: New(0),
        huge: (i128::MIN, u128::MAX, u64::MAX, i64::MIN),
        absent: None,
    });
    same(&"a text alone");
    same(&format_args!("{}\n{}", 1, "shown"));
}

#[test]
fn keys_that_are_no_texts_are_put_in_quotes_or_refused() {
    same(&BTreeMap::from([(-3_i16, 1), (4, 2)]));
    same(&BTreeMap::from([(true, 1)]));
    same(&BTreeMap::from([('\n', 1)]));
    same(&BTreeMap::from([(u128::MAX, 1)]));
    same(&BTreeMap::from([(Some("some"), 1)]));
    same(&BTreeMap::from([(None::<u8>, 1)]));
    same(&BTreeMap::from([((), 1)]));
    same(&BTreeMap::from([(vec![1], 1)]));
    same(&[1.5_f64, f64::INFINITY].map(FloatKey));
}

/// A map with one key.
struct FloatKey(f64);

impl Serialize for FloatKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, 1)])
    }
}

#[test]
fn every_sign_is_escaped_alike_wherever_it_stands() {
    for sign in (0..=0x100_u32).filter_map(char::from_u32) {
        for before in 0..20 {
            let text = format!("{}{sign}{}", "x".repeat(before), "y".repeat(before % 5));
            same(&text);
            same(&json!({ text.as_str(): [&text] }));
        }
    }
}

#[test]
fn random_values_are_written_alike() {
    let seed = OsRng.next_u64();
    println!("seed {seed}");
    let rng = SeededRng::new(seed);
    for _ in 0..2_000 {
        same(&random(&rng, 4));
    }
}

fn random(rng: &SeededRng, depth: u32) -> Value {
    let several = |rng: &SeededRng| 0..rng.below(5);
    match rng.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(rng.below(2) == 0),
        2 => json!(rng.next_u64() >> rng.below(64)),
        3 => json!((rng.next_u64() as i64) >> rng.below(64)),
        4 => json!(f64::from_bits(rng.next_u64())),
        5 => json!(random_text(rng)),
        6 => several(rng).map(|_| random(rng, depth - 1)).collect(),
        _ => {
            let entry = |_| (random_text(rng), random(rng, depth - 1));
            Value::Object(several(rng).map(entry).collect::<Map<_, _>>())
        }
    }
}

fn random_text(rng: &SeededRng) -> String {
    let sign = |_| match rng.below(12) {
        0 => '"',
        1 => '\\',
        2 => char::from(rng.below(32) as u8),
        3 => 'ü',
        4 => '🦀',
        _ => char::from(b' ' + rng.below(95) as u8),
    };
    (0..rng.below(40)).map(sign).collect()
}
