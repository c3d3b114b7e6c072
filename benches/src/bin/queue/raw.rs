//! Bare rusqlite with the least that a queue needs: the limit of grouping.

use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior, params};

use crate::{Failure, PAYLOAD, rate, remove};

const SCHEMA: &str = "
    pragma journal_mode = wal; pragma synchronous = full;
    create table jobs (seq integer primary key, id text not null, queue text not null, data text not null,
                       state integer not null, at integer not null, fence integer not null, result text) strict;
    create unique index jobs_by_id on jobs (queue, id);
    create index jobs_ready on jobs (queue, seq) where state = 0;
    create index jobs_held on jobs (queue, at) where state = 1;";
const INSERT: &str =
    "insert into jobs (id, queue, data, state, at, fence) values (?1, 'bench', ?2, 0, 0, 0)";
const TAKE: &str = "update jobs set state = 1, at = ?1, fence = fence + 1 where seq in
    (select seq from jobs where queue = 'bench' and state = 0 order by seq limit ?2)
    returning id, fence, data";
const FINISH: &str = "update jobs set state = 2, at = 0, result = 'null'
    where queue = 'bench' and id = ?1 and fence = ?2 and state = 1";

fn open(file: &str) -> Result<Connection, Failure> {
    remove(file)?;
    let connection = Connection::open(file)?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

pub(crate) fn add(file: &str, jobs: usize, group: usize) -> Result<String, Failure> {
    let mut connection = open(file)?;
    let began = Instant::now();
    fill(&mut connection, jobs, group)?;
    Ok(rate(jobs, began.elapsed().as_secs_f64()))
}

fn fill(connection: &mut Connection, jobs: usize, group: usize) -> Result<(), Failure> {
    for first in (0..jobs).step_by(group) {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = tx.prepare_cached(INSERT)?;
            for n in first..jobs.min(first + group) {
                insert.execute(params![format!("0199a0b1-0000-7000-8000-{n:012}"), PAYLOAD])?;
            }
        }
        tx.commit()?;
    }
    Ok(())
}

/// Ends a group and takes the next one in each transaction.
pub(crate) fn work(file: &str, jobs: usize, group: usize) -> Result<String, Failure> {
    let mut connection = open(file)?;
    fill(&mut connection, jobs, 1000)?;
    let began = Instant::now();
    let (mut ended, mut running) = (0, Vec::<(String, i64)>::new());
    while ended < jobs {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut finish = tx.prepare_cached(FINISH)?;
            for (id, fence) in running.drain(..) {
                ended += finish.execute(params![id, fence])?;
            }
            let mut take = tx.prepare_cached(TAKE)?;
            let max = i64::try_from(group)?;
            let taken = take.query_map(params![1, max], |row| Ok((row.get(0)?, row.get(1)?)))?;
            running = taken.collect::<Result<_, _>>()?;
        }
        tx.commit()?;
    }
    Ok(rate(ended, began.elapsed().as_secs_f64()))
}
