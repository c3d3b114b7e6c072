//! The jobs that wait for jobs.

use std::collections::BTreeMap;

use purlin_sql::{Db, Query};

use crate::{
    JobRecord, QueueError,
    job::Parent,
    sql::{
        moves::told_start,
        rows::{JobRow, by_word},
    },
};

/// Children that one statement asks for at most.
const CHILDREN_AT_ONCE: usize = 200;

/// The records of `rows`, each with the jobs that wait for it.
pub(super) async fn records(db: &Db, rows: Vec<JobRow>) -> Result<Vec<JobRecord>, QueueError> {
    let children = rows.iter().filter(|row| row.has_parents);
    let children: Vec<(&str, &str)> = children
        .map(|row| (row.queue.as_str(), row.id.as_str()))
        .collect();
    let mut parents = find(db, &children).await?;
    let record = |row: JobRow| {
        let start = told_start(&row);
        let mut record = row.into_record();
        record.options.start = start.unwrap_or(record.options.start);
        let key = (record.queue.clone(), record.id.clone());
        record.parents = parents.remove(&key).unwrap_or_default();
        record
    };
    Ok(rows.into_iter().map(record).collect())
}

type Parents = BTreeMap<(String, String), Vec<Parent>>;

async fn find(db: &Db, children: &[(&str, &str)]) -> Result<Parents, QueueError> {
    let mut parents = Parents::new();
    for some in children.chunks(CHILDREN_AT_ONCE) {
        let keys = some
            .iter()
            .map(|(queue, id)| Query::new("($1, $2)").bind(*queue).bind(*id));
        let select = Query::new(
            "select queue, id, parent_queue, parent_id, on_failure from purlin_job_children \
             where (queue, id) in (values ",
        )
        .push(Query::join(keys, ", "))
        .push(") order by parent_queue, parent_id");
        type Found = (String, String, String, String, String);
        for (queue, id, parent_queue, parent_id, on_failure) in
            db.read().query(select).fetch_all::<Found>().await?
        {
            parents.entry((queue, id)).or_default().push(Parent {
                queue: parent_queue,
                id: parent_id,
                on_failure: by_word(&on_failure).unwrap_or_default(),
            });
        }
    }
    Ok(parents)
}
