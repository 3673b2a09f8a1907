"""`make bench-cluster`: what racing through Ray costs, beside the local engine on the same cores, in one run.

Speed is counted in processor time of all processes, of Ray's own too: beside other work Linux gives each session its
share of the machine, and a cluster has more sessions than a server.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import psutil
from websockets.sync.client import connect

from app.config import RunConfig
from app.settings import Settings
from benchmarks.start import post, press
from tests.cluster.nodes import ray_cluster
from tests.server_process import served

PRESSES, RACES = 15, 5
# `served` sets these itself.
PLACES = ("DATA_DIR", "CACHE_DIR")
LEAST_SHARE, MOST_LATER_MS = 0.95, 100
RACE = RunConfig(epochs=3)


def race(where: str, processes: Callable[[], list[psutil.Process]]) -> float:
    """Steps of a race with a viewer, from the press to the last message, in each second of their processor time."""
    before = cpu_seconds(processes())
    with closing(HTTPConnection(where)) as http:
        run, _ = post(http, "/api/runs", RACE)
        with connect(f"ws://{where}/api/runs/{run}/stream") as socket:
            for _ in socket:
                pass
    steps = len(RACE.lanes) * RACE.epochs * (60_000 // RACE.batch_size)
    return steps / (cpu_seconds(processes()) - before)


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """All of them are there before and after a race."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:2])
    return total


def main() -> None:
    digits = Settings.model_fields["data_dir"].default
    with ExitStack() as stack:
        cluster = stack.enter_context(ray_cluster(digits, 3))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        limits = {"STARTS_PER_MINUTE": "100000", "MAX_RUNS_PER_VISITOR": "100"}
        settings = {name: value for name, value in cluster.settings.items() if name not in PLACES}
        engines = {"local": {}, "ray": {**settings, "PLAYGROUND_ENGINE": "ray", "RAY_ADDRESS": cluster.address}}
        servers = {
            name: stack.enter_context(served(digits, folder, stderr=None, **limits, **engine))
            for name, engine in engines.items()
        }
        where = {name: address.partition("//")[2] for name, (_, address) in servers.items()}

        def processes(name: str) -> list[psutil.Process]:
            server = psutil.Process(servers[name][0].pid)
            nodes = [process for node in cluster.nodes for process in node.processes] if name == "ray" else []
            return [server, *server.children(recursive=True), *nodes]

        for each in where.values():
            press(each, RACE)
        first = {name: [] for name in where}
        for _ in range(PRESSES):
            for name, each in where.items():
                first[name].append(press(each, RACE) * 1e3)
        speed = {name: [] for name in where}
        for _ in range(RACES):
            for name, each in where.items():
                speed[name].append(race(each, partial(processes, name)))
    for name in where:
        print(
            f"{name:5}  press to first batch {statistics.median(first[name]):5.1f} ms,"
            f" {statistics.median(speed[name]):7,.0f} steps per CPU second"
        )
    share = statistics.median(ray / local for ray, local in zip(speed["ray"], speed["local"], strict=True))
    later = statistics.median(first["ray"]) - statistics.median(first["local"])
    print(
        f"Through Ray {share:.3f} of the steps per CPU second (at least {LEAST_SHARE}), and the first batch "
        f"{later:.1f} ms later (at most {MOST_LATER_MS})."
    )
    sys.exit(share < LEAST_SHARE or later > MOST_LATER_MS)


if __name__ == "__main__":
    main()
