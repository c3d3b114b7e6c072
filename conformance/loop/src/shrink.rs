//! The smallest program that still differs.

use std::sync::Arc;

use crate::{
    margin::settled_trace,
    node::trace_alone,
    program::{Op, Ops, Program},
};

/// A program on which Node and we differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The program.
    pub program: Program,
    /// What Node prints, run alone.
    pub node: Vec<String>,
    /// What we print.
    pub ours: Vec<String>,
}

/// Runs of Node that may be spent on one program.
const RUNS_MAX: usize = 300;

/// How `program` differs when Node runs it alone; `None` if it does not, or if Node leaves its order
/// open.
pub fn difference(program: &Program) -> Option<Difference> {
    let ours = settled_trace(program)?;
    let node = trace_alone(&program.to_json())
        .unwrap_or_else(|error| vec![format!("(no trace: {error})")]);
    (node != ours).then(|| Difference {
        program: program.clone(),
        node,
        ours,
    })
}

/// Takes away one op after the other for as long as what is left differs.
pub fn shrink(mut smallest: Difference) -> Difference {
    let mut runs = 0;
    'smaller: loop {
        for candidate in smaller(&smallest.program) {
            runs += 1;
            if runs > RUNS_MAX {
                return smallest;
            }
            if let Some(found) = difference(&candidate) {
                smallest = found;
                continue 'smaller;
            }
        }
        return smallest;
    }
}

/// Every program with one op less, or with one op replaced by what it holds.
fn smaller(program: &Program) -> Vec<Program> {
    let mains = smaller_lists(&program.main);
    mains.into_iter().map(|main| Program { main }).collect()
}

fn smaller_lists(ops: &Ops) -> Vec<Ops> {
    let mut lists = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        lists.push(replaced(ops, index, &[]));
        for inner in op.lists() {
            if !inner.is_empty() {
                lists.push(replaced(ops, index, inner));
            }
        }
    }
    for (index, op) in ops.iter().enumerate() {
        for op in smaller_ops(op) {
            lists.push(replaced(ops, index, &[op]));
        }
    }
    lists
}

fn smaller_ops(op: &Op) -> Vec<Op> {
    let lists = op.lists();
    let mut smaller = Vec::new();
    for (index, list) in lists.iter().enumerate() {
        for list in smaller_lists(list) {
            let mut lists = lists.to_vec();
            lists[index] = list;
            smaller.push(op.with_lists(&lists));
        }
    }
    smaller
}

fn replaced(ops: &Ops, index: usize, by: &[Op]) -> Ops {
    let (before, after) = (&ops[..index], &ops[index + 1..]);
    Arc::from([before, by, after].concat())
}
