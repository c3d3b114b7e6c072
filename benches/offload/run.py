#!/usr/bin/env python3
"""What a trivial route feels of a client that keeps both cores busy with computations of 200 ms.

    benches/offload/run.py [--rounds 5] [--seconds 5]

Needed: `cargo build --release -p purlin-benches --bin offload --bin load`, and `npm ci` beside this
file. Contestants take turns, idle and busy; prints lines for RESULTS.md. Nothing else should run.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent.parent / "target")) / "release"
COMPUTING = 2  # Connections that each wait for a computation: as many as cores.
CONTESTANTS = {
    "ours, niceness 19": ([str(RELEASE / "offload")], {"NICENESS": "19"}),
    "ours, niceness 0": ([str(RELEASE / "offload")], {"NICENESS": "0"}),
    "Node with piscina": (["node", str(HERE / "peer.mjs")], {}),
}


def load(address, path, connections, seconds):
    return subprocess.Popen(
        [str(RELEASE / "load"), "--address", address, "--path", path, "--connections", str(connections),
         "--seconds", str(seconds), "--status", "200"],
        stdout=subprocess.PIPE, text=True,
    )


def result(process):
    out = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"the load failed: {out}")
    return json.loads(out)


@contextlib.contextmanager
def server(command, environment):
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_ENV": "production", **environment}
    )
    try:
        yield re.search(r"listening (\S+)", process.stdout.readline())[1]
    finally:
        process.kill()
        process.wait()


def round_of(name, seconds):
    """p99 in µs, idle and busy, and the computations a second."""
    command, environment = CONTESTANTS[name]
    with server(command, environment) as address:
        result(load(address, "/hello", 1, 1))
        result(load(address, "/compute", COMPUTING, 1))
        idle = result(load(address, "/hello", 1, seconds))["latency_us"]["p99"]
        computing = load(address, "/compute", COMPUTING, seconds + 2)
        busy = result(load(address, "/hello", 1, seconds))["latency_us"]["p99"]
        return idle, busy, result(computing)["per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    given = parser.parse_args()
    taken = {name: [] for name in CONTESTANTS}
    for number in range(given.rounds):
        for name in list(CONTESTANTS)[:: -1 if number % 2 else 1]:
            taken[name].append(round_of(name, given.seconds))
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {given.rounds} rounds of {given.seconds} s")
    print("| contestant | p99 idle µs | p99 busy µs (each round) | busy to idle | busy to Node's | computations/s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    node = [busy for _, busy, _ in taken["Node with piscina"]]
    for name, rounds in taken.items():
        idle = statistics.median(i for i, _, _ in rounds)
        busy = statistics.median(b for _, b, _ in rounds)
        each = ", ".join(str(b) for _, b, _ in rounds)
        to_idle = statistics.median(b / i for i, b, _ in rounds)
        to_node = statistics.median(b / n for (_, b, _), n in zip(rounds, node))
        rate = statistics.median(r for _, _, r in rounds)
        print(f"| {name} | {idle} | {busy} ({each}) | {to_idle:.2f} | {to_node:.2f} | {rate:.1f} |")


if __name__ == "__main__":
    main()
