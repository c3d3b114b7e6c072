#!/usr/bin/env python3
"""Hashes a second beside the npm packages, and what a trivial route feels of 50 who sign in.

    benches/hashing/run.py rate [--rounds 8] [--seconds 3]
    benches/hashing/run.py beside [--rounds 5] [--seconds 5]

Needed: `cargo build --release -p purlin-benches --bin signins --bin load`, and `npm ci` in
conformance/identity. Prints lines for RESULTS.md beside it; nothing else should run.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = HERE.parent.parent / "target" / "release"
SIGNINS, LOAD = str(RELEASE / "signins"), str(RELEASE / "load")
SIGN_INS = 50


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rates(rounds, seconds):
    """Rounds go forwards and backwards in turn; a ratio is the median of those of the same round.

    Figures are of CPU-seconds of the process, its start included, which a busy machine bends less.
    """
    peers = str(HERE / "peers.mjs")
    contestants = {
        "ours": [SIGNINS, "rate", str(seconds)],
        "@node-rs/argon2": ["node", peers, "node-rs", str(seconds)],
        "npm argon2": ["node", peers, "argon2", str(seconds)],
    }
    taken = {name: [] for name in contestants}
    for number in range(rounds):
        for name in list(contestants)[:: -1 if number % 2 else 1]:
            command = ["taskset", "-c", "0", *contestants[name]]
            before = cpu_seconds()
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            taken[name].append(float(out) * seconds / (cpu_seconds() - before))
    for name, figures in taken.items():
        ratios = [ours / theirs for ours, theirs in zip(taken["ours"], figures)]
        middle = statistics.median(figures)
        print(f"{name}: {middle:.1f} hashes per CPU-second, ours is {statistics.median(ratios):.2f} of it")


def load(address, path, connections, seconds, status):
    return subprocess.Popen(
        [LOAD, "--address", address, "--path", path, "--connections", str(connections),
         "--seconds", str(seconds), "--status", str(status)],
        stdout=subprocess.PIPE, text=True,
    )


def result(process):
    out = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"the load failed: {out}")
    return json.loads(out)


def beside(rounds, seconds, niceness, concurrency):
    """p99 of the trivial route, idle and while 50 sign in, in turns; the server has every core."""
    settings = {**os.environ, "NICENESS": str(niceness), **({"CONCURRENCY": str(concurrency)} if concurrency else {})}
    server = subprocess.Popen([SIGNINS, "serve"], stdout=subprocess.PIPE, text=True, env=settings)
    try:
        address = re.search(r"listening (\S+)", server.stdout.readline())[1]
        idle, busy, signed = [], [], []
        for _ in range(rounds):
            idle.append(result(load(address, "/hello", 1, seconds, 200))["latency_us"]["p99"])
            signing = load(address, "/sign-in", SIGN_INS, seconds + 2, 401)
            busy.append(result(load(address, "/hello", 1, seconds, 200))["latency_us"]["p99"])
            signed.append(result(signing)["per_second"])
    finally:
        server.kill()
    ratio = statistics.median(b / i for b, i in zip(busy, idle))
    print(
        f"niceness {niceness}, concurrency {concurrency or 'default'}: p99 {statistics.median(idle)} µs idle, "
        f"{statistics.median(busy)} µs beside {SIGN_INS} sign-ins ({statistics.median(signed):.0f}/s), "
        f"ratio {ratio:.2f} (of each round: {', '.join(f'{b / i:.2f}' for b, i in zip(busy, idle))})"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["rate", "beside"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--niceness", type=int, default=0)
    parser.add_argument("--concurrency", type=int)
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    if given.part == "rate":
        rates(given.rounds, given.seconds)
    else:
        beside(given.rounds, given.seconds, given.niceness, given.concurrency)


if __name__ == "__main__":
    main()
