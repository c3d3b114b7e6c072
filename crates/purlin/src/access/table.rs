//! The table as text: one line for each route, columns under their names.

use std::fmt;

use super::{AccessMatrix, Allowed};

pub(super) fn write(matrix: &AccessMatrix, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let head = ["METHOD", "PATH", "WHO"];
    let head = head.into_iter().chain(matrix.callers.iter().copied());
    let mut lines = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for route in &matrix.routes {
        let words = [&route.method, &route.path, &route.who];
        let cells = route.allowed.iter().map(|allowed| cell(*allowed));
        lines.push(words.into_iter().cloned().chain(cells).collect());
    }
    let widths: Vec<usize> = (0..3 + matrix.callers.len())
        .map(|column| lines.iter().map(|line| width(line, column)).max())
        .map(Option::unwrap_or_default)
        .collect();
    for line in &lines {
        let padded = line.iter().zip(&widths);
        let padded = padded.map(|(text, width)| format!("{text:width$}"));
        let text = padded.collect::<Vec<_>>().join("  ");
        writeln!(f, "{}", text.trim_end())?;
    }
    for name in &matrix.unknown {
        writeln!(
            f,
            "raw router {name}: its routes, and who may call them, are not known"
        )?;
    }
    Ok(())
}

fn width(line: &[String], column: usize) -> usize {
    line.get(column).map_or(0, |text| text.chars().count())
}

fn cell(allowed: Allowed) -> String {
    match allowed {
        Allowed::Yes => "yes",
        Allowed::No => "-",
        Allowed::Unknown => "?",
    }
    .to_owned()
}
