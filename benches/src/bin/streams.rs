//! Compresses a file in a pipeline:
//!
//! - `streams make PATH BYTES` writes a file of lines as a log has them, the same each time.
//! - `streams single FROM TO LEVEL` is gzip on one thread of the pool.
//! - `streams parallel FROM TO LEVEL THREADS` is gzip by blocks.
//!
//! The last two print a line of JSON: seconds, bytes, and the peak of resident memory.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    time::Instant,
};

use purlin_runtime::{
    CpuPool,
    stream::{Gzip, ParallelGzip, Readable, Transform, Writable, pipeline},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", path, bytes] => make(path, bytes.parse()?),
        ["single", from, to, level] => run(from, to, level.parse()?, None),
        ["parallel", from, to, level, threads] => {
            run(from, to, level.parse()?, Some(threads.parse()?))
        }
        _ => Err("say make, single or parallel, and what the head of the file says".into()),
    }
}

fn run(from: &str, to: &str, level: u32, threads: Option<usize>) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let begun = Instant::now();
    let moved = runtime.block_on(async {
        let pool = CpuPool::builder().threads(threads.unwrap_or(1)).build()?;
        let source = pipeline(Readable::open(from).await?);
        let packed = match threads {
            None => source.through(Gzip::level(level)?.on(&pool)),
            Some(_) => source.through(ParallelGzip::level(level, &pool)?),
        };
        let moved = packed.into(Writable::create(to).await?).await?;
        Ok::<_, Box<dyn Error>>(moved)
    })?;
    println!(
        r#"{{"seconds":{:.3},"read":{},"written":{},"peak_kb":{}}}"#,
        begun.elapsed().as_secs_f64(),
        moved.read,
        moved.written,
        peak_kb()
    );
    Ok(())
}

/// The most resident memory so far; 0 where the system does not say.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    number.unwrap_or(0)
}

fn make(path: &str, bytes: u64) -> Result<(), Box<dyn Error>> {
    const PATHS: [&str; 8] = [
        "/books",
        "/books/7",
        "/orders",
        "/carts/mine",
        "/login",
        "/covers/12",
        "/health",
        "/search",
    ];
    let mut file = BufWriter::new(File::create(path)?);
    let (mut state, mut written) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    while written < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let line = format!(
            "{{\"time\":{},\"request\":\"{state:016x}\",\"path\":\"{}\",\"status\":{},\"ms\":{}}}\n",
            1_764_000_000_000 + written / 7,
            PATHS[(state >> 20) as usize % PATHS.len()],
            if state.is_multiple_of(50) { 404 } else { 200 },
            (state >> 40) % 300,
        );
        file.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    file.flush()?;
    Ok(())
}
