//! Whether the memory of this process stays flat.

use std::{fmt, time::Duration};

use purlin::diagnostics::memory::ProcessMemory;

/// What the memory may grow by over the whole of a soak, by the line that fits its looks best.
/// What an allocator keeps for later moves by about as much.
pub(crate) const GROWTH_BYTES_MAX: i64 = 4 << 20;

/// Looks at the resident memory over time.
#[derive(Default)]
pub(crate) struct Flatness {
    looks: Vec<(f64, f64)>,
}

impl Flatness {
    /// Looks now. Where the operating system does not say, nothing is noted.
    pub(crate) fn look(&mut self, at: Duration) {
        if let Some(memory) = ProcessMemory::now() {
            self.note(at, memory.resident);
        }
    }

    pub(crate) fn note(&mut self, at: Duration, resident: u64) {
        self.looks.push((at.as_secs_f64(), resident as f64));
    }

    /// By how much the line through the looks rises from the first to the last.
    pub(crate) fn growth_bytes(&self) -> i64 {
        let (Some((first, _)), Some((last, _))) = (self.looks.first(), self.looks.last()) else {
            return 0;
        };
        (self.bytes_each_second() * (last - first)) as i64
    }

    /// The slope of least squares.
    fn bytes_each_second(&self) -> f64 {
        let count = self.looks.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| self.looks.iter().map(of).sum::<f64>() / count;
        let (time, bytes) = (mean(|look| look.0), mean(|look| look.1));
        let from_mean = self
            .looks
            .iter()
            .map(|look| (look.0 - time, look.1 - bytes));
        let (both, squares) = from_mean.fold((0.0, 0.0), |(both, squares), (time, bytes)| {
            (both + time * bytes, squares + time * time)
        });
        if squares > 0.0 { both / squares } else { 0.0 }
    }
}

/// `38.2 to 39.0 MiB resident, grown by 0.1 MiB in 450 s`.
impl fmt::Display for Flatness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: f64| bytes / f64::from(1 << 20);
        let resident = self.looks.iter().map(|look| mebibytes(look.1));
        let least = resident.clone().fold(f64::INFINITY, f64::min);
        let most = resident.fold(0.0, f64::max);
        let seconds = match (self.looks.first(), self.looks.last()) {
            (Some(first), Some(last)) => last.0 - first.0,
            _ => return f.write_str("the system does not say"),
        };
        let growth = mebibytes(self.growth_bytes() as f64);
        write!(
            f,
            "{least:.1} to {most:.1} MiB resident, grown by {growth:.2} MiB in {seconds:.0} s"
        )
    }
}
