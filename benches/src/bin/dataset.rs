//! `dataset FILE ROWS [PATHS]`: a database with so many books, made anew, always the same; and a
//! file with the paths `/books/ID` of up to 1000 of them, evenly spread and shuffled; without PATHS the table is analysed.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use purlin_benches::rows::SCHEMA;
use rusqlite::{Connection, params};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("say which file")?;
    let rows: u64 = arguments.next().ok_or("say how many rows")?.parse()?;
    if Path::new(&file).exists() {
        fs::remove_file(&file)?;
    }
    let mut connection = Connection::open(&file)?;
    // Our mark in the file, without which ours refuses a database as somebody else's.
    connection.pragma_update(None, "application_id", 0x5075_726c)?;
    connection.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")?;
    connection.execute_batch(SCHEMA)?;
    fill(&mut connection, rows)?;
    // Sorted by title the walk has two columns, and the title repeats.
    connection.execute_batch("CREATE INDEX books_title ON books (title, id);")?;
    connection.execute_batch("PRAGMA journal_mode=WAL;")?;
    match arguments.next() {
        Some(paths) => fs::write(paths, paths_of(rows))?,
        // A table that has grown has statistics. The small one, which the peers read, has none:
        // with them SQLite plans anew at each read unless it is told not to, and theirs are not.
        None => connection.execute_batch("ANALYZE;")?,
    }
    Ok(())
}

fn fill(connection: &mut Connection, rows: u64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO books VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '2026-01-01T00:00:00Z')",
        )?;
        for row in 0..rows {
            let mixed = mix(row);
            insert.execute(params![
                id(row),
                format!("The book of {}", mixed % (rows / 4).max(1)),
                format!(r#"[{{"name":"Author {}"}}]"#, mixed % 997),
                1500 + (mixed % 500) as i64,
                ["en", "de", "fr", "fi"][(mixed % 4) as usize],
                ["Fiction", "History", "Science"][(mixed % 3) as usize],
                (mixed % 10_000) as i64,
                (mixed % 100) as i64,
            ])?;
        }
    }
    transaction.commit()
}

/// In the form of a UUIDv7, growing with the row.
fn id(row: u64) -> String {
    format!(
        "{:08x}-{:04x}-7000-8000-{:012x}",
        0x019a_0000 + (row >> 16),
        row & 0xffff,
        mix(row) >> 16
    )
}

/// The finaliser of SplitMix64: spreads the numbers, the same on every machine.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn paths_of(rows: u64) -> String {
    let step = (rows / 1000).max(1);
    let mut chosen: Vec<u64> = (0..rows).step_by(step as usize).take(1000).collect();
    chosen.sort_by_key(|row| mix(*row));
    chosen.iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "/books/{}", id(*row));
        text
    })
}
