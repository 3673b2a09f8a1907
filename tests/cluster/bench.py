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
from itertools import chain
from pathlib import Path

import psutil
from websockets.sync.client import connect

from app.config import RunConfig
from app.settings import Settings
from benchmarks.start import post, press
from tests.cluster.nodes import ray_cluster
from tests.server_process import served

PRESSES, RACES = 15, 5
LEAST_SHARE, MOST_LATER_MS = 0.95, 100
RACE = RunConfig()
STEPS = len(RACE.lanes) * RACE.epochs * (60_000 // RACE.batch_size)


def race(where: str, parts: Callable[[], dict[str, list[psutil.Process]]]) -> dict[str, float]:
    """Processor time of each part for a race with a viewer, from the press to the last message."""
    before = {name: cpu_seconds(processes) for name, processes in parts().items()}
    with closing(HTTPConnection(where)) as http:
        run, _ = post(http, "/api/runs", RACE)
        with connect(f"ws://{where}/api/runs/{run}/stream") as socket:
            for _ in socket:
                pass
    return {name: cpu_seconds(processes) - before[name] for name, processes in parts().items()}


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
        engines = {"local": {}, "ray": cluster.for_server}
        servers = {
            name: stack.enter_context(served(digits, folder, stderr=None, **limits, **engine))
            for name, engine in engines.items()
        }
        where = {name: address.partition("//")[2] for name, (_, address) in servers.items()}

        def parts(name: str) -> dict[str, list[psutil.Process]]:
            server = psutil.Process(servers[name][0].pid)
            if name == "local":
                return {"server": [server], "workers": server.children(recursive=True)}
            head, *nodes = [node.processes for node in cluster.nodes]
            return {
                "server": [server],
                "its process that uses Ray": server.children(recursive=True),
                "head": head,
                "node with its workers": list(chain.from_iterable(nodes)),
            }

        for each in where.values():
            press(each, RACE)
        first = {name: [] for name in where}
        for _ in range(PRESSES):
            for name, each in where.items():
                first[name].append(press(each, RACE) * 1e3)
        took = {name: [] for name in where}
        for _ in range(RACES):
            for name, each in where.items():
                took[name].append(race(each, partial(parts, name)))
    speed = {name: [STEPS / sum(each.values()) for each in races] for name, races in took.items()}
    for name in where:
        print(
            f"{name:5}  press to first batch {statistics.median(first[name]):5.1f} ms,"
            f" {statistics.median(speed[name]):7,.0f} steps per CPU second; of a race's CPU seconds "
            + ", ".join(f"{part} {statistics.median(race[part] for race in took[name]):.3f}" for part in took[name][0])
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
