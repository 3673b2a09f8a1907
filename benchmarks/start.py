"""How long a visitor waits: for the server's first answer, and from the press to the first point of a curve.

Everything is measured from outside, on a server in a process of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from websockets.sync.client import connect

from app.config import RunConfig
from app.runs.history import Kind
from app.settings import Settings
from benchmarks.effort import LIMITS, Effort
from benchmarks.processes import proportional_mb


def measure_start(settings: Settings, effort: Effort) -> dict[str, float | None]:
    """The first start ever unpacks the digits; later ones find them. Idle is the server before its first race."""
    first_start, start, first_frame = [], [], []
    for _ in effort.starts:
        with tempfile.TemporaryDirectory() as cache:
            with served(settings, Path(cache)) as (_, started_s, _):
                first_start.append(started_s)
            with served(settings, Path(cache)) as (process, started_s, where):
                start.append(started_s)
                idle_memory_mb = proportional_mb(process.pid)
                for _ in range(effort.presses):
                    first_frame.append(press(where, effort.race))
    return {
        "first_start_ms": statistics.median(first_start) * 1e3,
        "start_ms": statistics.median(start) * 1e3,
        "first_frame_ms": statistics.median(first_frame) * 1e3,
        "idle_memory_mb": idle_memory_mb,
    }


@contextmanager
def served(
    settings: Settings, cache: Path, limits: Mapping[str, object] = LIMITS
) -> Iterator[tuple[subprocess.Popen[str], float, str]]:
    """`playground serve` on a free port: its process, the seconds until its page was there, and its host:port."""
    environment = {
        **os.environ,
        "HOST": "127.0.0.1",
        **{name.upper(): str(limit) for name, limit in limits.items()},
        "PORT": "0",
        "CACHE_DIR": str(cache),
        "RUNS_DIR": str(cache),
        "DATA_DIR": str(settings.data_dir),
    }
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout
            where = next(urlsplit(word).netloc for word in process.stdout.readline().split() if "://" in word)
            with closing(HTTPConnection(where)) as http:
                http.request("GET", "/")
                http.getresponse().read()
            yield process, time.monotonic() - started, where
        finally:
            process.terminate()


def press(where: str, config: RunConfig) -> float:
    """What the page does when Start is pressed; the seconds until a viewer has the first batches. Stops the race."""
    with closing(HTTPConnection(where)) as http:
        http.connect()
        started = time.monotonic()
        run_id, key = post(http, "/api/runs", config)
        with connect(f"ws://{where}/api/runs/{run_id}/stream") as socket:
            # Metrics come first in a message that has any.
            while not isinstance(message := socket.recv(), bytes) or message[1] != Kind.METRICS:
                pass
            first_frame_s = time.monotonic() - started
            post(http, f"/api/runs/{run_id}/stop", key=key)
            for _ in socket:
                pass
    return first_frame_s


def post(
    http: HTTPConnection, path: str, config: RunConfig | None = None, key: str | None = None
) -> tuple[str, str | None]:
    """The run's id, and its key if it was started by this."""
    headers = {"Content-Type": "application/json", **({"X-Owner-Key": key} if key else {})}
    http.request("POST", path, config.model_dump_json() if config else None, headers)
    answer = http.getresponse()
    return json.loads(answer.read())["id"], answer.headers["X-Owner-Key"]
