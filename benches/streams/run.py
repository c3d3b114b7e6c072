#!/usr/bin/env python3
"""Gzip of a large file in a pipeline beside Node's, and a large file over HTTP beside nginx.

    benches/streams/run.py gzip [--bytes 1073741824] [--data FILE] [--level 6] [--rounds 3]
    benches/streams/run.py serve [--bytes 1073741824] [--rounds 5] [--nginx PATH]

Needed: `cargo build --release -p purlin-benches --bin streams --bin file_server`, Node, `gzip`, `curl`
and, for `serve`, nginx. Prints lines for RESULTS.md beside it; nothing else should run.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("RELEASE", HERE.parent.parent / "target" / "release"))
STREAMS, FILE_SERVER = str(RELEASE / "streams"), str(RELEASE / "file_server")


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def data(folder, size):
    path = folder / "data"
    subprocess.run([STREAMS, "make", str(path), str(size)], check=True)
    return path


def compress(given, folder):
    """Rounds go forwards and backwards in turn; a ratio is the median of those of the same round."""
    source, level = given.data or data(folder, given.bytes), str(given.level)
    target = folder / "data.gz"
    ends = [str(source), str(target), level]
    contestants = {
        "Node, one core": ("0", ["node", str(HERE / "gzip.mjs"), *ends]),
        "ours single, one core": ("0", [STREAMS, "single", *ends]),
        "Node, two cores": ("0,1", ["node", str(HERE / "gzip.mjs"), *ends]),
        "ours single, two cores": ("0,1", [STREAMS, "single", *ends]),
        "ours parallel, two cores": ("0,1", [STREAMS, "parallel", *ends, "2"]),
    }
    taken = {name: [] for name in contestants}
    for number in range(given.rounds):
        for name in list(contestants)[:: -1 if number % 2 else 1]:
            cores, command = contestants[name]
            before = cpu_seconds()
            done = subprocess.run(["taskset", "-c", cores, *command], check=True, capture_output=True, text=True)
            figures = json.loads(done.stdout)
            figures["cpu_seconds"] = cpu_seconds() - before
            subprocess.run(["gzip", "--test", str(target)], check=True)
            taken[name].append(figures)
    for name, rounds in taken.items():
        node = taken["Node, one core" if "one core" in name else "Node, two cores"]
        middle = {key: statistics.median(round[key] for round in rounds) for key in rounds[0]}
        ratio = statistics.median(n["seconds"] / r["seconds"] for n, r in zip(node, rounds))
        cpu = statistics.median(n["cpu_seconds"] / r["cpu_seconds"] for n, r in zip(node, rounds))
        size = middle["written"] / node[0]["written"]
        print(
            f"| {name} | {middle['seconds']:.2f} | {ratio:.2f} | {middle['cpu_seconds']:.2f} | {cpu:.2f} "
            f"| {size:.4f} | {middle['peak_kb'] / 1024:.1f} |"
        )


# Started by root, its workers would have no right to the folder.
NGINX_USER = "user root; " if os.geteuid() == 0 else ""
NGINX = """
{user}daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def fetch(port):
    begun = time.perf_counter()
    url = f"http://127.0.0.1:{port}/data"
    subprocess.run(["taskset", "-c", "1", "curl", "-sf", "-o", "/dev/null", url], check=True)
    return time.perf_counter() - begun


def serve(given, folder):
    """The server on one core, curl on the other; the file is in the cache."""
    files = folder / "files"
    files.mkdir()
    data(files, given.bytes)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=given.port, user=NGINX_USER))
    started = ["taskset", "-c", "0"]
    nginx = subprocess.Popen([*started, given.nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    ours = subprocess.Popen([*started, FILE_SERVER, str(files)], stdout=subprocess.PIPE, text=True)
    try:
        port = re.search(r"listening \S+:(\d+)", ours.stdout.readline())[1]
        time.sleep(1)
        taken = {"nginx": [], "ours": []}
        for number in range(given.rounds + 1):
            for name in list(taken)[:: -1 if number % 2 else 1]:
                seconds = fetch(given.port if name == "nginx" else port)
                if number:  # The first brings the file into the cache.
                    taken[name].append(seconds)
    finally:
        nginx.terminate()
        ours.terminate()
    ratio = statistics.median(o / n for o, n in zip(taken["ours"], taken["nginx"]))
    for name, each in taken.items():
        print(f"| {name} | {statistics.median(each):.3f} ({min(each):.3f} to {max(each):.3f}) |")
    print(f"ours takes {ratio:.2f} of nginx's time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["gzip", "serve"])
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--data", type=pathlib.Path, help="what is compressed, instead of a log that is made")
    parser.add_argument("--level", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nginx", default=shutil.which("nginx") or "nginx")
    parser.add_argument("--port", type=int, default=18080)
    given = parser.parse_args()
    size = given.data.stat().st_size if given.data else given.bytes
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {size} bytes")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        {"gzip": compress, "serve": serve}[given.part](given, pathlib.Path(folder))


if __name__ == "__main__":
    main()
