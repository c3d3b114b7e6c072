//! `watch [SECONDS [ROUNDS]]`: what diagnostics cost over HTTP. Servers that watch, and that know for
//! whom memory is held, beside one that does neither; all loaded in turn, forwards and backwards, and
//! compared by CPU time for each request, within each round.
//!
//! `cargo build --release -p purlin-benches && target/release/watch`
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    env,
    error::Error,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use purlin_benches::{diagnosed, report::percentile};

type Fault = Box<dyn Error>;

/// A contestant: its name, its program, and what that is told.
type Contestant = (&'static str, &'static str, &'static str);

/// The first is what the others are compared with.
const CONTESTANTS: [Contestant; 4] = [
    ("neither", "watch", "plain"),
    ("neither, again", "watch", "plain"),
    ("culprit watch, labels and metrics", "watch", "diagnosed"),
    ("leak attribution", "watch_heap", "plain"),
];

fn main() -> Result<(), Fault> {
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("serve") => diagnosed::serve(arguments.next().as_deref() == Some("diagnosed")),
        seconds => {
            let seconds = seconds.map_or(Ok(3.0), str::parse)?;
            let rounds = arguments.next().map_or(Ok(9), |it| it.parse())?;
            compare(seconds, rounds)
        }
    }
}

fn compare(seconds: f64, rounds: usize) -> Result<(), Fault> {
    let servers = CONTESTANTS.iter().map(Server::start);
    let servers = servers.collect::<Result<Vec<_>, _>>()?;
    for server in &servers {
        server.load(1.0)?;
    }
    let mut ratios = vec![Vec::new(); servers.len()];
    for round in 0..rounds {
        let mut costs = vec![0.0; servers.len()];
        let mut order: Vec<usize> = (0..servers.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            costs[index] = servers[index].load(seconds)?;
        }
        for (ratios, cost) in ratios.iter_mut().zip(&costs) {
            ratios.push((cost / costs[0] * 1e5) as u32);
        }
    }
    println!(
        "CPU time of a request, as a ratio to `neither`; median of {rounds} rounds, least to most:"
    );
    for ((name, ..), mut ratios) in CONTESTANTS.iter().zip(ratios) {
        ratios.sort_unstable();
        let at = |part| f64::from(percentile(&ratios, part)) / 1e5;
        println!("{:.4} ({:.4} to {:.4})  {name}", at(0.5), at(0.0), at(1.0));
    }
    Ok(())
}

/// A server in a process of its own; it ends with this.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start((_, program, mode): &Contestant) -> Result<Self, Fault> {
        let mut process = Command::new(sibling(program)?)
            .args(["serve", mode])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("it has a pipe")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .split(' ')
            .nth(1)
            .ok_or("it does not say where it listens")?;
        Ok(Self {
            address: address.to_owned(),
            process,
        })
    }

    /// CPU nanoseconds for each request, under load.
    fn load(&self, seconds: f64) -> Result<f64, Fault> {
        let before = self.cpu_time()?;
        let output = Command::new(sibling("load")?)
            .args([
                "--address",
                &self.address,
                "--seconds",
                &seconds.to_string(),
            ])
            .stderr(Stdio::inherit())
            .output()?;
        let figures: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        if !output.status.success() {
            return Err(format!("the load failed: {figures}").into());
        }
        let requests = figures["requests"].as_f64().ok_or("no requests")?;
        Ok((self.cpu_time()? - before).as_nanos() as f64 / requests)
    }

    /// What all of its threads have had of a processor.
    fn cpu_time(&self) -> Result<Duration, Fault> {
        let mut nanos = 0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let stat = std::fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += stat.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// A program that was built with this one.
fn sibling(name: &str) -> Result<PathBuf, Fault> {
    Ok(env::current_exe()?.with_file_name(name))
}
