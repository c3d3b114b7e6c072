//! Did you mean …?

/// The one of `known` that is most like `given`, if any is like it: at most one change in three
/// letters, and never more than three.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const BYTES_MAX: usize = 64; // Nobody has mistyped more; and the work is quadratic.
    if given.len() > BYTES_MAX {
        return None;
    }
    let changes_max = (given.chars().count() / 3).clamp(1, 3);
    known
        .map(|name| (changes(given, name), name))
        .filter(|(changes, _)| *changes <= changes_max)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, name)| name)
}

/// How many letters to add, drop, replace or swap with their neighbour turn `from` into `to`.
fn changes(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                    let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    rows[from.len()][to.len()]
}
