//! Smaller scenarios that are like one.

use crate::scenario::{Op, Scenario};

/// Every scenario that has one op less than `scenario`, or one `try` replaced by what is in it;
/// first those that leave out the whole body of a listener.
pub(crate) fn shrink(scenario: &Scenario) -> impl Iterator<Item = Scenario> {
    let names = scenario.listeners.keys();
    let emptied = names.clone().filter_map(move |name| {
        let mut smaller = scenario.clone();
        let body = smaller.listeners.get_mut(name)?;
        let was = std::mem::take(body);
        (!was.is_empty()).then_some(smaller)
    });
    let thinner = names.flat_map(move |name| {
        let bodies = shrink_ops(&scenario.listeners[name]).into_iter();
        bodies.map(move |body| {
            let mut smaller = scenario.clone();
            smaller.listeners.insert(name.clone(), body);
            smaller
        })
    });
    let shorter = shrink_ops(&scenario.main)
        .into_iter()
        .map(move |main| Scenario {
            main,
            listeners: scenario.listeners.clone(),
        });
    emptied.chain(shorter).chain(thinner)
}

fn shrink_ops(ops: &[Op]) -> Vec<Vec<Op>> {
    let mut smaller = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let with = |inside: Vec<Op>| {
            let mut ops = ops.to_vec();
            ops.splice(index..=index, inside);
            ops
        };
        smaller.push(with(Vec::new()));
        if let Op::Try(body) = op {
            smaller.push(with(body.clone()));
            let bodies = shrink_ops(body).into_iter();
            smaller.extend(bodies.map(|body| with(vec![Op::Try(body)])));
        }
    }
    smaller
}
