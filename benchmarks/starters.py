"""Many visitors who press play in one instant: what each is answered, and what the server is like meanwhile and after.

Each comes from an address of its own in 127.0.0.0/8, where the system has them all, so that limits see many visitors.
"""

import json
import re
import selectors
import socket
import statistics
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from app.config import RunConfig
from app.errors import PlaygroundError
from app.settings import Settings
from benchmarks.processes import proportional_mb
from benchmarks.server import answer, process
from benchmarks.start import served

STARTERS = 200
ANSWERED_WITHIN_S = 1.0
HEALTHY_WITHIN_MS = 100.0
MEMORY_BACK_WITHIN = 0.10
# A race for every one of them would take an hour: they are stopped when all have been answered.
RACE = RunConfig(epochs=100)
ASKED_EVERY_S = 0.02
SETTLED_WITHIN_S = 30.0


class Start(NamedTuple):
    """What one visitor was answered: 201 or a refusal, after `seconds`; the run's status, or the error's code."""

    seconds: float
    http_status: int
    outcome: str
    run_id: str
    key: str


def starters(pipe: Connection) -> None:
    """The process: for each (port, count) it answers a list of Start."""
    while True:
        port, count = pipe.recv()
        pipe.send(_start_all(port, count))


def measure_starters(settings: Settings, count: int = STARTERS) -> dict[str, Any]:
    """Two waves to warm everything up, then the one that counts."""
    with served(settings, settings.cache_dir) as (server, _, where), process(starters) as visitors:
        port = int(where.rpartition(":")[2])
        for _ in range(2):
            _wave(visitors, port, count)
        before_mb = _settled_mb(server.pid, where)
        health = _Health(where)
        starts = _wave(visitors, port, count)
        healthy_ms = health.slowest_ms()
        after_mb = _settled_mb(server.pid, where)
    answers = Counter(start.outcome if start.http_status != 201 else f"201 {start.outcome}" for start in starts)
    return {
        "n": count,
        "answers": dict(answers),
        "median_s": statistics.median(start.seconds for start in starts),
        "slowest_s": max(start.seconds for start in starts),
        "healthz_ms": healthy_ms,
        "before_mb": before_mb,
        "after_mb": after_mb,
        "memory_ratio": after_mb / before_mb if before_mb and after_mb else None,
    }


def well(starts: dict[str, Any]) -> bool:
    """Whether everyone was answered in time, the server stayed healthy, and gave its memory back."""
    return (
        starts["slowest_s"] <= ANSWERED_WITHIN_S
        and starts["healthz_ms"] <= HEALTHY_WITHIN_MS
        and (starts["memory_ratio"] is None or starts["memory_ratio"] <= 1 + MEMORY_BACK_WITHIN)
    )


def _wave(visitors: Connection, port: int, count: int) -> list[Start]:
    """All start at once, and whoever got a run stops it."""
    visitors.send((port, count))
    starts: list[Start] = answer(visitors)
    # The last in the queue first, so that none of them begins to race on the way.
    for start in reversed(starts):
        if start.http_status == 201:
            _ask(f"127.0.0.1:{port}", "POST", f"/api/runs/{start.run_id}/stop", start.key)
    return starts


def _start_all(port: int, count: int) -> list[Start]:
    body = RACE.model_dump_json()
    request = (
        f"POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()
    with selectors.DefaultSelector() as selector:
        began = time.monotonic()
        for number in range(count):
            sock = socket.create_connection(("127.0.0.1", port), source_address=(_address(number), 0))
            sock.sendall(request)
            selector.register(sock, selectors.EVENT_READ, bytearray())
        starts = []
        while selector.get_map():
            ready = selector.select(SETTLED_WITHIN_S)
            if not ready:
                raise PlaygroundError(f"{len(selector.get_map())} starts were not answered.")
            for key, _ in ready:
                data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]  # a socket
                if data:
                    key.data.extend(data)
                    continue
                selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # a socket
                starts.append(_read(key.data.decode(), time.monotonic() - began))
    return starts


def _address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def _read(response: str, seconds: float) -> Start:
    head, _, body = response.partition("\r\n\r\n")
    content = json.loads(body[body.index("{") : body.rindex("}") + 1])
    key = re.search(r"^x-owner-key: (\S+)", head, re.IGNORECASE | re.MULTILINE)
    outcome = content["status"] if "status" in content else content["error"]["code"]
    return Start(seconds, int(head.split()[1]), outcome, content.get("id", ""), key[1] if key else "")


class _Health:
    """Asks /healthz again and again, in a thread of its own."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._over = threading.Event()
        self._slowest_ms = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def slowest_ms(self) -> float:
        """Until now; from here on it asks no more."""
        self._over.set()
        self._thread.join()
        return self._slowest_ms

    def _watch(self) -> None:
        while not self._over.wait(ASKED_EVERY_S):
            asked = time.monotonic()
            _ask(self._where, "GET", "/healthz")
            self._slowest_ms = max(self._slowest_ms, (time.monotonic() - asked) * 1e3)


def _ask(where: str, method: str, path: str, key: str = "") -> bytes:
    http = HTTPConnection(where, timeout=SETTLED_WITHIN_S)
    try:
        http.request(method, path, headers={"X-Owner-Key": key} if key else {})
        return http.getresponse().read()
    finally:
        http.close()


def _settled_mb(pid: int, where: str) -> float | None:
    """Memory of the server and its workers, once nothing races and nothing waits."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    busy = re.compile(r'^playground_runs\{status="\w+"\} [1-9]', re.MULTILINE)
    while busy.search(_ask(where, "GET", "/metrics").decode()):
        if time.monotonic() > deadline:
            raise PlaygroundError(f"Runs that were stopped go on after {SETTLED_WITHIN_S:.0f} s.")
        time.sleep(ASKED_EVERY_S)
    # The workers of the last race give back what they can when it is over.
    time.sleep(1)
    return proportional_mb(pid)
