//! What the person at the terminal sees of an import.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{BadRow, Observer};

/// Writes bad rows to standard error as they are found, and shows a progress bar there when
/// standard error is a terminal.
#[derive(Debug)]
pub struct Console {
    bar: ProgressBar,
}

impl Console {
    /// A console for a file of `file_bytes` bytes.
    pub fn new(file_bytes: u64) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}");
        let bar = ProgressBar::with_draw_target(Some(file_bytes), target);
        Self {
            bar: match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            },
        }
    }
}

impl Observer for Console {
    fn bad_row(&mut self, row: &BadRow) {
        // A closed standard error is no reason to stop: the exit code still tells.
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{row}");
        });
    }

    fn advanced(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
