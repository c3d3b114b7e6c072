//! The two passes of an import.

use std::{
    fmt,
    fs::File,
    future::Future,
    io::{BufRead, BufReader, Seek},
    path::Path,
};

use super::{
    BadRow, HeaderFault, ImportError, ImportRow,
    columns::Columns,
    repeats::{Survey, survey, unreadable},
    row,
    rows::Rows,
};

/// Rows handed to the sink at once, and committed at once.
pub const BATCH_ROWS: usize = 200;

/// Takes the rows of an import into the catalogue.
pub trait BookSink: Send + Sync {
    /// Why a batch was not taken.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Takes 1 to [`BATCH_ROWS`] rows, all or none; when it returns they are there for good.
    ///
    /// A book with the same [`Identity`](crate::books::Identity) is updated, and left untouched
    /// (its version too) when nothing differs. No two rows of a batch have the same identity.
    fn upsert(
        &self,
        batch: &[ImportRow],
    ) -> impl Future<Output = Result<BatchOutcome, Self::Error>> + Send;
}

/// What became of the rows of a batch. The three add up to its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Books that were not there before.
    pub created: u64,
    /// Books that were there and differed.
    pub updated: u64,
    /// Books that were there and were the same.
    pub unchanged: u64,
}

/// What became of the rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Books that were not there before.
    pub created: u64,
    /// Books that were there and differed.
    pub updated: u64,
    /// Books that were there and were the same.
    pub unchanged: u64,
    /// Rows not written because a later row of the file is the same book.
    pub replaced: u64,
    /// Rows that were passed over.
    pub bad: u64,
}

impl Report {
    /// The exit code of the program: 0 when all rows were good, else 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.bad > 0)
    }

    fn add(&mut self, outcome: BatchOutcome) {
        self.created += outcome.created;
        self.updated += outcome.updated;
        self.unchanged += outcome.unchanged;
    }
}

impl fmt::Display for Report {
    /// `created 3, updated 1, unchanged 0, replaced 0, bad 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "created {}, updated {}, unchanged {}, replaced {}, bad {}",
            self.created, self.updated, self.unchanged, self.replaced, self.bad
        )
    }
}

/// Watches an import while it runs.
pub trait Observer {
    /// A row was passed over.
    fn bad_row(&mut self, row: &BadRow);

    /// `bytes` of the file have been read and what was good in them is in the catalogue.
    fn advanced(&mut self, bytes: u64);
}

/// A file that has been read once and can be imported: its header is right.
pub struct SurveyedFile {
    input: BufReader<File>,
    survey: Survey,
}

impl SurveyedFile {
    /// Reads the file at `path` and writes nothing, so that what is wrong with the file as a whole
    /// is known before there is a catalogue to write to.
    ///
    /// Reading blocks the thread it runs on: give it a thread or a process of its own.
    ///
    /// # Errors
    ///
    /// [`ImportError`], but for [`ImportError::Store`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let mut input = BufReader::new(File::open(path).map_err(unreadable)?);
        let survey = surveyed(&mut input)?;
        Ok(Self { input, survey })
    }

    /// Imports the file.
    ///
    /// # Errors
    ///
    /// As [`import`].
    ///
    /// # Cancel safety
    ///
    /// As [`import`].
    pub async fn import<S: BookSink>(
        self,
        sink: &S,
        observer: &mut (impl Observer + Send),
    ) -> Result<Report, ImportError> {
        write(self.input, &self.survey, sink, observer).await
    }
}

/// Imports the books in `input`, which is read from the start twice.
///
/// Reading blocks the thread it runs on: give it a thread or a process of its own.
///
/// # Errors
///
/// See [`ImportError`]: when the file is at fault nothing was written, when the sink is, the
/// batches before are kept. Bad rows are no error: they are told to `observer` and counted.
///
/// # Cancel safety
///
/// Dropped, it leaves every batch that was taken, and half of none. Importing again completes it.
pub async fn import<R: BufRead + Seek, S: BookSink>(
    mut input: R,
    sink: &S,
    observer: &mut (impl Observer + Send),
) -> Result<Report, ImportError> {
    let survey = surveyed(&mut input)?;
    write(input, &survey, sink, observer).await
}

/// The first pass, from the start and back to it.
fn surveyed<R: BufRead + Seek>(input: &mut R) -> Result<Survey, ImportError> {
    input.rewind().map_err(unreadable)?;
    let survey = survey(&mut *input)?;
    input.rewind().map_err(unreadable)?;
    Ok(survey)
}

/// The second pass: hands the good rows to `sink`.
async fn write<R: BufRead, S: BookSink>(
    input: R,
    survey: &Survey,
    sink: &S,
    observer: &mut (impl Observer + Send),
) -> Result<Report, ImportError> {
    let mut rows = Rows::new(input);
    header(&mut rows)?;
    let (mut report, mut batch) = (Report::default(), Vec::with_capacity(BATCH_ROWS));
    while let Some(row) = rows.next().map_err(unreadable)? {
        match row.and_then(|row| row::parse(&survey.columns, &row)) {
            Err(bad) => {
                report.bad += 1;
                observer.bad_row(&bad);
            }
            Ok(row) if survey.replaced.contains(&row.line) => report.replaced += 1,
            Ok(row) => batch.push(row),
        }
        if batch.len() == BATCH_ROWS {
            hand_over(&mut batch, sink, &mut report).await?;
            observer.advanced(rows.offset());
        }
    }
    hand_over(&mut batch, sink, &mut report).await?;
    observer.advanced(rows.offset());
    Ok(report)
}

async fn hand_over<S: BookSink>(
    batch: &mut Vec<ImportRow>,
    sink: &S,
    report: &mut Report,
) -> Result<(), ImportError> {
    if batch.is_empty() {
        return Ok(());
    }
    match sink.upsert(batch).await {
        Ok(outcome) => report.add(outcome),
        Err(error) => {
            let source = Box::new(error);
            let done = *report;
            return Err(ImportError::Store { done, source });
        }
    }
    batch.clear();
    Ok(())
}

/// Reads the header row.
pub(super) fn header<R: BufRead>(rows: &mut Rows<R>) -> Result<Columns, ImportError> {
    let first = rows.next().map_err(unreadable)?;
    let fields = match first {
        Some(Ok(row)) => row.fields().ok(),
        Some(Err(_)) | None => None,
    };
    let found = fields.ok_or_else(HeaderFault::nothing);
    found
        .and_then(|fields| Columns::find(&fields))
        .map_err(ImportError::Header)
}
