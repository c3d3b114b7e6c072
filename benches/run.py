#!/usr/bin/env python3
"""Takes the figures of RESULTS.md: ours, the peers and the limit, side by side.

    benches/run.py all                      everything, about an hour
    benches/run.py quick                    what RESULTS.md needs, about 8 minutes
    benches/run.py http --rounds 3 --seconds 2 --only bare-axum,ours

Each part writes its own section of RESULTS.md, with the command that takes it again. README.md says
how each figure is taken. No dependencies beyond Python 3.11, taskset and, for the instruction
counts, valgrind.
"""

import argparse
import contextlib
import copy
import datetime
import gzip
import hashlib
import http.client
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

BENCHES = pathlib.Path(__file__).resolve().parent
ROOT = BENCHES.parent
PEERS = BENCHES / "peers"
RELEASE = ROOT / "target" / "release"
RESULTS = BENCHES / "RESULTS.md"
SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 32
ABSENT = 3
TICKS = os.sysconf("SC_CLK_TCK")
BOOK = (
    '{"title":"Pride and Prejudice","authors":[{"name":"Jane Austen"}],"year":1813,"language":"en",'
    '"subject":"Fiction","price_cents":1299,"stock":12}'
)


class Absent(Exception):
    """A contestant that is not built in yet."""


class Failed(Exception):
    """A run that gives no figure."""


# The contestants: name -> command. The first of each list is what the others are compared with.


def rust(name):
    return [str(RELEASE / name)]


def node(*arguments):
    return ["node", str(PEERS / arguments[0]), *arguments[1:]]


SERVERS = {
    "bare hyper": rust("bare_hyper"),
    "bare axum": rust("bare_axum"),
    "ours without layers": [*rust("ours"), "bare"],
    "ours with default layers": [*rust("ours"), "layers"],
    "node:http": node("http.mjs"),
    "Fastify": node("fastify.mjs"),
    "Express": node("express.mjs"),
    "Nest on Fastify": node("nest.mjs", "fastify"),
    "Nest on Express": node("nest.mjs", "express"),
}
STARTS = {
    "ours, 60 modules of 5 providers": rust("ours_start"),
    "bare axum": rust("bare_axum"),
    "Nest on Express, 60 modules of 5 providers": node("nest-start.mjs"),
}


# Servers


class Server:
    """A server of its own process, pinned, that has said that it listens."""

    # What the load shows, if the server has said one.
    token = None

    def __init__(self, command, directory=None, **environment):
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *command],
            env={**os.environ, "PORT": "0", "NODE_ENV": "production", **environment},
            cwd=directory,
            stdout=subprocess.PIPE,
            # A log is written and thrown away.
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self):
        for line in self.process.stdout:
            if found := re.match(r"token (\S+)", line):
                self.token = found[1]
            # The second form is the bookshop's, which does not say how long it took.
            if found := re.match(r"listening (?:on http://)?(\S+)(?: after_us=(\d+))?", line):
                self.start_ms = (time.perf_counter() - self.began) * 1000
                self.address, self.own_start_ms = found[1], int(found[2] or 0) / 1000
                return
        code = self.process.wait()
        if code == ABSENT:
            raise Absent
        raise Failed(f"{self.process.args} ended with {code} before it listened")

    def get(self, path):
        """The answer to one request, which must be 200."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise Failed(f"{path} was answered with {answer.status}: {body[:300]}")
        return body

    def cpu_seconds(self):
        """User and system time of the whole process so far."""
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mb(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def output(command, core=None):
    """The output of a program that takes a figure."""
    pinned = ["taskset", "-c", core] if core else []
    done = subprocess.run([*pinned, *command], capture_output=True, text=True)
    if done.returncode == ABSENT:
        raise Absent
    if done.returncode != 0:
        raise Failed(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done


def load(server, seconds, arguments):
    command = [*rust("load"), "--address", server.address, "--seconds", str(seconds)]
    command += ["--connections", str(CONNECTIONS), *arguments]
    command += ["--token", server.token] if server.token else []
    return json.loads(output(command, LOAD_CORE).stdout)


def alternate(rounds, names):
    """The names, round by round, forwards and backwards in turn."""
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            yield turn, name


# Parts: each returns the text of its section


def requests(options, directory):
    paths, body = directory / "paths", directory / "book.json"
    database = directory / "books.db"
    body.write_text(BOOK)
    output([*rust("dataset"), str(database), "1000", str(paths)])
    scenarios = {
        "JSON GET": ["--path", "/hello/ada"],
        "Validated POST": ["--path", "/books", "--body", str(body), "--status", "201"],
        "One row by id from SQLite": ["--paths", str(paths)],
    }
    tables = []
    for title, arguments in scenarios.items():
        if not options.scenario or options.scenario.lower() in title.lower():
            servers = {
                name: (lambda command=command: Server(command, DB=str(database)), arguments)
                for name, command in SERVERS.items()
                if not options.only or name in options.only
            }
            samples = http_rounds(options, servers)
            tables.append(http_table(title, samples))
    text = (
        f"{options.rounds} alternating rounds of {options.seconds:g} s, {CONNECTIONS} connections, "
        "server on one core, load on another. Ratios are medians of the rounds' own ratios of "
        "requests for each CPU-second of the server, with the least and the greatest. "
        "The database is read only: no durability mode applies."
    )
    return "\n\n".join([text, *tables])


def http_rounds(options, contestants):
    """name -> one dict of figures for each round. All servers stay up; only one is loaded.

    A contestant is what starts it and the arguments of its load. One that fails is left out.
    """
    with contextlib.ExitStack() as stack:
        servers, samples = {}, {}
        for name, (begin, arguments) in contestants.items():
            with left_out(name):
                server = begin()
                stack.callback(server.stop)
                load(server, options.warm_up, arguments)
                servers[name], samples[name] = server, []
        for turn, name in alternate(options.rounds, list(servers)):
            if name in samples:
                with left_out(name, samples):
                    figures = loaded(servers[name], options.seconds, contestants[name][1])
                    samples[name].append(figures)
                    print(f"  {turn + 1} {name}: {figures['per_cpu_second']:.0f}", file=sys.stderr)
        return samples


@contextlib.contextmanager
def left_out(name, samples=None):
    """Says why a contestant is left out, and goes on without it."""
    try:
        yield
    except (Absent, Failed, OSError) as failure:
        print(f"  left out: {name}: {failure or 'it is not there yet'}", file=sys.stderr)
        if samples is not None:
            samples.pop(name, None)


def loaded(server, seconds, arguments):
    before = server.cpu_seconds()
    figures = load(server, seconds, arguments)
    spent = max(server.cpu_seconds() - before, 1 / TICKS)
    figures["per_cpu_second"] = figures["requests"] / spent
    figures["busy"] = spent / figures["seconds"]
    return figures


def http_table(title, samples):
    against = [name for name in ("bare axum", "Fastify") if name in samples]
    lines = [
        f"**{title}**\n",
        "| contestant | requests/s | for each CPU-second (least to greatest) | busy | p50 µs | p99 µs |"
        + "".join(f" to {name} |" for name in against),
        "| --- | ---: | ---: | ---: | ---: | ---: |" + " ---: |" * len(against),
    ]
    for name, rounds in samples.items():
        each = [figures["per_cpu_second"] for figures in rounds]
        cells = [
            name,
            number(statistics.median(figures["per_second"] for figures in rounds)),
            f"{number(statistics.median(each))} ({number(min(each))} to {number(max(each))})",
            f"{statistics.median(figures['busy'] for figures in rounds):.0%}",
            number(statistics.median(figures["latency_us"]["p50"] for figures in rounds)),
            number(statistics.median(figures["latency_us"]["p99"] for figures in rounds)),
        ]
        cells += [ratio(each, [figures["per_cpu_second"] for figures in samples[peer]]) for peer in against]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratio(ours, theirs):
    """The median of the rounds' own ratios, and their spread."""
    each = [a / b for a, b in zip(ours, theirs)]
    return f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


def number(value):
    return f"{value:,.0f}".replace(",", " ")


def guarded(options, directory):
    """One row behind a token, a role and a limit, for each way of signing."""
    paths, database = directory / "paths", directory / "books.db"
    output([*rust("dataset"), str(database), "1000", str(paths)])
    behind = directory / "guarded-paths"
    behind.write_text("".join(f"/guarded{path}\n" for path in paths.read_text().split()))
    tables = []
    for algorithm in ["HS256", "EdDSA"]:
        commands = {
            "ours": [*rust("ours"), "guarded"],
            "Fastify": node("guarded.mjs"),
            "Fastify, verified tokens remembered": node("guarded.mjs", "cached"),
        }
        contestants = {
            name: (
                lambda command=command: Server(command, DB=str(database), ALGORITHM=algorithm),
                ["--paths", str(behind)],
            )
            for name, command in commands.items()
        }
        bare = lambda: Server(SERVERS["bare axum"], DB=str(database))
        contestants["bare axum"] = (bare, ["--paths", str(paths)])
        tables.append(http_table(algorithm, http_rounds(options, contestants)))
    intro = (
        "One row by its id from SQLite, behind a bearer token, a role and a rate limit by user that counts and is not "
        "reached; ours with every default layer, beside Fastify with @fastify/jwt and @fastify/rate-limit. One token "
        f"for all requests. Bare axum, the limit of it, asks nobody and counts nothing. {options.rounds} alternating rounds of {options.seconds:g} s, {CONNECTIONS} connections. "
        "The database is read only: no durability mode applies."
    )
    return "\n\n".join([intro, *tables])


def start(options, _directory):
    samples = {name: [] for name in STARTS}
    for _, name in alternate(options.rounds, list(STARTS)):
        with left_out(name):
            server = Server(STARTS[name])
            # A figure of an idle process: what the start left behind may settle first.
            time.sleep(1)
            samples[name].append((server.start_ms, server.own_start_ms, server.resident_mb()))
            server.stop()
    lines = [
        f"Median of {options.rounds} starts on one core, no database. `from spawn` is from the start of the "
        "process to its line that says it listens; `own` from the first line of `main` (Node: from the "
        "process's own zero of time). Resident memory after 1 s idle.\n",
        "| contestant | from spawn ms (least to greatest) | own ms | resident MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, each in samples.items():
        if each:
            spawn, own, resident = zip(*each)
            lines.append(
                f"| {name} | {statistics.median(spawn):.1f} ({min(spawn):.1f} to {max(spawn):.1f}) "
                f"| {statistics.median(own):.2f} | {statistics.median(resident):.1f} |"
            )
    return "\n".join(lines)


def counts(options, _directory):
    lines = [
        f"A router driven in process; the difference of {2 * options.times} and {options.times} requests. "
        "`net` is without the drive itself, which makes the request and reads the answer.\n",
        "| request | contestant | instructions | net | to bare axum, net | allocations | net |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for call, title in {"hello": "JSON GET", "post": "Validated POST"}.items():
        drive, axum = count("nothing", call, options.times), count("axum", call, options.times)
        rows = {"drive alone": drive, "bare axum": axum}
        for name, title_of in {"ours": "ours without layers", "ours-layers": "ours with default layers"}.items():
            with left_out(title_of):
                rows[title_of] = count(name, call, options.times)
        for name, (instructions, allocations) in rows.items():
            net = instructions - drive[0]
            share = f"{net / (axum[0] - drive[0]):.3f}" if name != "drive alone" else "–"
            lines.append(
                f"| {title} | {name} | {number(instructions)} | {number(net)} | {share} "
                f"| {allocations:.2f} | {allocations - drive[1]:+.2f} |"
            )
    return "\n".join(lines)


def count(contestant, call, times):
    """Instructions and allocations for each request."""
    program = [*rust("allocations"), contestant, call, str(times)]
    allocations = json.loads(output(program).stdout)["allocations"]
    once, twice = (collected(contestant, call, n) for n in (times, 2 * times))
    return (twice - once) / times, allocations


def collected(contestant, call, times):
    done = output(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        + [*rust("instructions"), contestant, call, str(times)]
    )
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def served(options, directory):
    """Instructions of a server for each request that comes over a connection."""
    shop, paths = directory / "shop.db", directory / "shop-paths"
    seed(shop, paths, directory)
    books, hello = paths.read_text().split(), ["/hello/ada"]
    bookshop_log = {"RUST_LOG": "warn", **shop_settings(shop, directory)}
    contestants = {
        "JSON GET": (
            hello,
            {
                "bare axum": (SERVERS["bare axum"], {}),
                "ours without layers": (SERVERS["ours without layers"], {}),
                "ours with default layers": (SERVERS["ours with default layers"], {}),
            },
        ),
        "A book of the bookshop by id": (
            books,
            {
                "bare axum": (SERVERS["bare axum"], {"SHOP": str(shop)}),
                "bookshop": (rust("bookshop"), bookshop_log),
            },
        ),
    }
    lines = [
        f"A server under callgrind and one connection; the difference of {options.times + options.times // 2} and "
        f"{options.times // 2} requests. The system's own work for sockets and files is not in it.\n",
        "| request | contestant | instructions | to bare axum | beyond it |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for title, (wanted, each) in contestants.items():
        counted = {}
        for name, (command, environment) in each.items():
            with left_out(name):
                counted[name] = connected(command, environment, wanted, options.times, directory)
        bare = counted["bare axum"]
        for name, instructions in counted.items():
            share, beyond = f"{instructions / bare:.3f}", f"{instructions - bare:+,.0f}".replace(",", " ")
            lines.append(f"| {title} | {name} | {number(instructions)} | {share} | {beyond} |")
    return "\n".join(lines)


def connected(command, environment, paths, times, directory):
    """The instructions of a server for each request on one connection: the start falls out of the difference."""
    few, many = (asked(command, environment, paths, count, directory) for count in (times // 2, times + times // 2))
    return (many - few) / times


def asked(command, environment, paths, count, directory):
    """The instructions of a server that is started, asked so often and stopped."""
    out = directory / f"callgrind-{count}"
    watched = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    server = Server([*watched, *command], directory=directory, **environment)
    try:
        host, port = server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as connection:
            answers = connection.makefile("rb")
            for turn in range(count):
                path = paths[turn % len(paths)]
                connection.sendall(f"GET {path} HTTP/1.1\r\nhost: {server.address}\r\n\r\n".encode())
                read_answer(answers, path)
    finally:
        server.stop()
    return int(re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE)[1])


def read_answer(answers, path):
    status = answers.readline().split()[1]
    fields = http.client.parse_headers(answers)
    answers.read(int(fields["content-length"]))
    if status != b"200":
        raise Failed(f"{path} was answered with {status}")


def writes(options, directory):
    names = {
        "ours": "ours, `Db::write`",
        "single": "bare rusqlite, one transaction for each write",
        "grouped": "bare rusqlite, 64 rows in each transaction, one thread: the limit",
    }
    samples = {name: [] for name in names}
    for _, name in alternate(options.rounds, list(names)):
        with left_out(name):
            command = [*rust("writes"), name, str(directory / "writes.db"), "64", str(options.seconds)]
            samples[name].append(json.loads(output(command).stdout)["per_second"])
    lines = [
        f"64 concurrent writers, one insert each, WAL, **`synchronous=FULL`**, file system {file_system(directory)}; "
        f"{options.rounds} alternating rounds of {options.seconds:g} s. Each write is counted when it is "
        "acknowledged, after its commit, and the table is counted at the end.\n",
        "| contestant | writes/s (least to greatest) | to one transaction for each write |",
        "| --- | ---: | ---: |",
    ]
    for name, each in samples.items():
        if each:
            spread = f"{number(statistics.median(each))} ({number(min(each))} to {number(max(each))})"
            lines.append(f"| {names[name]} | {spread} | {ratio(each, samples['single'])} |")
    return "\n".join(lines)


def file_system(directory):
    return output(["stat", "-f", "-c", "%T", str(directory)]).stdout.strip()


def keyset(options, directory):
    database = str(directory / "two-million.db")
    output([*rust("dataset"), database, str(2 * options.depth)])
    lines = [
        f"Pages of 20 books of {number(2 * options.depth)}, medians of 500 reads in {options.rounds} runs, warm cache; "
        f"deep: after row {number(options.depth)}. The reads are read only: no durability mode applies.\n",
        "| contestant | sorted by | page 1 µs | deep page by keyset µs | to page 1 | the same by OFFSET µs |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for contestant, title in {"ours": "ours", "bare": "bare rusqlite"}.items():
        command = [*rust("keyset"), contestant, database, str(options.depth)]
        with left_out(title):
            runs = [json.loads(output(command).stdout) for _ in range(options.rounds)]
            for sort in runs[0]:
                first, deep, offset = (
                    [run[sort][name] for run in runs] for name in ("first_us", "deep_us", "offset_us")
                )
                lines.append(
                    f"| {title} | {sort} | {statistics.median(first):.1f} | {statistics.median(deep):.1f} "
                    f"| {ratio(deep, first)} | {number(statistics.median(offset))} |"
                )
    return "\n".join(lines)


# The export


EXPORTS = {
    "ours": rust("export"),
    "Express, level 6 (node:zlib's default)": node("export.mjs", "6"),
    "Express, level 1": node("export.mjs", "1"),
}


def export(options, directory):
    """A whole table as CSV in gzip: time of the processor, and the memory it takes beyond idle."""
    database = str(directory / "export.db")
    output([*rust("dataset"), database, str(options.rows)])
    samples, same = {}, set()
    with contextlib.ExitStack() as stack:
        servers = {}
        for name, command in EXPORTS.items():
            with left_out(name):
                servers[name] = Server(command, DB=database)
                stack.callback(servers[name].stop)
                samples[name] = []
        for _, name in alternate(options.rounds, list(servers)):
            if name in samples:
                with left_out(name, samples):
                    figures = exported(servers[name])
                    same.add(figures.pop("digest"))
                    samples[name].append(figures)
                    print(f"  {name}: {figures['cpu']:.2f} s", file=sys.stderr)
    if len(same) > 1:
        raise Failed("the contestants did not send the same table")
    lines = [
        f"`GET /books.csv.gz`, {number(options.rows)} books by id, {options.rounds} alternating rounds, server on one "
        "core, client on another. Every contestant sends the same table, checked by its digest. Ours compresses at "
        "level 1. Peak: the most that was resident during an export, beyond what was before the first. "
        "The database is read only: no durability mode applies.\n",
        "| contestant | CPU s (least to greatest) | rows for each CPU-second, to ours | wall s | MB sent | idle MB | peak beyond idle MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, rounds in samples.items():
        cpu = [figures["cpu"] for figures in rounds]
        mine = [figures["cpu"] for figures in samples["ours"]] if "ours" in samples else cpu
        middle = lambda what: statistics.median(figures[what] for figures in rounds)  # noqa: E731
        idle = rounds[0]["idle"]
        lines.append(
            f"| {name} | {middle('cpu'):.2f} ({min(cpu):.2f} to {max(cpu):.2f}) | {ratio(mine, cpu)} "
            f"| {middle('wall'):.2f} | {middle('sent') / 1e6:.1f} | {idle:.1f} "
            f"| {max(figures['peak'] for figures in rounds) - idle:.1f} |"
        )
    return "\n".join(lines)


def exported(server):
    """One whole export: what it cost the server, and the digest of the table."""
    idle = server.resident_mb()
    # The peak counts from now on.
    pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    connection = http.client.HTTPConnection(server.address, timeout=600)
    with contextlib.closing(connection):
        before, began = server.cpu_seconds(), time.perf_counter()
        connection.request("GET", "/books.csv.gz")
        answer = connection.getresponse()
        if answer.status != 200:
            raise Failed(f"the export was answered with {answer.status}: {answer.read()[:300]}")
        # Kept, so that the client spends its time on nothing else.
        parts = []
        while part := answer.read(1 << 20):
            parts.append(part)
        wall, cpu = time.perf_counter() - began, server.cpu_seconds() - before
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    packed = b"".join(parts)
    return {
        "idle": idle,
        "peak": int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024,
        "wall": wall,
        "cpu": max(cpu, 1 / TICKS),
        "sent": len(packed),
        "digest": hashlib.sha256(gzip.decompress(packed)).hexdigest(),
    }


# The bookshop


def bookshop(options, directory):
    """The real application beside the smallest programs that answer the same kind of row."""
    small, small_paths = directory / "books.db", directory / "paths"
    output([*rust("dataset"), str(small), "1000", str(small_paths)])
    shop, shop_paths = directory / "shop.db", directory / "shop-paths"
    seed(shop, shop_paths, directory)
    mine, theirs = ["--paths", str(shop_paths)], ["--paths", str(small_paths)]
    contestants = {
        "bookshop, log at warn": (lambda: open_shop(shop, directory, "warn"), mine),
        "bookshop, log at info": (lambda: open_shop(shop, directory, "info"), mine),
        "bare axum": (lambda: Server(SERVERS["bare axum"], SHOP=str(shop)), mine),
        "Fastify": (lambda: Server(SERVERS["Fastify"], SHOP=str(shop)), mine),
        "bare axum, half the answer": (lambda: Server(SERVERS["bare axum"], DB=str(small)), theirs),
        "Fastify, half the answer": (lambda: Server(SERVERS["Fastify"], DB=str(small)), theirs),
    }
    same_answers(contestants, shop_paths)
    intro = (
        f"`GET /api/v2/books/{{id}}` of the release program, with a guard, links, an `ETag` and every default "
        f"layer; beside it bare axum with rusqlite and Fastify with better-sqlite3, which answer the same bytes from "
        f"the same database and do none of that, and `half the answer`: the same two with a smaller table, without "
        f"links, times or names to bring into their form. {options.rounds} alternating rounds of {options.seconds:g} s. Rate limits are off: "
        "one client sends everything. The log goes to /dev/null. Nothing is written: no durability mode applies."
    )
    table = http_table("One row by id from SQLite", http_rounds(options, contestants))
    return "\n\n".join([intro, table, shop_start(options, contestants)])


def same_answers(contestants, paths):
    """What is compared must be equal: the bodies are, byte for byte."""
    path = paths.read_text().split()[0]
    bodies = {}
    for name in ["bookshop, log at warn", "bare axum", "Fastify"]:
        server = contestants[name][0]()
        try:
            bodies[name] = server.get(path)
        finally:
            server.stop()
    if len(set(bodies.values())) != 1:
        raise Failed(f"the answers differ: {bodies}")


def open_shop(database, directory, log):
    return Server(rust("bookshop"), directory=directory, RUST_LOG=log, **shop_settings(database, directory))


def shop_settings(database, directory):
    return {
        "DATABASE_URL": f"sqlite://{database}",
        "DATA_DIR": str(directory / "shop-data"),
        "HOST": "127.0.0.1",
        "MANAGEMENT_PORT": "0",
        "RATE_LIMITS": "off",
    }


def seed(database, paths, directory):
    """A first start fills the catalogue; the paths of up to 1000 books go into a file."""
    server = open_shop(database, directory, "warn")
    try:
        ids = []
        for offset in range(0, 1000, 100):
            listed = json.loads(server.get(f"/api/v2/books?limit=100&offset={offset}"))
            ids += re.findall(r'"id": ?"([0-9a-f-]{36})"', json.dumps(listed))
    finally:
        server.stop()
    if not ids:
        raise Failed("the bookshop's catalogue is empty")
    # Not in the order of the table.
    ids = sorted(ids, key=lambda text: text[::-1])
    paths.write_text("".join(f"/api/v2/books/{found}\n" for found in ids))


def shop_start(options, contestants):
    lines = [
        f"Median of {options.rounds} starts on one core, on the existing database: from the start of the process to "
        "its line that says it listens, to the end of the first 200 of a row, and resident memory 1 s after ten "
        "such requests.\n",
        "| contestant | to listening ms | to the first 200 ms (least to greatest) | resident MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    names = [name for name in contestants if name != "bookshop, log at info"]
    samples = {name: [] for name in names}
    for _, name in alternate(options.rounds, names):
        with left_out(name):
            begin, arguments = contestants[name]
            path = pathlib.Path(arguments[1]).read_text().split()[0]
            server = begin()
            try:
                server.get(path)
                first_ms = (time.perf_counter() - server.began) * 1000
                for _ in range(9):
                    server.get(path)
                time.sleep(1)
                samples[name].append((server.start_ms, first_ms, server.resident_mb()))
            finally:
                server.stop()
    for name, each in samples.items():
        if each:
            listening, first, resident = zip(*each)
            lines.append(
                f"| {name} | {statistics.median(listening):.1f} "
                f"| {statistics.median(first):.1f} ({min(first):.1f} to {max(first):.1f}) "
                f"| {statistics.median(resident):.1f} |"
            )
    return "\n".join(lines)


def compile_time(options, _directory):
    """`cargo check` of one program, its dependencies being there."""
    programs = {"ours_start": "ours: 60 modules, 300 providers", "bare_axum": "bare axum, for the cost of cargo itself"}
    lines = [
        f"Median of {options.rounds} runs of `cargo check -p purlin-benches --bin …`, dev profile, dependencies "
        "checked before. `anew`: without what the last run left for this program; `touched`: with it.\n",
        "| program | anew s (least to greatest) | touched s (least to greatest) |",
        "| --- | ---: | ---: |",
    ]
    for program, title in programs.items():
        check(program, anew=False)
        anew, touched = ([check(program, kind) for _ in range(options.rounds)] for kind in (True, False))
        cells = (f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})" for each in (anew, touched))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def check(program, anew):
    """The seconds that one check takes."""
    if anew:
        for kept in (ROOT / "target" / "debug" / "incremental").glob(f"{program}-*"):
            shutil.rmtree(kept)
    (BENCHES / "src" / "bin" / f"{program}.rs").touch()
    began = time.perf_counter()
    done = ["cargo", "check", "--quiet", "-p", "purlin-benches", "--bin", program]
    if (ran := subprocess.run(done, cwd=ROOT, capture_output=True, text=True)).returncode != 0:
        raise Failed(f"{done} ended with {ran.returncode}: {ran.stderr}")
    return time.perf_counter() - began


def resolution(options, _directory):
    """What it costs to find out version and route."""
    lines = [
        f"500 routes in each of 3 versions, in process: the median of {options.rounds * 20} batches of 1000 requests, "
        "without the drive itself. The bound is 1000 ns.\n",
        "| asked by | ns for each request, net | within the bound |",
        "| --- | ---: | --- |",
    ]
    for line in output([*rust("versions"), str(options.rounds * 20)]).stdout.splitlines():
        found = json.loads(line)
        lines.append(f"| {found['form']} | {found['net_ns']} | {'yes' if found['net_ns'] < 1000 else 'NO'} |")
    return "\n".join(lines)


PARTS = {
    "http": ("HTTP", requests),
    "counts": ("Instructions and allocations for each request", counts),
    "served": ("Instructions for each request over a connection", served),
    "start": ("Start", start),
    "writes": ("Grouped writes on SQLite", writes),
    "keyset": ("Keyset pages", keyset),
    "export": ("Export of a table as CSV in gzip", export),
    "bookshop": ("The bookshop", bookshop),
    "guarded": ("One row behind a token, a role and a limit", guarded),
    "versions": ("Version and route of a request", resolution),
    "compile": ("Compile time", compile_time),
}
# The parts of `quick`, and what is smaller in each: about 8 minutes on an idle machine.
QUICK = {
    "http": {
        "rounds": 5,
        "seconds": 3,
        "warm_up": 1,
        "only": [
            "bare hyper",
            "bare axum",
            "ours without layers",
            "ours with default layers",
            "Fastify",
            "Nest on Fastify",
            "Express",
        ],
    },
    "counts": {"times": 1000},
    "served": {"times": 1000},
    "start": {"rounds": 3},
    "writes": {"rounds": 3, "seconds": 2},
    "keyset": {"rounds": 3},
    "export": {"rounds": 3},
    "bookshop": {"rounds": 3, "seconds": 3, "warm_up": 1},
    "guarded": {"rounds": 3, "seconds": 2, "warm_up": 1},
    "versions": {"rounds": 3},
}


# RESULTS.md


def versions():
    def version(name):
        package = PEERS / "node_modules" / name / "package.json"
        return json.loads(package.read_text())["version"] if package.exists() else "absent"

    packages = ["fastify", "express", "@nestjs/core", "better-sqlite3"]
    lock = (ROOT / "Cargo.lock").read_text()
    crates = ["axum", "hyper", "tokio", "rusqlite"]
    found = {name: re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock)[1] for name in crates}
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    return ", ".join(
        [
            output(["rustc", "--version"]).stdout.strip(),
            "node " + output(["node", "--version"]).stdout.strip(),
            *(f"{name} {found[name]}" for name in crates),
            *(f"{name} {version(name)}" for name in packages),
            f"{model[1].strip() if model else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}",
            f"load average at the end of the part {os.getloadavg()[0]:.1f}",
        ]
    )


def write_section(part, title, command, text):
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    today = datetime.date.today().isoformat()
    section = f"{begin}\n## {title}\n\n`{command}`, {today}; {versions()}.\n\n{text}\n{end}"
    old = RESULTS.read_text() if RESULTS.exists() else "# Results\n\nTaken by `benches/run.py`; README.md says how.\n"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    new = pattern.sub(lambda _: section, old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}\n"
    RESULTS.write_text(new)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=[*PARTS, "all", "quick"])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm-up", type=float, default=3, help="seconds of load before the first round")
    parser.add_argument("--only", type=lambda text: text.split(","), help="contestants of http, by name")
    parser.add_argument("--scenario", help="part of the title of one scenario of http")
    parser.add_argument("--times", type=int, default=5000, help="requests for the counts")
    parser.add_argument("--depth", type=int, default=1_000_000, help="rows before the deep page")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the export")
    parser.add_argument("--directory", help="where the databases are made (default: target/)")
    parser.add_argument("--no-build", action="store_true")
    return parser.parse_args()


def install_peers():
    """The peers' packages, if they are not there: README.md says why better-sqlite3 is built."""
    if (PEERS / "node_modules" / "better-sqlite3" / "build" / "Release" / "better_sqlite3.node").exists():
        return
    node_directory = pathlib.Path(shutil.which("node") or "/usr/bin/node").resolve().parent.parent
    environment = {**os.environ, "npm_config_nodedir": str(node_directory)}
    for command in (["npm", "ci", "--ignore-scripts"], ["npm", "rebuild", "better-sqlite3", "--build-from-source"]):
        if subprocess.run(command, cwd=PEERS, env=environment).returncode != 0:
            print("  the peers on Node cannot be installed and are left out", file=sys.stderr)
            return


def chosen(options):
    """Part -> the options it is taken with."""
    if options.part == "quick":
        parts = {}
        for part, smaller in QUICK.items():
            parts[part] = copy.copy(options)
            vars(parts[part]).update(smaller)
        return parts
    return {part: options for part in (PARTS if options.part == "all" else [options.part])}


def main():
    options = arguments()
    if not options.no_build:
        build = ["cargo", "build", "--release", "-p", "purlin-benches", "-p", "bookshop"]
        subprocess.run(build, cwd=ROOT, check=True)
    install_peers()
    command = " ".join(["benches/run.py", *sys.argv[1:]])
    failed = []
    for part, own_options in chosen(options).items():
        title, take = PARTS[part]
        print(f"{title} …", file=sys.stderr)
        try:
            with tempfile.TemporaryDirectory(dir=options.directory or ROOT / "target") as directory:
                text = take(own_options, pathlib.Path(directory))
        except Exception:
            traceback.print_exc()
            failed.append(part)
            continue
        print(text)
        write_section(part, title, command.replace("benches/run.py all", f"benches/run.py {part}"), text)
    if failed:
        sys.exit(f"error: no figures for {', '.join(failed)}; the other sections are written")


if __name__ == "__main__":
    main()
