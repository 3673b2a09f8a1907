"""How soon a command acts: from the request to what a viewer of the run sees of it, at full speed, slow and paused."""

import json
import queue
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from websockets.sync.client import ClientConnection, connect

from app.config import RunConfig
from app.errors import PlaygroundError
from app.events import RunStatus
from app.settings import Settings
from benchmarks.crowd import pieces
from benchmarks.effort import Effort
from benchmarks.start import served

# Long enough with few digits too; each is stopped when all has been asked of it.
LIVE = RunConfig(epochs=100, batch_size=16)
SLOW = 2
# So many steps of every lane at full speed, before something is asked of it.
UNDER_WAY = 500
ACTS_WITHIN_S = 60.0


def measure_commands(settings: Settings, effort: Effort) -> dict[str, float]:
    """Medians in ms: until every lane has made its first step, or the last one it was still to make."""
    times: dict[str, list[float]] = defaultdict(list)
    with served(settings, settings.cache_dir) as (_, _, where):
        for _ in effort.command_rounds:
            for name, taken_s in _command_one(where):
                times[name].append(taken_s)
    figures = {name: statistics.median(taken) * 1e3 for name, taken in times.items()}
    return {**figures, "worst": max(figures.values())}


def _command_one(where: str) -> Iterator[tuple[str, float]]:
    """Each command to a run of its own, and its seconds."""
    run = _Run(where)
    with connect(f"ws://{where}{run.path}/stream") as socket:
        seen = _Seen(socket)
        # While the one before is stopping it may be in the queue, where it can't be commanded.
        seen.until(lambda: seen.run.get("status") == RunStatus.PAUSED)
        run.settle(seen)
        yield "resume", run.first_step(seen, lambda: run.order("POST", "/resume"))
        seen.until_steps(UNDER_WAY)
        yield "pause", run.last_step(seen, lambda: run.order("POST", "/pause"))
        yield "step", run.first_step(seen, lambda: run.order("POST", "/step"))
        run.pace(SLOW)
        yield "resume, slow", run.first_step(seen, lambda: run.order("POST", "/resume"))
        yield "full speed", run.first_step(seen, lambda: run.pace(None))
        seen.until_steps(UNDER_WAY)
        yield "slow down", run.last_step(seen, lambda: run.pace(SLOW))
        run.order("POST", "/stop")


class _Seen:
    """What a viewer has so far. A thread of its own notes when each message came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.rows = [0] * len(LIVE.lanes)
        self.run: dict[str, Any] = {"lanes": []}
        self.at = self.rows_at = 0.0
        self._messages: queue.SimpleQueue[tuple[float, str | bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(socket,), daemon=True).start()

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + ACTS_WITHIN_S
        while not condition():
            try:
                self.at, message = self._messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise PlaygroundError(f"A command has not acted in {ACTS_WITHIN_S:.0f} s.") from None
            if isinstance(message, str):
                self.run = json.loads(message).get("run", self.run)
                continue
            for piece in pieces(message):
                self.rows[piece.lane], self.rows_at = piece.after, self.at

    def until_steps(self, count: int) -> None:
        """Until every lane has made so many more."""
        wanted = [have + count for have in self.rows]
        self.until(lambda: all(have >= want for have, want in zip(self.rows, wanted, strict=True)))

    def _listen(self, socket: ClientConnection) -> None:
        for message in socket:
            self._messages.put((time.monotonic(), message))


class _Run:
    """A run that starts paused, and is commanded."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.path = "/api/runs"
        self._headers = {"Content-Type": "application/json"}
        answer = self.order("POST", "?paused=true", LIVE.model_dump())
        self.path += f"/{answer['id']}"
        self._learning_rate = LIVE.learning_rate

    def order(self, method: str, what: str, body: Any = None) -> dict[str, Any]:
        # A connection of its own: the server closes one on which nothing is asked for some seconds.
        with closing(HTTPConnection(self._where)) as http:
            http.request(method, self.path + what, body and json.dumps(body), self._headers)
            response = http.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        if key := response.headers["X-Owner-Key"]:
            self._headers["X-Owner-Key"] = key
        if response.status >= 400:
            raise PlaygroundError(answer["error"]["message"])
        return answer

    def pace(self, batches_per_s: float | None) -> None:
        self.order("PUT", "/pace", {"batches_per_s": batches_per_s})

    def first_step(self, seen: _Seen, command: Callable[[], object]) -> float:
        """Seconds until every lane has made one more step; now all of them wait."""
        asked = time.monotonic()
        command()
        seen.until_steps(1)
        return seen.at - asked

    def last_step(self, seen: _Seen, command: Callable[[], object]) -> float:
        """Seconds until the last step of any lane has come; now all of them are under way."""
        asked = time.monotonic()
        command()
        self.settle(seen)
        return max(0.0, seen.rows_at - asked)

    def settle(self, seen: _Seen) -> None:
        """Until all lanes have obeyed: they answer a new learning rate after whatever they were asked before it."""
        self._learning_rate *= 1 + 1e-6
        for lane in range(len(LIVE.lanes)):
            self.order("PUT", f"/lanes/{lane}/learning-rate", {"learning_rate": self._learning_rate})
        seen.until(lambda: {lane["learning_rate"] for lane in seen.run["lanes"]} == {self._learning_rate})
