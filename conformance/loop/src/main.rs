//! The commands of the loop's conformance.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

use std::{fs, process::ExitCode, thread, time::Instant};

use conformance_loop::{
    compare::{Plan, Report, compare},
    generator::case,
    interpreter::{Time, trace},
    program::Program,
};

const USAGE: &str = "\
conformance-loop COMMAND

  trace [--real-time] FILE …            the traces of programs, separated by a line ---
  generate [--seed N] [--count K]       random programs, one on each line
  compare [--seed N] [--programs K] [--processes P] [--alone A]
                                        as many programs in Node and here
";

/// A stack for programs that are nested as deeply as they may be.
const STACK_BYTES: usize = 1 << 29;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || run(&arguments));
    let ended = command.map(|thread| thread.join().expect("it says what is wrong"));
    match ended {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Ok(Err(message)) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether it went well; an error is a wrong input.
fn run(arguments: &[String]) -> Result<bool, String> {
    match arguments.split_first() {
        Some((command, rest)) if command == "trace" => trace_files(rest),
        Some((command, rest)) if command == "generate" => generate(&Options::parse(rest)?),
        Some((command, rest)) if command == "compare" => compare_many(&Options::parse(rest)?),
        _ => Err(USAGE.trim_end().to_owned()),
    }
}

fn trace_files(arguments: &[String]) -> Result<bool, String> {
    let is_real = arguments.iter().any(|it| it == "--real-time");
    let files = arguments.iter().filter(|it| *it != "--real-time");
    // All are read first, so that nothing is printed if one of them is no program.
    let programs: Vec<Program> = files.map(|file| read(file)).collect::<Result<_, _>>()?;
    if programs.is_empty() {
        return Err("trace: no file".to_owned());
    }
    for (index, program) in programs.iter().enumerate() {
        if index > 0 {
            println!("---");
        }
        let time = if is_real { Time::Real } else { Time::default() };
        for line in trace(program, time).map_err(|error| error.to_string())? {
            println!("{line}");
        }
    }
    Ok(true)
}

fn read(file: &str) -> Result<Program, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Program::parse(&text).map_err(|error| format!("{file}: {error}"))
}

/// The numbers that may be given.
struct Options {
    seed: u64,
    count: u64,
    processes: u64,
    alone: u64,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            seed: 1,
            count: 100,
            processes: 6,
            alone: 0,
        };
        for pair in arguments.chunks(2) {
            let value = pair.get(1).and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| format!("`{}` needs a number", pair[0]))?;
            match pair[0].as_str() {
                "--seed" => options.seed = value,
                "--count" | "--programs" => options.count = value,
                "--processes" => options.processes = value,
                "--alone" => options.alone = value,
                unknown => return Err(format!("unknown option `{unknown}`\n{USAGE}")),
            }
        }
        Ok(options)
    }
}

fn generate(options: &Options) -> Result<bool, String> {
    for number in 0..options.count {
        println!(
            "{}",
            case(options.seed.wrapping_add(number)).program.to_json()
        );
    }
    Ok(true)
}

fn compare_many(options: &Options) -> Result<bool, String> {
    let started = Instant::now();
    let report = compare(&Plan {
        programs: options.count,
        seed: options.seed,
        processes: options.processes,
        alone: options.alone,
    });
    let report = report.map_err(|error| error.to_string())?;
    println!(
        "{} programs from seed {}, {} ops, {} lines: {} differ, {} disturbed; {} also run alone; {:.0} s",
        report.compared,
        options.seed,
        report.ops,
        report.lines,
        report.differing.len(),
        report.disturbed,
        options.alone.min(report.compared),
        started.elapsed().as_secs_f64(),
    );
    print_differences(&report);
    Ok(report.agrees())
}

fn print_differences(report: &Report) {
    if !report.differing.is_empty() {
        println!("seeds that differ: {:?}", report.differing);
    }
    if let Some(smallest) = &report.smallest {
        println!("the smallest program that differs:");
        println!("{}", smallest.program.to_json());
        println!("node: {}", smallest.node.join(" "));
        println!("ours: {}", smallest.ours.join(" "));
    }
}
