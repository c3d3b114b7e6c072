//! Reads a scenario, and says what is not well-formed about it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::scenario::{Add, Op, Scenario};

/// What is wrong with a scenario, and where.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct NotWellFormed {
    place: String,
    fault: String,
}

type Parsed<T> = Result<T, NotWellFormed>;

fn fault<T>(place: &str, fault: impl Into<String>) -> Parsed<T> {
    Err(NotWellFormed {
        place: place.to_owned(),
        fault: fault.into(),
    })
}

impl Scenario {
    /// Reads one from JSON.
    ///
    /// # Errors
    ///
    /// What is not well-formed about it: not JSON, an unknown op or key, two ops in one object, a
    /// listener that is not defined, a number-like name of an event, a `max` below 0.
    pub fn parse(text: &str) -> Parsed<Self> {
        let value = match serde_json::from_str(text) {
            Ok(Value::Object(value)) => value,
            Ok(_) => return fault("scenario", "is not an object"),
            Err(error) => return fault("scenario", format!("is not JSON: {error}")),
        };
        let known = |key: &&String| !["listeners", "main"].contains(&key.as_str());
        if let Some(unknown) = value.keys().find(known) {
            return fault("scenario", format!("has the unknown key `{unknown}`"));
        }
        let bodies = match value.get("listeners") {
            None => &Map::new(),
            Some(Value::Object(bodies)) => bodies,
            Some(_) => return fault("listeners", "is not an object"),
        };
        let parser = Parser { bodies };
        let listeners = bodies.iter().map(|(name, body)| {
            let body = parser.ops(body, &format!("listeners.{name}"))?;
            Ok((name.clone(), body))
        });
        let listeners = listeners.collect::<Parsed<BTreeMap<_, _>>>()?;
        let Some(main) = value.get("main") else {
            return fault("scenario", "has no `main`");
        };
        let main = parser.ops(main, "main")?;
        Ok(Self { listeners, main })
    }
}

struct Parser<'a> {
    /// What each listener does; only its names are of interest.
    bodies: &'a Map<String, Value>,
}

impl Parser<'_> {
    fn ops(&self, value: &Value, place: &str) -> Parsed<Vec<Op>> {
        let Value::Array(ops) = value else {
            return fault(place, "is not a list of ops");
        };
        let ops = ops.iter().enumerate();
        ops.map(|(index, op)| self.op(op, &format!("{place}[{index}]")))
            .collect()
    }

    fn op(&self, value: &Value, place: &str) -> Parsed<Op> {
        let Value::Object(object) = value else {
            return fault(place, "is not an object");
        };
        let mut fields = object.iter();
        let (Some((name, argument)), None) = (fields.next(), fields.next()) else {
            return fault(place, format!("has {} keys, not one op", object.len()));
        };
        let place = &format!("{place}.{name}");
        if let Some((_, add)) = Add::ALL.iter().find(|(known, _)| known == name) {
            let (event, listener) = self.pair(argument, place)?;
            return Ok(Op::Add(*add, event, listener));
        }
        match name.as_str() {
            "off" => self
                .pair(argument, place)
                .map(|(event, listener)| Op::Off(event, listener)),
            "removeAll" if *argument == Value::Bool(true) => Ok(Op::RemoveAll),
            "removeAll" => event(argument, place).map(Op::RemoveAllOf),
            "emit" => event(argument, place).map(Op::Emit),
            "count" => event(argument, place).map(Op::Count),
            "list" => event(argument, place).map(Op::List),
            "names" if *argument == Value::Bool(true) => Ok(Op::Names),
            "names" => fault(place, "is not `true`"),
            "max" => max(argument, place).map(Op::Max),
            "throw" => text(argument, place).map(Op::Throw),
            "try" => self.ops(argument, place).map(Op::Try),
            _ => fault(place, "is an unknown op"),
        }
    }

    fn pair(&self, value: &Value, place: &str) -> Parsed<(String, String)> {
        let Some([first, second]) = value.as_array().map(Vec::as_slice) else {
            return fault(place, "is not `[event, listener]`");
        };
        let (event, listener) = (event(first, place)?, text(second, place)?);
        if !self.bodies.contains_key(&listener) {
            return fault(
                place,
                format!("names the listener `{listener}`, which is not defined"),
            );
        }
        Ok((event, listener))
    }
}

fn text(value: &Value, place: &str) -> Parsed<String> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => fault(place, format!("has {value} where text is expected")),
    }
}

fn event(value: &Value, place: &str) -> Parsed<String> {
    let name = text(value, place)?;
    if is_number_like(&name) {
        return fault(
            place,
            format!("names the event `{name}`, which is like a number"),
        );
    }
    Ok(name)
}

/// JavaScript orders keys that are numbers otherwise.
fn is_number_like(name: &str) -> bool {
    let starts_like_one = name.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let has_digit = name.contains(|c: char| c.is_ascii_digit());
    starts_like_one && has_digit && name.parse::<f64>().is_ok()
}

fn max(value: &Value, place: &str) -> Parsed<f64> {
    match value.as_f64() {
        Some(listeners) if listeners >= 0.0 => Ok(listeners),
        Some(_) => fault(place, "is below 0"),
        None => fault(place, format!("has {value} where a number is expected")),
    }
}
