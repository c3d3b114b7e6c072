//! Programs as JSON, and the rules that make one well-formed.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a callback does, op by op. Shared, since an interval runs its own again and again.
pub type Ops = Arc<[Op]>;

/// A program: what its main script does.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The ops of the main script.
    pub main: Ops,
}

/// One op of a callback.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Prints a line.
    Log(String),
    /// `process.nextTick`.
    Tick(Ops),
    /// `queueMicrotask`.
    Micro(Ops),
    /// `Promise.resolve().then`.
    Promise(Ops),
    /// An async function: the first list runs at once, each further one after an `await null`.
    Async(Arc<[Ops]>),
    /// `setImmediate`.
    Immediate(Ops, Id),
    /// `setTimeout`, with its milliseconds.
    Timeout(Ops, f64, Id),
    /// `setInterval`, which clears itself when it begins for the last of its times.
    Interval {
        /// What it does each time.
        ops: Ops,
        /// The period in milliseconds.
        millis: f64,
        /// How often it runs, at least 1.
        times: f64,
        /// Its name.
        id: Id,
    },
    /// Clears the timer or the immediate of that name.
    Clear(String),
    /// `timer.refresh()`.
    Refresh(String),
    /// `unref()`.
    Unref(String),
    /// `ref()`.
    Ref(String),
    /// `fs.readFile` of a file that exists.
    Read(Ops),
    /// A busy wait, in milliseconds.
    Spin(f64),
    /// `throw new Error`.
    Throw(String),
}

/// The name of a timer or an immediate, if it has one.
pub type Id = Option<String>;

/// Why a text is no program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// It is no JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, and not well-formed.
    #[error("{path}: {what}")]
    Form {
        /// Where, as `main[2].tick[0]`.
        path: String,
        /// What is wrong there.
        what: String,
    },
    /// It is nested more deeply than may be.
    #[error("nested more than {DEPTH_MAX} levels deep")]
    Depth,
}

/// How deeply lists and objects may be nested.
pub const DEPTH_MAX: usize = 10_000;

impl Program {
    /// Reads a program. A deep one needs some hundred bytes of stack for each level.
    ///
    /// # Errors
    ///
    /// If the text is no JSON, or the program is not well-formed: an unknown op, two ops in one object,
    /// an unknown key, a missing `ms` or `times`, `times` under 1.
    pub fn parse(text: &str) -> Result<Self, ProgramError> {
        if depth(text) > DEPTH_MAX {
            return Err(ProgramError::Depth);
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.disable_recursion_limit(); // Its own is below what a test may want; ours is above.
        let value = Value::deserialize(&mut reader)?;
        reader.end()?;
        let Value::Object(fields) = value else {
            return form("program", "expected an object with `main`");
        };
        if let Some(key) = fields.keys().find(|key| *key != "main") {
            return form("program", format!("unknown key `{key}`"));
        }
        match fields.get("main") {
            Some(main) => Ok(Self {
                main: ops(main, "main")?,
            }),
            None => form("program", "`main` is missing"),
        }
    }

    /// The program as JSON, on one line.
    pub fn to_json(&self) -> String {
        json!({ "main": values(&self.main) }).to_string()
    }

    /// How many ops it has, at all levels.
    pub fn size(&self) -> usize {
        size(&self.main)
    }
}

fn size(ops: &[Op]) -> usize {
    ops.iter()
        .map(|op| 1 + op.lists().iter().map(|ops| size(ops)).sum::<usize>())
        .sum()
}

/// How deeply brackets are nested, whether they fit or not.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn form<T>(path: &str, what: impl Into<String>) -> Result<T, ProgramError> {
    Err(ProgramError::Form {
        path: path.to_owned(),
        what: what.into(),
    })
}

fn ops(value: &Value, path: &str) -> Result<Ops, ProgramError> {
    let Value::Array(items) = value else {
        return form(path, "expected a list of ops");
    };
    let ops = items.iter().enumerate();
    ops.map(|(index, item)| op(item, &format!("{path}[{index}]")))
        .collect()
}

fn lists(value: &Value, path: &str) -> Result<Arc<[Ops]>, ProgramError> {
    let Value::Array(items) = value else {
        return form(path, "expected a list of lists of ops");
    };
    let lists = items.iter().enumerate();
    lists
        .map(|(index, item)| ops(item, &format!("{path}[{index}]")))
        .collect()
}

/// Every op, with the keys that it may have beside its own.
const OPS: &[(&str, &[&str])] = &[
    ("async", &[]),
    ("clear", &[]),
    ("immediate", &["id"]),
    ("interval", &["id", "ms", "times"]),
    ("log", &[]),
    ("micro", &[]),
    ("promise", &[]),
    ("read", &[]),
    ("ref", &[]),
    ("refresh", &[]),
    ("spin", &[]),
    ("throw", &[]),
    ("tick", &[]),
    ("timeout", &["id", "ms"]),
    ("unref", &[]),
];

fn op(value: &Value, path: &str) -> Result<Op, ProgramError> {
    let Value::Object(fields) = value else {
        return form(path, "expected an object");
    };
    let mut named = OPS.iter().filter(|(name, _)| fields.contains_key(*name));
    let Some((name, others)) = named.next() else {
        let keys: Vec<_> = fields.keys().map(String::as_str).collect();
        return form(path, format!("unknown op: {{{}}}", keys.join(", ")));
    };
    if let Some((second, _)) = named.next() {
        return form(path, format!("two ops, `{name}` and `{second}`"));
    }
    let known = |key: &&String| key.as_str() == *name || others.contains(&key.as_str());
    if let Some(key) = fields.keys().find(|key| !known(key)) {
        return form(path, format!("unknown key `{key}` beside `{name}`"));
    }
    let own = &format!("{path}.{name}");
    Fields { fields, path: own }.op(name, &fields[*name])
}

/// The fields of one op.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    path: &'a str,
}

impl Fields<'_> {
    fn op(&self, name: &str, value: &Value) -> Result<Op, ProgramError> {
        let path = self.path;
        Ok(match name {
            "log" => Op::Log(text(value, path)?),
            "tick" => Op::Tick(ops(value, path)?),
            "micro" => Op::Micro(ops(value, path)?),
            "promise" => Op::Promise(ops(value, path)?),
            "async" => Op::Async(lists(value, path)?),
            "immediate" => Op::Immediate(ops(value, path)?, self.id()?),
            "timeout" => Op::Timeout(ops(value, path)?, self.number("ms")?, self.id()?),
            "interval" => Op::Interval {
                ops: ops(value, path)?,
                millis: self.number("ms")?,
                times: self.times()?,
                id: self.id()?,
            },
            "clear" => Op::Clear(text(value, path)?),
            "refresh" => Op::Refresh(text(value, path)?),
            "unref" => Op::Unref(text(value, path)?),
            "ref" => Op::Ref(text(value, path)?),
            "read" => Op::Read(ops(value, path)?),
            "spin" => match value.as_f64() {
                Some(millis) => Op::Spin(millis),
                None => return form(path, "expected a number of milliseconds"),
            },
            _ => Op::Throw(text(value, path)?),
        })
    }

    fn id(&self) -> Result<Id, ProgramError> {
        let id = self.fields.get("id");
        id.map(|id| text(id, &format!("{}: `id`", self.path)))
            .transpose()
    }

    fn number(&self, key: &str) -> Result<f64, ProgramError> {
        match self.fields.get(key).map(Value::as_f64) {
            Some(Some(number)) => Ok(number),
            Some(None) => form(self.path, format!("`{key}` is no number")),
            None => form(self.path, format!("`{key}` is missing")),
        }
    }

    fn times(&self) -> Result<f64, ProgramError> {
        let times = self.number("times")?;
        if times < 1.0 {
            return form(self.path, "`times` is under 1");
        }
        Ok(times)
    }
}

fn text(value: &Value, path: &str) -> Result<String, ProgramError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => form(path, "expected a text"),
    }
}

impl Op {
    /// The lists of ops that this op holds.
    pub fn lists(&self) -> &[Ops] {
        match self {
            Self::Tick(ops)
            | Self::Micro(ops)
            | Self::Promise(ops)
            | Self::Immediate(ops, _)
            | Self::Timeout(ops, ..)
            | Self::Interval { ops, .. }
            | Self::Read(ops) => std::slice::from_ref(ops),
            Self::Async(lists) => lists,
            _ => &[],
        }
    }

    /// The same op with other lists, as many as it has.
    ///
    /// # Panics
    ///
    /// With fewer.
    pub fn with_lists(&self, lists: &[Ops]) -> Self {
        let mut op = self.clone();
        match &mut op {
            Self::Tick(ops)
            | Self::Micro(ops)
            | Self::Promise(ops)
            | Self::Immediate(ops, _)
            | Self::Timeout(ops, ..)
            | Self::Interval { ops, .. }
            | Self::Read(ops) => *ops = Arc::clone(&lists[0]),
            Self::Async(own) => *own = lists.into(),
            _ => {}
        }
        op
    }

    fn value(&self) -> Value {
        let with_id = |mut value: Value, id: &Id| {
            if let Some(id) = id {
                value["id"] = json!(id);
            }
            value
        };
        match self {
            Self::Log(line) => json!({ "log": line }),
            Self::Tick(ops) => json!({ "tick": values(ops) }),
            Self::Micro(ops) => json!({ "micro": values(ops) }),
            Self::Promise(ops) => json!({ "promise": values(ops) }),
            Self::Async(lists) => {
                let lists: Vec<_> = lists.iter().map(|ops| values(ops)).collect();
                json!({ "async": lists })
            }
            Self::Immediate(ops, id) => with_id(json!({ "immediate": values(ops) }), id),
            Self::Timeout(ops, millis, id) => {
                with_id(json!({ "timeout": values(ops), "ms": number(*millis) }), id)
            }
            Self::Interval {
                ops,
                millis,
                times,
                id,
            } => {
                let (ms, times) = (number(*millis), number(*times));
                with_id(
                    json!({ "interval": values(ops), "ms": ms, "times": times }),
                    id,
                )
            }
            Self::Clear(id) => json!({ "clear": id }),
            Self::Refresh(id) => json!({ "refresh": id }),
            Self::Unref(id) => json!({ "unref": id }),
            Self::Ref(id) => json!({ "ref": id }),
            Self::Read(ops) => json!({ "read": values(ops) }),
            Self::Spin(millis) => json!({ "spin": number(*millis) }),
            Self::Throw(message) => json!({ "throw": message }),
        }
    }
}

fn values(ops: &[Op]) -> Value {
    Value::Array(ops.iter().map(Op::value).collect())
}

/// A whole number without a fraction, as people write it.
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        json!(number as i64)
    } else {
        json!(number)
    }
}
