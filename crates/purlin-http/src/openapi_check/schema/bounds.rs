//! Bounds of numbers, texts, arrays and objects: what a client sends must stay within them.

use serde_json::Value;

use super::{
    super::{
        change::Rule,
        walk::{Direction, Walk},
    },
    flat::Flat,
    kinds::Kinds,
};

/// Counts, which begin at 0, from below and from above.
const COUNTS: [(&str, &str); 3] = [
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
];

/// A bound of a number: where it lies, and whether it lies outside itself.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    at: f64,
    is_outside: bool,
}

impl Walk<'_> {
    /// Compares bounds; those of an answer are no promise.
    pub(super) fn bounds(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        if direction == Direction::Output {
            return;
        }
        for (lower, upper) in COUNTS {
            let (was, is) = (
                count(old, lower).unwrap_or(0),
                count(new, lower).unwrap_or(0),
            );
            self.bound(place, lower, was, is, is > was);
            let all = u64::MAX;
            let (was, is) = (count(old, upper), count(new, upper));
            let (was, is) = (was.unwrap_or(all), is.unwrap_or(all));
            self.bound(place, upper, was, is, is < was);
        }
        self.range(place, old, new);
        self.steps_between(place, old, new);
    }

    fn bound(&mut self, place: &str, word: &str, was: u64, is: u64, is_tighter: bool) {
        if is_tighter {
            let was = match was {
                0 | u64::MAX => "there was none".to_owned(),
                was => format!("was {was}"),
            };
            self.name(
                Rule::BoundTightened,
                place,
                format!("{word} is {is}, {was}"),
            );
        }
    }

    fn range(&mut self, place: &str, old: &Flat, new: &Flat) {
        let (was, is) = (lower(old), lower(new));
        if is.is_some_and(|is| was.is_none_or(|was| is.is_above(was))) {
            self.range_tightened(place, "the lower bound", was, is);
        }
        let (was, is) = (upper(old), upper(new));
        if is.is_some_and(|is| was.is_none_or(|was| is.is_below(was))) {
            self.range_tightened(place, "the upper bound", was, is);
        }
    }

    fn range_tightened(&mut self, place: &str, which: &str, was: Option<Bound>, is: Option<Bound>) {
        let words = |bound: Option<Bound>| match bound {
            Some(Bound { at, is_outside }) if is_outside => format!("{at} (exclusive)"),
            Some(Bound { at, .. }) => at.to_string(),
            None => "none".to_owned(),
        };
        let what = format!("{which} was {}, is {}", words(was), words(is));
        self.name(Rule::BoundTightened, place, what);
    }

    fn steps_between(&mut self, place: &str, old: &Flat, new: &Flat) {
        let (was, is) = (old.word("multipleOf"), new.word("multipleOf"));
        let Some(step) = is.as_f64() else {
            return;
        };
        let holds = was.as_f64().is_some_and(|was| was % step == 0.0);
        if !holds {
            let what = match was {
                Value::Null => format!("multipleOf is {is}, there was none"),
                was => format!("multipleOf was {was}, is {is}"),
            };
            self.name(Rule::BoundTightened, place, what);
        }
    }
}

impl Bound {
    fn is_above(self, other: Self) -> bool {
        self.at > other.at || (self.at == other.at && self.is_outside && !other.is_outside)
    }

    fn is_below(self, other: Self) -> bool {
        self.at < other.at || (self.at == other.at && self.is_outside && !other.is_outside)
    }
}

fn count(flat: &Flat, word: &str) -> Option<u64> {
    flat.word(word).as_u64()
}

/// The tighter of the two words for a bound from below. Of integers, over 0 is from 1.
fn lower(flat: &Flat) -> Option<Bound> {
    let inside = bound(flat, "minimum", false);
    let outside = bound(flat, "exclusiveMinimum", true);
    let outside = outside.map(|bound| whole(flat, bound, 1.0));
    match (inside, outside) {
        (Some(inside), Some(outside)) if inside.is_above(outside) => Some(inside),
        (inside, outside) => outside.or(inside),
    }
}

/// As [`lower`], from above.
fn upper(flat: &Flat) -> Option<Bound> {
    let inside = bound(flat, "maximum", false);
    let outside = bound(flat, "exclusiveMaximum", true);
    let outside = outside.map(|bound| whole(flat, bound, -1.0));
    match (inside, outside) {
        (Some(inside), Some(outside)) if inside.is_below(outside) => Some(inside),
        (inside, outside) => outside.or(inside),
    }
}

fn bound(flat: &Flat, word: &str, is_outside: bool) -> Option<Bound> {
    let at = flat.word(word).as_f64()?;
    Some(Bound { at, is_outside })
}

/// A bound of integers that lies outside itself, as the one that does not.
fn whole(flat: &Flat, bound: Bound, inward: f64) -> Bound {
    let is_integer = Kinds::named("integer").covers(flat.kinds.within(Kinds::named("number")));
    match is_integer && bound.at.fract() == 0.0 {
        true => Bound {
            at: bound.at + inward,
            is_outside: false,
        },
        false => bound,
    }
}
