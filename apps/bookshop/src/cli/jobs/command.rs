//! What `bookshop jobs` is told.

use std::{ffi::OsString, time::Duration};

use purlin::queue::{State, store::Change};

use super::super::Failure;
use crate::jobs::QUEUES;

/// How it is used.
pub(super) const USAGE: &str = "\
Usage: bookshop jobs [COMMAND] [SETTINGS]

Look:
  (nothing)                    every queue, and how many jobs are in each state
  list QUEUE [STATE]           its jobs, the next or the newest first
  show JOB                     one of them
  workers                      the workers that are there

Operate a queue:
  pause [QUEUE]                no job is taken any more; without a name: of no queue
  resume [QUEUE]               jobs are taken again
  drain QUEUE [--delayed]      removes what waits
  clean QUEUE STATE SECONDS    removes what is older
  retry QUEUE                  runs its dead letters again
  promote QUEUE                makes its delayed jobs ready
  obliterate QUEUE [--force]   removes everything

Operate a job:
  cancel JOB, promote-job JOB, retry-job JOB, bury JOB, remove JOB

States: waiting, prioritized, delayed, active, waiting-children, completed, failed
";

/// What is to be done.
pub(in super::super) enum Command {
    Help,
    Queues,
    List { queue: String, state: Option<State> },
    Show { id: String },
    Workers,
    Pause { queue: Option<String> },
    Resume { queue: Option<String> },
    Bulk { queue: String, bulk: Bulk },
    One { id: String, change: Change },
}

/// What is done to many jobs.
pub(in super::super) enum Bulk {
    Drain { delayed: bool },
    Clean { state: State, older: Duration },
    Retry,
    Promote,
    Obliterate { force: bool },
}

impl Command {
    /// Takes the words of the command out of `arguments`; what is left are settings.
    pub(in super::super) fn take(arguments: &mut Vec<OsString>) -> Result<Self, Failure> {
        let mut words = Words::take(arguments);
        let command = words.command()?;
        match words.rest.first() {
            None => Ok(command),
            Some(word) => Err(wrong(format!(
                "`{}` is one word too many",
                word.escape_debug()
            ))),
        }
    }
}

/// The words in front of the settings, and the switches among them.
struct Words {
    rest: Vec<String>,
    delayed: bool,
    force: bool,
}

impl Words {
    fn take(arguments: &mut Vec<OsString>) -> Self {
        let mut switch = |name: &str| {
            let before = arguments.len();
            arguments.retain(|argument| argument != name);
            arguments.len() < before
        };
        let (delayed, force) = (switch("--delayed"), switch("--force"));
        let is_flag = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"-");
        let settings = arguments
            .iter()
            .position(is_flag)
            .unwrap_or(arguments.len());
        let words = arguments.drain(..settings);
        Self {
            rest: words
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            delayed,
            force,
        }
    }

    fn command(&mut self) -> Result<Command, Failure> {
        let Some(name) = self.maybe() else {
            return Ok(Command::Queues);
        };
        Ok(match &*name {
            "help" => Command::Help,
            "list" => Command::List {
                queue: self.queue()?,
                state: self.maybe().map(|name| state(&name)).transpose()?,
            },
            "show" => Command::Show { id: self.job()? },
            "workers" => Command::Workers,
            "pause" => Command::Pause {
                queue: self.maybe_queue()?,
            },
            "resume" => Command::Resume {
                queue: self.maybe_queue()?,
            },
            "drain" | "clean" | "retry" | "promote" | "obliterate" => Command::Bulk {
                queue: self.queue()?,
                bulk: self.bulk(&name)?,
            },
            _ => Command::One {
                change: change(&name)?,
                id: self.job()?,
            },
        })
    }

    fn bulk(&mut self, name: &str) -> Result<Bulk, Failure> {
        Ok(match name {
            "drain" => Bulk::Drain {
                delayed: self.delayed,
            },
            "clean" => Bulk::Clean {
                state: state(&self.next("a state")?)?,
                older: self.seconds()?,
            },
            "retry" => Bulk::Retry,
            "promote" => Bulk::Promote,
            _ => Bulk::Obliterate { force: self.force },
        })
    }

    fn maybe(&mut self) -> Option<String> {
        (!self.rest.is_empty()).then(|| self.rest.remove(0))
    }

    fn next(&mut self, what: &str) -> Result<String, Failure> {
        self.maybe()
            .ok_or_else(|| wrong(format!("{what} is missing")))
    }

    fn queue(&mut self) -> Result<String, Failure> {
        known(self.next("a queue")?)
    }

    fn maybe_queue(&mut self) -> Result<Option<String>, Failure> {
        self.maybe().map(known).transpose()
    }

    fn job(&mut self) -> Result<String, Failure> {
        self.next("the id of a job")
    }

    fn seconds(&mut self) -> Result<Duration, Failure> {
        let word = self.next("an age in seconds")?;
        let seconds = word
            .parse()
            .map_err(|_| wrong("the age is a number of seconds"))?;
        Ok(Duration::from_secs(seconds))
    }
}

fn known(queue: String) -> Result<String, Failure> {
    if QUEUES.contains(&&*queue) {
        return Ok(queue);
    }
    let (named, there) = (queue.escape_debug(), QUEUES.join(", "));
    Err(wrong(format!(
        "there is no queue `{named}`; there are {there}"
    )))
}

fn state(name: &str) -> Result<State, Failure> {
    State::by_name(name)
        .ok_or_else(|| wrong(format!("there is no state `{}`", name.escape_debug())))
}

fn change(name: &str) -> Result<Change, Failure> {
    Ok(match name {
        "cancel" => Change::Cancel,
        "promote-job" => Change::Promote,
        "retry-job" => Change::Redrive,
        "remove" => Change::Remove,
        "bury" => Change::Bury {
            reason: "by an operator".to_owned(),
        },
        _ => return Err(wrong(format!("there is no `{}`", name.escape_debug()))),
    })
}

fn wrong(message: impl std::fmt::Display) -> Failure {
    Failure::wrong(format!("jobs: {message}; see `bookshop jobs help`"))
}
