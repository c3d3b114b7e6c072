#!/usr/bin/env python3
"""How long 60 modules of 5 providers take to check and to start.

Writes a crate of that size under `target/module-bench` and prints `cargo check` of that crate alone
(dependencies are checked before), and the time to build and start the container of a release build.
Wired in two ways: `layers`, six of ten modules, each importing three of the layer below; and `chain`,
as Nest's in `peers/nest-start.mjs`: each provider takes the one before it, 300 deep.

    benches/modules/run.py [--modules 60] [--providers 5] [--rounds 5]
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CRATE = ROOT / "target" / "module-bench"

MANIFEST = """[package]
name = "module-bench"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
purlin-core = {{ path = "{core}" }}
purlin-base = {{ path = "{base}" }}
tokio = {{ version = "1", features = ["rt-multi-thread", "macros"] }}
"""

MAIN = """
#[tokio::main]
async fn main() {
    let begun = std::time::Instant::now();
    let container = purlin_core::Container::builder::<Root>().build().await.expect("builds");
    container.start().await.expect("starts");
    println!("{}", begun.elapsed().as_micros());
    container.stop(purlin_base::lifecycle::StopReason::Requested).await;
}
"""


def chain(module):
    """The modules that this one imports: the one before it."""
    return [module - 1] if module else []


def layers(module):
    """The modules that this one imports: three of the ten in the layer below."""
    below, at = divmod(module, 10)
    return [(below - 1) * 10 + (at + step) % 10 for step in range(3)] if below else []


def provider(module, at, providers, imports):
    """The struct of one provider: it takes the one before it, the first what the imports export."""
    last = providers - 1
    before = [(module, at - 1)] if at else [(source, last) for source in imports]
    if len(imports) > 1 and at:
        before += [(source, last) for source in imports[:2]]
    fields = "".join(f" f{n}: Arc<P{m}_{p}>," for n, (m, p) in enumerate(before))
    return f"#[injectable]\npub struct P{module}_{at} {{{fields} }}\n"


def source(modules, providers, wiring):
    """The whole program."""
    # The chain nests 300 concrete types; 128, the default, is enough for about 60.
    out = '#![recursion_limit = "1024"]\n#![allow(dead_code)]\n'
    out += "use std::sync::Arc;\nuse purlin_core::{injectable, module};\n"
    tops = set(range(modules))
    for m in range(modules):
        imports = wiring(m)
        tops -= set(imports)
        out += "".join(provider(m, at, providers, imports) for at in range(providers))
        out += module(f"M{m}", imports, [f"P{m}_{at}" for at in range(providers)])
    return out + module("Root", sorted(tops), []) + MAIN


def module(name, imports, listed):
    """One module; it exports the last of its providers."""
    imports = ", ".join(f"M{it}" for it in imports)
    exports = "".join(listed[-1:])
    return f"#[module(imports({imports}), providers({', '.join(listed)}), exports({exports}))]\npub struct {name};\n"


def run(*command):
    return subprocess.run(command, cwd=CRATE, check=True, capture_output=True, text=True).stdout


def check_seconds(main, text):
    """`cargo check` of the crate alone."""
    main.write_text(text + f"// {time.time_ns()}\n")
    begun = time.monotonic()
    run("cargo", "check", "--offline", "--quiet")
    return time.monotonic() - begun


def measure(args, wiring):
    main = CRATE / "src" / "main.rs"
    main.parent.mkdir(parents=True, exist_ok=True)
    paths = {part: ROOT / "crates" / f"purlin-{part}" for part in ("core", "base")}
    (CRATE / "Cargo.toml").write_text(MANIFEST.format(**paths))
    shutil.copy(ROOT / "Cargo.lock", CRATE / "Cargo.lock")
    empty = "fn main() {}\n"
    main.write_text(empty)
    run("cargo", "check", "--offline", "--quiet")
    text = source(args.modules, args.providers, wiring)
    checks = [check_seconds(main, text) for _ in range(args.rounds)]
    bare = [check_seconds(main, empty) for _ in range(args.rounds)]
    run("cargo", "build", "--release", "--offline", "--quiet")
    main.write_text(text)
    run("cargo", "build", "--release", "--offline", "--quiet")
    program = str(CRATE / "target" / "release" / "module-bench")
    starts = [int(run(program)) for _ in range(args.rounds * 4)]
    print(
        f"{args.modules} modules of {args.providers}, {wiring.__name__}: "
        f"check {statistics.median(checks):.2f} s (an empty program {statistics.median(bare):.2f} s), "
        f"build and start {statistics.median(starts) / 1000:.2f} ms (greatest {max(starts) / 1000:.2f} ms)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=int, default=60)
    parser.add_argument("--providers", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    for wiring in (layers, chain):
        measure(args, wiring)


if __name__ == "__main__":
    main()
