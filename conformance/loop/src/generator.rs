//! Random programs, each from a seed of its own.
//!
//! Four kinds, so that each rule is met often and few programs wait:
//!
//! | kind | share | what is in it |
//! | --- | --- | --- |
//! | flow | 40 % | ticks, microtasks, promises, async functions, immediates, throws |
//! | near | 30 % | the same with timers of a few milliseconds, and spins that make them due |
//! | far | 18 % | the same with timers and intervals 30 ms apart |
//! | read | 12 % | reads, one at a time, and immediates only where none is in flight |
//!
//! Left out because of a fault of Node's own: a throw beside a clear of an immediate. If a tick
//! clears the immediate that is next and then throws, Node 20 raises a `TypeError` for ever.
//!
//! Left out because Node leaves it open: a throw beside a spin. What a throw leaves waiting runs after the
//! next callback, and tasks of V8 itself, which other threads finish meanwhile, are callbacks too.

use purlin_base::random::{Rng, SeededRng};

use crate::{
    margin::settled_trace,
    program::{Id, Op, Ops, Program},
};

/// A program whose order Node determines, with the lines it must print.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it came from.
    pub seed: u64,
    /// The program.
    pub program: Program,
    /// What our loop prints.
    pub ours: Vec<String>,
}

/// Draws until the program has an order. The same seed, the same program.
pub fn case(seed: u64) -> Case {
    let rng = SeededRng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    loop {
        let program = Draft::new(&rng).program();
        if let Some(ours) = settled_trace(&program) {
            return Case {
                seed,
                program,
                ours,
            };
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Flow,
    Near,
    Far,
    Read,
}

/// A program being drawn.
struct Draft<'a> {
    rng: &'a SeededRng,
    kind: Kind,
    throws: bool,
    /// Ops that may still be added.
    left: u64,
    lines: u32,
}

/// Where an op stands.
#[derive(Clone, Copy)]
struct At {
    depth: u32,
    /// No read is in flight here, in a program with reads.
    may_queue: bool,
    may_read: bool,
}

impl<'a> Draft<'a> {
    fn new(rng: &'a SeededRng) -> Self {
        let kind = match rng.below(100) {
            0..40 => Kind::Flow,
            40..70 => Kind::Near,
            70..88 => Kind::Far,
            _ => Kind::Read,
        };
        Self {
            rng,
            kind,
            throws: rng.below(2) == 0,
            left: 4 + rng.below(22),
            lines: 0,
        }
    }

    fn program(mut self) -> Program {
        let at = At {
            depth: 0,
            may_queue: self.kind != Kind::Read,
            may_read: self.kind == Kind::Read,
        };
        let mut main = self.ops(at, 3 + self.rng.below(5));
        // Most keep the loop alive, since Node must be started anew behind one that does not.
        if self.kind != Kind::Read && self.rng.below(12) > 0 {
            let log = self.log();
            main.insert(1, Op::Immediate([log].into(), None));
        }
        if self.kind == Kind::Near && !self.throws && self.rng.below(2) == 0 {
            main.push(Op::Spin(9.0));
        }
        Program { main: main.into() }
    }

    fn ops(&mut self, at: At, count: u64) -> Vec<Op> {
        let mut ops = vec![self.log()];
        let mut at = at;
        for _ in 0..count {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let op = self.op(at);
            if matches!(op, Op::Read(_)) {
                (at.may_read, at.may_queue) = (false, false);
            }
            ops.push(op);
        }
        if self.throws && self.rng.below(6) == 0 {
            let line = self.line("e");
            ops.push(Op::Throw(line));
        }
        ops
    }

    /// The body of a callback.
    fn body(&mut self, at: At) -> Ops {
        let at = At {
            depth: at.depth + 1,
            ..at
        };
        let most = if at.depth > 4 { 1 } else { 4 };
        let count = self.rng.below(most);
        self.ops(at, count).into()
    }

    /// The body of a callback of a phase: what it queues comes in a later one.
    fn later(&mut self, at: At) -> Ops {
        self.body(At {
            may_read: false,
            ..at
        })
    }

    fn op(&mut self, at: At) -> Op {
        match self.rng.below(100) {
            0..12 => self.log(),
            12..28 => Op::Tick(self.body(still(at))),
            28..36 => Op::Micro(self.body(still(at))),
            36..46 => Op::Promise(self.body(still(at))),
            46..54 => self.async_function(still(at)),
            54..74 => self.queued(at),
            74..88 => self.timer(at),
            88..94 => self.changed(),
            _ => self.spin(),
        }
    }

    fn async_function(&mut self, at: At) -> Op {
        let lists = 1 + self.rng.below(3);
        Op::Async((0..lists).map(|_| self.body(at)).collect())
    }

    fn queued(&mut self, at: At) -> Op {
        if at.may_read {
            let inside = At {
                may_queue: self.rng.below(2) == 0,
                ..at
            };
            let inside = At {
                may_read: !inside.may_queue,
                ..inside
            };
            return Op::Read(self.body(inside));
        }
        if at.may_queue {
            return Op::Immediate(self.later(at), self.id());
        }
        self.log()
    }

    fn timer(&mut self, at: At) -> Op {
        let millis = match self.kind {
            Kind::Flow => return self.log(),
            Kind::Near => self.one_of(&[-1.0, 0.0, 0.0, 1.0, 1.7, 2.0, 3.0, 5.0]),
            Kind::Far | Kind::Read => self.one_of(&[30.0, 30.0, 60.0, 60.5, 90.0, 120.0]),
        };
        // A read is over by the time that a timer of 30 ms is due.
        let inside = At {
            may_queue: true,
            may_read: false,
            ..at
        };
        if self.rng.below(3) > 0 {
            return Op::Timeout(self.later(inside), millis, self.id());
        }
        Op::Interval {
            ops: self.later(inside),
            millis,
            times: self.one_of(&[1.0, 2.0, 3.0]),
            id: self.id(),
        }
    }

    fn changed(&mut self) -> Op {
        let name = format!("x{}", self.rng.below(3));
        let may_clear = !self.throws;
        match self.rng.below(8) {
            0..3 if may_clear => Op::Clear(name),
            3..5 if self.kind != Kind::Flow => Op::Refresh(name),
            5 | 6 => Op::Unref(name),
            7 => Op::Ref(name),
            _ => self.log(),
        }
    }

    fn spin(&mut self) -> Op {
        match self.kind {
            _ if self.throws => self.log(),
            Kind::Near => Op::Spin(self.one_of(&[3.0, 3.0, 6.0, 9.0])),
            Kind::Far if self.rng.below(4) == 0 => Op::Spin(33.0),
            _ => self.log(),
        }
    }

    fn one_of(&self, numbers: &[f64]) -> f64 {
        numbers[self.rng.below(numbers.len() as u64) as usize]
    }

    fn id(&self) -> Id {
        (self.rng.below(3) == 0).then(|| format!("x{}", self.rng.below(3)))
    }

    fn log(&mut self) -> Op {
        Op::Log(self.line("l"))
    }

    fn line(&mut self, kind: &str) -> String {
        self.lines += 1;
        format!("{kind}{}", self.lines)
    }
}

/// What is drained after this callback stands where it does, but begins no read: it cannot know
/// whether one is in flight by then.
fn still(at: At) -> At {
    At {
        may_read: false,
        ..at
    }
}
