//! Several processes on one SQLite file. The others are this test program again, told by a
//! variable what to do.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use purlin_base::time::SystemClock;
use purlin_queue::{
    Store,
    sql::{MIGRATIONS, SqlStore},
};
use purlin_sql::Db;

use crate::tables::{claim, complete, job, jobs};

const FILE: &str = "PURLIN_QUEUE_TEST_FILE";
const ROLE: &str = "PURLIN_QUEUE_TEST_ROLE";

async fn open(file: &Path) -> SqlStore {
    let db = Db::connect(format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    SqlStore::new(db, Arc::new(SystemClock))
}

/// This program again, in the role of `role`.
fn other(file: &Path, role: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "hot::processes::the_other_process",
            "--nocapture",
        ])
        .env(FILE, file)
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the other process says, without what the test harness says around it.
fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    said.map_while(Result::ok)
        .filter_map(|line| line.split_once("said ").map(|(_, id)| id.to_owned()))
}

fn say(id: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {id}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_process() {
    let (Ok(file), Ok(role)) = (std::env::var(FILE), std::env::var(ROLE)) else {
        return;
    };
    let store = open(Path::new(&file)).await;
    match role.as_str() {
        "work" => {
            for id in work(&store).await {
                say(&id);
            }
        }
        _ => {
            for n in 0.. {
                let id = format!("job-{n}");
                store.add(vec![job("q", &id)]).await.unwrap();
                say(&id);
            }
        }
    }
}

/// Completes jobs until none is left.
async fn work(store: &SqlStore) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let taken = claim(store, "q", 5).await;
        if taken.is_empty() {
            return ids;
        }
        for claimed in taken {
            complete(store, &claimed).await;
            ids.push(claimed.job.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_the_jobs_of_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("q.db");
    let store = open(&file).await;
    store.add(jobs("q", 400)).await.unwrap();
    let mut other = other(&file, "work");
    let ours = work(&store).await;
    let theirs: Vec<String> = lines(&mut other).collect();
    assert!(other.wait().unwrap().success());
    let all: BTreeSet<&String> = ours.iter().chain(&theirs).collect();
    assert_eq!((ours.len() + theirs.len(), all.len()), (400, 400));
    assert_eq!(store.counts("q").await.unwrap().completed, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_was_told_is_there_and_nothing_is_half_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("q.db");
    let store = open(&file).await;
    let mut other = other(&file, "add");
    let mut said = lines(&mut other);
    let told: Vec<String> = said.by_ref().take(50).collect();
    other.kill().unwrap();
    other.wait().unwrap();
    let told: Vec<String> = told.into_iter().chain(said).collect();
    for id in &told {
        assert!(
            store.job("q", id).await.unwrap().is_some(),
            "{id} was acknowledged"
        );
    }
    let waiting = store.counts("q").await.unwrap().waiting as usize;
    assert!(
        (told.len()..=told.len() + 1).contains(&waiting),
        "one was under way"
    );
    let check = store.db().read().query("pragma integrity_check");
    let (found,) = check.fetch_one::<(String,)>().await.unwrap();
    assert_eq!(found, "ok");
    assert_eq!(work(&store).await.len(), waiting);
}
