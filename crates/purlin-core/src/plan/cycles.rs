//! Puts modules and providers in order, or names the circle that they stand in.

use super::{ModulePlan, Plan};
use crate::StartError;

/// Modules farthest from the root first; ties in the order in which they were named.
///
/// The distance is that of the longest way, so that a module always comes after its imports.
///
/// # Source
///
/// Nest 11 sorts modules by their distance from the root in the same way.
pub(super) fn module_order(modules: &[ModulePlan]) -> Result<Vec<usize>, StartError> {
    let children = |at: usize| &modules[at].imports[..];
    let settled = walk(modules.len(), children).map_err(|circle| StartError::ModuleCycle {
        path: path(&circle, |at| modules[at].key.name()),
    })?;
    let mut distance = vec![0_usize; modules.len()];
    // Importers come last in `settled`, so backwards each distance is final before it is used.
    for &at in settled.iter().rev() {
        for &import in children(at) {
            distance[import] = distance[import].max(distance[at] + 1);
        }
    }
    let mut order: Vec<usize> = (0..modules.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(distance[at]));
    Ok(order)
}

/// For each module its nodes by level: a node is one level above the highest that it needs there.
pub(super) fn levels(plan: &Plan) -> Result<Vec<Vec<Vec<usize>>>, StartError> {
    let needs = |at: usize| &plan.nodes[at].deps[..];
    let settled = walk(plan.nodes.len(), needs).map_err(|circle| StartError::ProviderCycle {
        path: path(&circle, |at| {
            let module = plan.module_of(at).key.name();
            format!("{} ({module})", plan.nodes[at].node.name())
        }),
    })?;
    let mut level = vec![0_usize; plan.nodes.len()];
    for &at in &settled {
        let module = plan.nodes[at].module;
        let inside = needs(at)
            .iter()
            .filter(|&&dep| plan.nodes[dep].module == module);
        level[at] = inside.map(|&dep| level[dep] + 1).max().unwrap_or(0);
    }
    Ok(plan
        .modules
        .iter()
        .map(|module| by_level(&module.nodes, &level))
        .collect())
}

fn by_level(nodes: &[usize], level: &[usize]) -> Vec<Vec<usize>> {
    let count = nodes.iter().map(|&at| level[at] + 1).max().unwrap_or(0);
    let mut levels = vec![Vec::new(); count];
    for &at in nodes {
        levels[level[at]].push(at);
    }
    levels
}

/// Visits `0..count` so that each comes after its children. A circle is given back as an error,
/// its first member repeated at the end. Needs no call stack, however deep the graph is.
fn walk<'a>(
    count: usize,
    children: impl Fn(usize) -> &'a [usize],
) -> Result<Vec<usize>, Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Settled,
    }
    let mut marks = vec![Mark::New; count];
    let mut settled = Vec::with_capacity(count);
    for start in 0..count {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut way = vec![(start, 0)];
        while let Some((at, next)) = way.last_mut() {
            let (here, child) = (*at, children(*at).get(*next).copied());
            *next += 1;
            match child {
                None => {
                    marks[here] = Mark::Settled;
                    settled.push(here);
                    way.pop();
                }
                Some(child) if marks[child] == Mark::New => {
                    marks[child] = Mark::Open;
                    way.push((child, 0));
                }
                Some(child) if marks[child] == Mark::Open => {
                    let members = way.iter().map(|&(at, _)| at);
                    let mut circle: Vec<usize> = members.skip_while(|&at| at != child).collect();
                    circle.push(child);
                    return Err(circle);
                }
                Some(_) => {}
            }
        }
    }
    Ok(settled)
}

fn path(circle: &[usize], name: impl Fn(usize) -> String) -> String {
    let names: Vec<String> = circle.iter().map(|&at| name(at)).collect();
    names.join(" -> ")
}
