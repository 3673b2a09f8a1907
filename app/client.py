"""The playground from Python: `with Playground("http://127.0.0.1:8000") as playground: race = playground.start()`.

Starts and commands races, iterates over their batches while they are made, and has their numbers as NumPy arrays or as
a pandas frame. All errors are PlaygroundErrors with the server's own sentence.
"""

import io
import json
import random
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.choices import VIEW
from app.config import RunConfig
from app.errors import NotInstalled, PlaygroundError
from app.events import Frame
from app.report.lane_names import names
from app.runs.description import RunDescription
from app.runs.history import Kind
from app.web.protocol import BAD_CURSOR, NO_SUCH_RUN, RUN_OVER, TRY_LATER, decode_blocks

if TYPE_CHECKING:
    import pandas

Table = Literal["batches", "evaluations"]

AN_ID = re.compile(r"[\w-]+", re.ASCII)
# The server lets hear from itself every 5 seconds.
SILENCE_S = 12.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0


class Refused(PlaygroundError):
    """The server does not do what was asked; `code` is its word for why, `retry_after_s` when it may."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after_s = status, code, retry_after_s


class Unreachable(PlaygroundError):
    """Nobody answers at the server's address."""


class Playground:
    """A server. Close it, or use it in a `with` statement. Raises PlaygroundError if the url is none."""

    def __init__(self, url: str = "http://127.0.0.1:8000", *, passphrase: str | None = None) -> None:
        self.url = url.rstrip("/")
        if not re.match(r"https?://[^/]", self.url):
            raise PlaygroundError(f"The url should begin with http:// or https:// and name a server; got {url!r}.")
        headers = {"X-Passphrase": quote(passphrase)} if passphrase else {}
        try:
            self._http = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        except httpx.InvalidURL as problem:
            raise PlaygroundError(f"The url should be the address of a server; got {url!r}: {problem}.") from problem

    def start(
        self, config: RunConfig | dict[str, Any] | None = None, *, pace: float | None = None, paused: bool = False
    ) -> "Race":
        """Start a race; what the config leaves out is as usual. Raises Refused, with a sentence, or Unreachable.

        Where others wait, watch it within a few seconds (`frames`, `wait`), or keep asking for it (`describe`): a
        queued run that nobody wants gives way.
        """
        body = config.model_dump() if isinstance(config, RunConfig) else {} if config is None else config
        wishes = {"pace": pace, "paused": paused or None}
        answer = self.ask("POST", "/api/runs", json=body, params={k: v for k, v in wishes.items() if v is not None})
        return Race(self, self.told(answer)["id"], answer.headers.get("X-Owner-Key"))

    def race(self, run_id: str, owner_key: str | None = None) -> "Race":
        """A race that somebody has started; without its key it can be watched. Raises Refused if it is not there."""
        if not AN_ID.fullmatch(run_id):
            raise PlaygroundError(f"A run's id is letters, digits, - and _, as in the run's address; got {run_id!r}.")
        race = Race(self, run_id, owner_key)
        race.describe()
        return race

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request. Raises Refused or Unreachable."""
        if self._http.is_closed:
            raise PlaygroundError("This Playground is closed; make another one.")
        if "json" in options:
            options["content"] = _encoded(options.pop("json"))
            options["headers"] = {**options.get("headers", {}), "Content-Type": "application/json"}
        try:
            answer = self._http.request(method, path, **options)
        except httpx.RequestError as problem:
            raise Unreachable(f"Nobody answers at {self.url}: {problem}. Is the server running?") from problem
        if answer.is_success:
            return answer
        raise _refused(answer.status_code, answer.content, answer.headers.get("Retry-After"))

    def told(self, answer: httpx.Response) -> RunDescription:
        """The JSON of a run in an answer. Raises PlaygroundError if it is the answer of something else."""
        try:
            run: RunDescription = answer.json()
            if "lanes" in run:
                return run
        except (ValueError, TypeError):
            pass
        raise PlaygroundError(f"What answers at {self.url} is no playground, or a proxy in front of it.")

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Race:
    """One race of a playground. `owner_key` commands it: keep it if another program is to."""

    def __init__(self, playground: Playground, run_id: str, owner_key: str | None) -> None:
        self.id = run_id
        self.owner_key = owner_key
        self._playground = playground
        self._path = f"/api/runs/{run_id}"

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._playground.url}/runs/{self.id}"

    def describe(self) -> RunDescription:
        """The run as the server tells it; docs/protocol.md names every field."""
        return self._playground.told(self._playground.ask("GET", self._path, headers=self._owner))

    def frames(self) -> Iterator[Frame]:
        """Every batch of every lane from the first on, as it is made, until the race is over.

        Comes back by itself when the connection breaks, with no batch left out and none twice. Raises Refused if the
        server says no, or not now for a while, Unreachable if it does not come back.
        """
        have = [[0] * len(self.describe()["lanes"]) for _ in Kind]
        pause = FIRST_PAUSE_S
        while True:
            wanted_s = 0.0
            try:
                with self._connect(have) as socket:
                    for kind, lane, first, columns in _blocks(socket):
                        pause = FIRST_PAUSE_S
                        have[kind - 1][lane] = first + columns.shape[1]
                        if kind == Kind.METRICS:
                            yield Frame(lane, first + 1, *columns)
                return
            except InvalidStatus as problem:
                answer = problem.response
                refused = _refused(answer.status_code, answer.body or b"", answer.headers.get("Retry-After"))
                if answer.status_code != 503 or pause >= LONGEST_PAUSE_S:
                    raise refused from problem
                wanted_s = refused.retry_after_s or 0
            except Refused:
                if pause >= LONGEST_PAUSE_S:
                    raise
            except (InvalidHandshake, TimeoutError, OSError) as problem:
                if pause >= LONGEST_PAUSE_S:
                    raise Unreachable(
                        f"The stream of run {self.id} broke, and {self._playground.url} is gone."
                    ) from problem
            except ConnectionClosed as problem:
                if problem.rcvd and problem.rcvd.code in (BAD_CURSOR, NO_SUCH_RUN):
                    raise Refused(404, "not_found", f"Run {self.id} is not on the server any more.", None) from problem
            time.sleep(max(wanted_s, pause * random.uniform(0.5, 1)))
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def wait(self) -> RunDescription:
        """The run as the server tells it, once it is over."""
        for _ in self.frames():
            pass
        return self.describe()

    def arrays(
        self, table: Table = "batches", smoothing: float = VIEW["smoothing"].default
    ) -> dict[str, dict[str, NDArray[Any]]]:
        """For each lane, by its name, the columns of the CSV as arrays of shape (rows,), as far as the race is."""
        try:
            import pyarrow.parquet as pq
        except ImportError:
            raise NotInstalled("The numbers come as Parquet; install what reads it: pip install pyarrow") from None
        query = {"table": table, "smoothing": smoothing}
        file = self._playground.ask("GET", f"{self._path}/export.parquet", params=query).content
        columns = {column: values.to_numpy() for column, values in _named(pq.read_table(io.BytesIO(file)))}
        lanes = columns.pop("lane")
        del columns["name"], columns["optimizer"]
        called = names(self.describe()["config"])
        return {name: {c: values[lanes == lane] for c, values in columns.items()} for lane, name in enumerate(called)}

    def frame(self, table: Table = "batches", smoothing: float = VIEW["smoothing"].default) -> "pandas.DataFrame":
        """The same as one pandas frame, which has to be installed. Raises NotInstalled if it is not."""
        try:
            import pandas as pd
        except ImportError:
            raise NotInstalled("A frame is a pandas.DataFrame; install it: pip install pandas") from None
        lanes = self.arrays(table, smoothing).items()
        return pd.concat([pd.DataFrame({"lane": name, **columns}) for name, columns in lanes], ignore_index=True)

    def pause(self) -> None:
        self._command("POST", "pause")

    def resume(self) -> None:
        self._command("POST", "resume")

    def step(self) -> None:
        """One more batch in every lane, then pause."""
        self._command("POST", "step")

    def stop(self) -> None:
        self._command("POST", "stop")

    def set_pace(self, batches_per_s: float | None) -> None:
        """Of each lane; None is full speed."""
        self._command("PUT", "pace", json={"batches_per_s": batches_per_s})

    def set_learning_rate(self, lane: int, learning_rate: float) -> None:
        """From the lane's next batch on; lanes are numbered from 0."""
        self._command("PUT", f"lanes/{lane}/learning-rate", json={"learning_rate": learning_rate})

    @property
    def _owner(self) -> dict[str, str]:
        return {"X-Owner-Key": quote(self.owner_key)} if self.owner_key else {}

    def _command(self, method: str, what: str, **options: Any) -> None:
        self._playground.ask(method, f"{self._path}/{what}", headers=self._owner, **options)

    def _connect(self, have: list[list[int]]) -> ClientConnection:
        cursor = (",".join(map(str, rows)) for rows in have)
        query = "&".join(
            f"{name}={rows}" for name, rows in zip(("steps", "evaluations", "pushes"), cursor, strict=True)
        )
        url = f"{self._playground.url.replace('http', 'ws', 1)}{self._path}/stream?{query}"
        return connect(url, max_size=None, compression=None)


def _blocks(socket: ClientConnection) -> Iterator[tuple[int, int, int, NDArray[np.float32]]]:
    """What comes until the run is over. Raises Refused, ConnectionClosed or TimeoutError when it ends before."""
    said = ""
    while True:
        try:
            message = socket.recv(timeout=SILENCE_S)
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code == RUN_OVER:
                return
            if closed.rcvd and closed.rcvd.code == TRY_LATER:
                raise _refused(503, said.encode(), None) from closed
            raise
        if isinstance(message, bytes):
            yield from decode_blocks(message)
        else:
            said = message


def _named(table: Any) -> Iterator[tuple[str, Any]]:
    return zip(table.column_names, table.columns, strict=True)


def _encoded(body: object) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as problem:
        raise PlaygroundError(
            f"What is sent should be numbers, texts, lists and dicts, and no number NaN or infinite: {problem}."
        ) from problem


def _refused(status: int, body: bytes | bytearray, retry_after: str | None) -> Refused:
    try:
        told = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        # A proxy in between may answer with a page of its own.
        told = {"code": "internal", "message": f"The server answered with status {status} and no explanation."}
    return Refused(status, told["code"], told["message"], float(retry_after) if retry_after else None)
