//! Starts children and kills them.

use std::{
    env,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_base::{
    BoxError,
    random::{Rng, SeededRng},
};
use purlin_sql::{Db, TimeOffset, crash};

use crate::{
    engine::Engine,
    ledger::{self, Ledger},
    subject::{ALL, Findings, Place, Subject, Task, World},
};

/// How long a child may work that is not killed by a point.
const WORK_MAX: Duration = Duration::from_millis(900);

/// How long the last child may take for what is left.
const FINISH_MAX: Duration = Duration::from_secs(120);

/// A point is reached this often at most before the child dies.
const PASSES_MAX: u64 = 12;

/// SIGKILL.
const KILLED: i32 = 9;

/// Kills `kills` processes and checks what is left.
pub(crate) fn run(
    subject: &dyn Subject,
    engine: &Engine,
    kills: u32,
    seed: u64,
) -> Result<(), BoxError> {
    let began = Instant::now();
    let place = Place {
        url: engine.url.clone(),
        ledger: engine.folder.path().join("ledger"),
    };
    let mut killer = Killer {
        subject,
        place: &place,
        rng: SeededRng::new(seed),
        round: 0,
        at_points: 0,
        at_times: 0,
        lingering: None,
    };
    while killer.kills() < kills {
        killer.round()?;
    }
    killer.end()?;
    let (at_points, at_times) = (killer.at_points, killer.at_times);
    let findings = check(subject, &place)?;
    let counted: Vec<String> = findings
        .counted
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    println!(
        "| {} | {} | {seed} | {} ({at_points} at points, {at_times} at times) | {} | {} | {} s |",
        subject.name(),
        engine.name,
        at_points + at_times,
        counted.join(", "),
        if findings.faults.is_empty() {
            "none"
        } else {
            "see below"
        },
        began.elapsed().as_secs(),
    );
    for fault in findings.faults.iter().take(20) {
        println!("  {fault}");
    }
    match findings.faults.len() {
        0 => Ok(()),
        count => Err(format!("{count} faults; again with --seed {seed}").into()),
    }
}

/// The parent's side of a run.
struct Killer<'a> {
    subject: &'a dyn Subject,
    place: &'a Place,
    rng: SeededRng,
    round: u64,
    at_points: u32,
    at_times: u32,
    /// A child that was let live beside its successor.
    lingering: Option<Child>,
}

impl Killer<'_> {
    fn kills(&self) -> u32 {
        self.at_points + self.at_times
    }

    /// Starts one child, and sees to it that one dies.
    fn round(&mut self) -> Result<(), BoxError> {
        let point = self.choose_point();
        let mut child = self.start(Task::Load, point.as_deref())?;
        let time = match point {
            Some(_) => WORK_MAX * 3,
            None => Duration::from_micros(self.rng.below(WORK_MAX.as_micros() as u64)),
        };
        if let Some(status) = wait(&mut child, time)? {
            self.at_points += 1;
            expect_killed(status)?;
        } else if self.lingering.is_none() && self.rng.below(4) == 0 {
            self.lingering = Some(child);
            return Ok(());
        } else {
            self.kill(child)?;
        }
        match self.lingering.take() {
            Some(child) => self.kill(child),
            None => Ok(()),
        }
    }

    /// Two of three die at a point.
    fn choose_point(&self) -> Option<String> {
        let points = self.subject.points();
        if self.rng.below(3) == 0 {
            return None;
        }
        let point = points[self.rng.below(points.len() as u64) as usize];
        Some(format!("{point}:{}", 1 + self.rng.below(PASSES_MAX)))
    }

    fn kill(&mut self, mut child: Child) -> Result<(), BoxError> {
        child.kill()?;
        self.at_times += 1;
        expect_killed(child.wait()?)
    }

    /// Lets one child do what is left.
    fn end(&mut self) -> Result<(), BoxError> {
        if let Some(child) = self.lingering.take() {
            self.kill(child)?;
        }
        let mut child = self.start(Task::Finish, None)?;
        match wait(&mut child, FINISH_MAX)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the last child failed: {status}").into()),
            None => {
                child.kill()?;
                child.wait()?;
                Err("the last child did not come to an end".into())
            }
        }
    }

    fn start(&mut self, task: Task, point: Option<&str>) -> Result<Child, BoxError> {
        self.round += 1;
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("child")
            .env("CRASH_SUBJECT", self.subject.name())
            .env("CRASH_URL", &self.place.url)
            .env("CRASH_LEDGER", &self.place.ledger)
            .env("CRASH_FINISH", if task == Task::Finish { "1" } else { "0" })
            .env("CRASH_ROUND", self.round.to_string())
            .env("CRASH_SEED", self.rng.next_u64().to_string())
            .env_remove(crash::VARIABLE);
        if let Some(point) = point {
            command.env(crash::VARIABLE, point);
        }
        Ok(command.spawn()?)
    }
}

/// Waits for the end of a child. `None`: it lives still.
#[expect(clippy::disallowed_methods, reason = "a process has no future here")]
fn wait(child: &mut Child, time: Duration) -> Result<Option<ExitStatus>, BoxError> {
    let until = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn expect_killed(status: ExitStatus) -> Result<(), BoxError> {
    match status.signal() {
        Some(KILLED) => Ok(()),
        _ => Err(format!("a child ended by itself: {status}").into()),
    }
}

fn check(subject: &dyn Subject, place: &Place) -> Result<Findings, BoxError> {
    let lines = ledger::read(&place.ledger)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let db = Db::connect(place.url.as_str()).await?;
        let findings = subject.check(&lines, &db).await;
        db.close().await;
        findings
    })
}

/// The work of a child.
pub(crate) fn child() -> Result<(), BoxError> {
    let said = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let name = said("CRASH_SUBJECT")?;
    let subject = ALL.iter().find(|subject| subject.name() == name);
    let subject = subject.ok_or("there is no such subject")?;
    let ledger = PathBuf::from(said("CRASH_LEDGER")?);
    let round: u32 = said("CRASH_ROUND")?.parse()?;
    let offset = TimeOffset::default();
    offset.advance(subject.lease() * round);
    tokio::runtime::Runtime::new()?.block_on(async {
        let world = World {
            db: Db::connect(said("CRASH_URL")?).await?,
            task: if said("CRASH_FINISH")? == "1" {
                Task::Finish
            } else {
                Task::Load
            },
            round,
            past: ledger::read(&ledger)?,
            ledger: Arc::new(Ledger::open(&ledger)?),
            offset,
            rng: Arc::new(SeededRng::new(said("CRASH_SEED")?.parse()?)),
        };
        subject.work(world).await
    })
}
