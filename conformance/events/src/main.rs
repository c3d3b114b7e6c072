//! `conformance-events`: traces of scenarios, and whether they are those of Node.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

use std::{fs, process::ExitCode, thread};

use conformance_events::{Limits, Scenario, compare, generate, trace};

const USAGE: &str = "\
conformance-events trace SCENARIO.json…             the trace of each, with a line --- between them
conformance-events compare [--scenarios N] [--seed S]   N random scenarios on Node and on ours
conformance-events generate [--scenarios N] [--seed S]  N random scenarios, one in each line
";

/// Scenarios may emit inside emits as deeply as on Node.
const STACK_BYTES: usize = 1 << 30;

/// Not well-formed, or not understood.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    let run = || {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        run(&arguments)
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(code))) => code,
        Ok(Ok(Err(message))) => {
            eprintln!("{message}");
            ExitCode::from(REFUSED)
        }
        Ok(Err(_panicked)) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("no thread could be started: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(USAGE.to_owned());
    };
    match command.as_str() {
        "trace" if !rest.is_empty() => trace_files(rest),
        "compare" => compare_random(&Options::parse(rest)?),
        "generate" => {
            let Options { scenarios, seed } = Options::parse(rest)?;
            for number in 0..scenarios as u64 {
                println!(
                    "{}",
                    generate::scenario(seed.wrapping_add(number)).to_json()
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// Nothing is printed before all files are known to be well-formed.
fn trace_files(files: &[String]) -> Result<ExitCode, String> {
    let scenarios = files.iter().map(|file| {
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        Scenario::parse(&text).map_err(|error| format!("{file}: {error}"))
    });
    let scenarios = scenarios.collect::<Result<Vec<_>, _>>()?;
    let traces = scenarios.iter().map(|scenario| {
        let lines = trace(scenario, Limits::WRITTEN).map_err(|error| error.to_string())?;
        Ok(lines
            .into_iter()
            .map(|line| line + "\n")
            .collect::<String>())
    });
    let traces = traces.collect::<Result<Vec<_>, String>>()?;
    print!("{}", traces.join("---\n"));
    Ok(ExitCode::SUCCESS)
}

fn compare_random(options: &Options) -> Result<ExitCode, String> {
    let Options { scenarios, seed } = *options;
    let found = compare::random(scenarios, seed);
    let found = found.map_err(|error| format!("the comparison with Node failed: {error}"))?;
    Ok(match found {
        None => {
            println!("{scenarios} scenarios from seed {seed} have the same trace on Node");
            ExitCode::SUCCESS
        }
        Some(difference) => {
            print!("{difference}");
            ExitCode::FAILURE
        }
    })
}

struct Options {
    scenarios: usize,
    seed: u64,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            scenarios: 10_000,
            seed: 0,
        };
        for pair in arguments.chunks(2) {
            let [name, value] = pair else {
                return Err(USAGE.to_owned());
            };
            let wrong = || format!("`{value}` is not a number for {name}\n{USAGE}");
            match name.as_str() {
                "--scenarios" => options.scenarios = value.parse().map_err(|_| wrong())?,
                "--seed" => options.seed = value.parse().map_err(|_| wrong())?,
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }
}
