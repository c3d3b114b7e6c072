//! The command line: which command, and with what settings.

mod import;
mod jobs;
mod routes;
mod serve;
mod work;

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use purlin::core::config::{self, Config, ConfigErrors, Sources, take_flag};

use crate::settings::{self, Settings};

/// Ends a program that was told something wrong: a setting, a command, a file.
const WRONG: u8 = 2;

const USAGE: &str = "\
Usage: bookshop [serve] [SETTINGS]
       bookshop work [--queues NAME,NAME] [SETTINGS]
       bookshop jobs [COMMAND …] [SETTINGS]
       bookshop import FILE.csv [SETTINGS]
       bookshop routes [--access] [--json] [SETTINGS]

Commands:
  serve    Serves the shop; what is done when no command is given
  work     Works jobs and serves nothing; as many processes as wanted share one database
  jobs     Shows and operates jobs; `bookshop jobs help` lists how
  import   Adds the books of a CSV file to the catalogue, or updates them
  routes   Lists what is served; with --access who may call it, with --json for tools

Options:
  --queues <NAMES> Which queues `work` works; without it all of them
  --config <FILE>  The file of settings; without it bookshop.toml, if it is there
  --help           Shows this
  --version        Shows the version

Settings, from the file (lower case), the environment (upper case) and flags; later wins:
";

/// What is to be done.
enum Command {
    Serve,
    Work(Vec<String>),
    Jobs(jobs::Command),
    Import(PathBuf),
    Routes(routes::Shown),
    Help,
    Version,
}

/// Runs the program with `arguments`, which do not hold its own name, and says how it ends.
///
/// 0: well; 1: the world is at fault; 2: what it was told is.
pub async fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            say(&message);
            ExitCode::from(code)
        }
    }
}

async fn run(mut arguments: Vec<OsString>) -> Result<(), Failure> {
    match command(&mut arguments)? {
        Command::Help => {
            print(USAGE.trim_end());
            print(config::help(&Settings::describe()).trim_end());
        }
        Command::Version => print(concat!("bookshop ", env!("CARGO_PKG_VERSION"))),
        Command::Serve => serve::run(read(arguments)?).await?,
        Command::Work(queues) => work::run(read(arguments)?, queues).await?,
        Command::Jobs(command) => jobs::run(read(arguments)?, command).await?,
        Command::Import(file) => import::run(read(arguments)?, &file).await?,
        Command::Routes(shown) => routes::run(read(arguments)?, shown).await?,
    }
    Ok(())
}

/// Takes the command out of `arguments`; what is left are settings.
fn command(arguments: &mut Vec<OsString>) -> Result<Command, Failure> {
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has("--help") || has("-h") {
        return Ok(Command::Help);
    }
    if has("--version") || has("-V") {
        return Ok(Command::Version);
    }
    let is_flag = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"-");
    if arguments.first().is_none_or(is_flag) {
        return Ok(Command::Serve);
    }
    let name = arguments.remove(0);
    match name.to_str() {
        Some("serve") => Ok(Command::Serve),
        Some("work") => Ok(Command::Work(work::take_queues(arguments)?)),
        Some("jobs") => Ok(Command::Jobs(jobs::Command::take(arguments)?)),
        Some("routes") => Ok(Command::Routes(routes::Shown::take(arguments))),
        Some("import") if arguments.first().is_none_or(is_flag) => Err(Failure::wrong(
            "import: FILE.csv is missing; write `bookshop import FILE.csv`",
        )),
        Some("import") => Ok(Command::Import(arguments.remove(0).into())),
        _ => {
            let name = name.to_string_lossy();
            let name = name.escape_debug();
            Err(Failure::wrong(format!(
                "there is no command `{name}`; see `bookshop --help`"
            )))
        }
    }
}

fn read(mut arguments: Vec<OsString>) -> Result<Settings, Failure> {
    let named = take_flag(&mut arguments, "config")?;
    let sources = match &named {
        Some(file) => Sources::new().file(file, true),
        None => Sources::new().file(settings::FILE, false),
    };
    Ok(Settings::load(
        &sources.env(env::vars_os()).flags(arguments),
    )?)
}

/// Why the program ends, and with what code.
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    fn wrong(message: impl Into<String>) -> Self {
        Self {
            code: WRONG,
            message: message.into(),
        }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::wrong(errors.to_string())
    }
}

impl From<purlin::AppError> for Failure {
    fn from(error: purlin::AppError) -> Self {
        Self {
            code: error.exit_code(),
            message: error.report(),
        }
    }
}

/// A line on standard output. That nobody reads it is no reason to stop.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Lines on standard error.
fn say(lines: &str) {
    let mut stderr = io::stderr().lock();
    for line in lines.lines() {
        let _ = writeln!(stderr, "bookshop: {line}");
    }
}
