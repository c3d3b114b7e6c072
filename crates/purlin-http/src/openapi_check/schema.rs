//! Two schemas of one place: null, then variants, then what a value may be.

mod bounds;
mod fields;
mod flat;
mod kinds;
mod values;

use serde_json::Value;

use self::{
    flat::{Flat, forms},
    kinds::Kinds,
};
use super::{
    change::Rule,
    walk::{Direction, Walk},
};

/// Deepest that schemas are followed into each other. A schema that refers to itself ends long
/// before; what is deeper is named, since nothing is known of it.
const DEPTH_MAX: usize = 100;

impl Walk<'_> {
    /// Compares two schemas that stand at `place`.
    pub(super) fn schemas(&mut self, direction: Direction, place: &str, old: &Value, new: &Value) {
        if !self.step() {
            return;
        }
        let (old, new) = (forms(&self.old, old), forms(&self.new, new));
        self.null(direction, place, &old, &new);
        self.variants(direction, place, without_null(old), without_null(new));
    }

    /// Null is looked at by itself, however it was written: as one of several types or a variant.
    fn null(&mut self, direction: Direction, place: &str, old: &[Flat], new: &[Flat]) {
        let has_null = |side: &[Flat]| side.iter().any(|flat| flat.kinds.covers(Kinds::NULL));
        let is_open = |side: &[Flat]| side.iter().any(|flat| flat.kinds == Kinds::ANY);
        let (was, is) = (has_null(old), has_null(new));
        match direction {
            // A type that was thrown wide open, or that has become one of all, is named as that.
            Direction::Output if is && !was && !is_open(new) => {
                self.name(Rule::ValueNullable, place, "was never null, may be null");
            }
            Direction::Input if was && !is && !is_open(old) => {
                self.name(Rule::NullRefused, place, "null was accepted, is not");
            }
            _ => {}
        }
    }

    /// Finds for each form that counts one on the other side that it fits: for what a client sends,
    /// each old form among the new ones; for what it reads, each new form among the old ones.
    fn variants(&mut self, direction: Direction, place: &str, old: Vec<Flat>, new: Vec<Flat>) {
        if let ([old], [new]) = (old.as_slice(), new.as_slice()) {
            return self.shapes(direction, place, old, new);
        }
        let (old, new) = (by_kind(old), by_kind(new));
        let (sources, targets) = match direction {
            Direction::Input => (&old, &new),
            Direction::Output => (&new, &old),
        };
        for (at, source) in sources.iter().enumerate() {
            if targets.iter().any(|to| self.fits(direction, source, to)) {
                continue;
            }
            match partner(source, at, sources.len(), targets) {
                Some(target) => {
                    let place = format!("{place}/{}", source.variant());
                    self.pair(direction, &place, source, target);
                }
                None => self.variant_lost(direction, place, source),
            }
        }
    }

    /// Compares `source`, the side that counts, with `target`.
    fn pair(&mut self, direction: Direction, place: &str, source: &Flat, target: &Flat) {
        match direction {
            Direction::Input => self.shapes(direction, place, source, target),
            Direction::Output => self.shapes(direction, place, target, source),
        }
    }

    fn fits(&mut self, direction: Direction, source: &Flat, target: &Flat) -> bool {
        let before = self.changes.len();
        self.pair(direction, "", source, target);
        let fits = self.changes.len() == before;
        self.changes.truncate(before);
        fits
    }

    fn variant_lost(&mut self, direction: Direction, place: &str, source: &Flat) {
        let variant = source.variant();
        match direction {
            Direction::Input => {
                let what = format!("{variant} was accepted, is not");
                self.name(Rule::VariantRemoved, place, what);
            }
            Direction::Output => {
                let what = format!("may be {variant}, which it could not be");
                self.name(Rule::VariantAdded, place, what);
            }
        }
    }

    /// Compares two forms; each pair that leads back to itself once.
    fn shapes(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        if !self.step() {
            return;
        }
        if self.under_way.len() >= DEPTH_MAX {
            self.name(Rule::TooLarge, place, "nested too deep to be compared");
            return;
        }
        let pair = (direction, old.text(), new.text());
        if self.well.contains(&pair) || !self.under_way.insert(pair.clone()) {
            return;
        }
        let before = self.changes.len();
        self.words(direction, place, old, new);
        self.under_way.remove(&pair);
        if self.changes.len() == before {
            self.well.insert(pair);
        }
    }

    fn words(&mut self, direction: Direction, place: &str, old: &Flat, new: &Flat) {
        self.kinds(direction, place, old.kinds, new.kinds);
        if !old.kinds.meets(new.kinds) {
            return;
        }
        self.values(direction, place, old, new);
        self.bounds(direction, place, old, new);
        self.conditions(direction, place, old, new);
        self.fields(direction, place, old, new);
        self.elements(direction, place, old, new);
    }

    fn kinds(&mut self, direction: Direction, place: &str, old: Kinds, new: Kinds) {
        let (rule, holds) = match direction {
            Direction::Input => (Rule::TypeNarrowed, new.covers(old)),
            Direction::Output => (Rule::TypeWidened, old.covers(new)),
        };
        if !holds {
            self.name(rule, place, format!("was {old}, is {new}"));
        }
    }
}

/// The forms without null. If nothing is left, one that can be nothing: it is compared as such.
fn without_null(mut forms: Vec<Flat>) -> Vec<Flat> {
    for form in &mut forms {
        form.kinds = form.kinds.without(Kinds::NULL);
    }
    let nothing = forms.first().cloned();
    forms.retain(|form| !form.kinds.is_empty());
    if forms.is_empty() {
        forms.extend(nothing);
    }
    forms
}

/// Forms of several types, one for each.
fn by_kind(side: Vec<Flat>) -> Vec<Flat> {
    let split = |form: Flat| {
        let kinds = form.kinds;
        let kinds: Vec<_> = match kinds == Kinds::ANY.without(Kinds::NULL) {
            true => vec![kinds],
            false => kinds.each().collect(),
        };
        kinds.into_iter().map(move |kinds| Flat {
            kinds,
            ..form.clone()
        })
    };
    side.into_iter().flat_map(split).collect()
}

/// What `source` is to be compared with to say why it fits nothing: the form of the same name, or
/// else the one at the same position, if the two sides have equally many.
fn partner<'f>(source: &Flat, at: usize, count: usize, targets: &'f [Flat]) -> Option<&'f Flat> {
    let named = || targets.iter().find(|to| to.name == source.name);
    match source.name {
        Some(_) => named(),
        None if count == targets.len() => targets.get(at).filter(|to| to.name.is_none()),
        None => None,
    }
}
