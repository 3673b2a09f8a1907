"""Everything a server does, once, in the image that is being built: what was left out and is needed ends the build.

What is imported meanwhile is compiled, so that a container starts as fast as if all of it were.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib import import_module
from pathlib import Path

# For PostgreSQL, which is not there.
LATER = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg")
PAGES = (
    "/", "/docs", "/api/capacity", "/metrics", "/readyz",
    "/api/qr.svg?path=/", "/runs/recorded", "/embed/recorded", "/runs/recorded/card.png",
    "/api/runs/recorded/export.csv", "/api/runs/recorded/export.json", "/api/runs/recorded/export.parquet",
)  # fmt: skip
LOADED = re.compile(rb'(?:src|href)="(/static/[^"]+)"')
OF_A_RUN = ("", "/story", "/weights", "/lanes/0/confusion", "/export.parquet?table=evaluations")
RACE = {"epochs": 1, "batch_size": 1000}
FINISHED_WITHIN_S = 120.0


def main() -> None:
    for name in LATER:
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PORT": "0", "RUNS_DIR": folder}
        playground = [str(Path(sys.executable).with_name("playground"))]
        with subprocess.Popen([*playground, "serve"], env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                address = re.search(r"http://\S+", server.stdout.readline())[0].replace("0.0.0.0", "127.0.0.1")
                race(address)
                for page in PAGES:
                    for named in LOADED.findall(ask(address + page)):
                        ask(address + named.decode())
                copy = str(Path(folder) / "copy.db")
                subprocess.run([*playground, "backup", copy], env=environment, check=True)
            finally:
                server.send_signal(signal.SIGTERM)
        if server.returncode:
            sys.exit(f"The server ended with exit status {server.returncode}.")
        subprocess.run([*playground, "restore", copy], env=environment, check=True)


def race(address: str) -> None:
    request = urllib.request.Request(
        f"{address}/api/runs", json.dumps(RACE).encode(), {"Content-Type": "application/json"}
    )
    run = f"{address}/api/runs/{json.loads(ask(request))['id']}"
    deadline = time.monotonic() + FINISHED_WITHIN_S
    while json.loads(ask(run))["status"] != "finished":
        if time.monotonic() > deadline:
            sys.exit(f"No race ends within {FINISHED_WITHIN_S:g} seconds.")
        time.sleep(0.1)
    for page in OF_A_RUN:
        ask(run + page)
    ask(urllib.request.Request(f"{run}/predict", bytes(784)))


def ask(request: str | urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


main()
