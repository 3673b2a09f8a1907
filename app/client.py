"""The playground from Python: `with Playground("http://127.0.0.1:8000") as playground: race = playground.start()`.

Starts and commands races, iterates over their batches while they are made, and has their numbers as NumPy arrays or as
a pandas frame. All errors are PlaygroundErrors with the server's own sentence.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

import httpx
from numpy.typing import NDArray

from app.choices import VIEW
from app.client_stream import Refused, Unreachable, follow, owner_header, refused
from app.client_sweep import Sweep
from app.config import RunConfig
from app.errors import NotInstalled, PlaygroundError
from app.events import Frame
from app.report.lane_names import names
from app.runs.description import RunDescription
from app.runs.history import Kind
from app.web.protocol import decode_blocks

if TYPE_CHECKING:
    import pandas

__all__ = ["Playground", "Race", "Refused", "Sweep", "Unreachable"]

Table = Literal["batches", "evaluations"]

AN_ID = re.compile(r"[\w-]+", re.ASCII)


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

    def sweep(self, axes: Mapping[str, Sequence[Any]], config: dict[str, Any] | None = None) -> "Sweep":
        """Start a sweep: every combination of the values on `axes`, with `config` for all else, one epoch by default.

        As `sweep({"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1, 1]})`. Raises Refused or Unreachable.
        """
        body = {"axes": {name: list(values) for name, values in axes.items()}, "config": config or {}}
        answer = self.ask("POST", "/api/sweeps", json=body)
        return Sweep(self, self.told(answer, "cells")["id"], answer.headers.get("X-Owner-Key"))

    def find_sweep(self, sweep_id: str, owner_key: str | None = None) -> "Sweep":
        """A sweep that somebody has started; without its key it can be watched. Raises Refused if it is not there."""
        if not AN_ID.fullmatch(sweep_id):
            raise PlaygroundError(f"A sweep's id is letters, digits, - and _, as in its address; got {sweep_id!r}.")
        sweep = Sweep(self, sweep_id, owner_key)
        sweep.describe()
        return sweep

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
        raise refused(answer.status_code, answer.content, answer.headers.get("Retry-After"))

    def told(self, answer: httpx.Response, known_by: str = "lanes") -> Any:
        """The JSON of a run or a sweep in an answer. Raises PlaygroundError if it is the answer of something else."""
        try:
            described = answer.json()
            if known_by in described:
                return described
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
        run: RunDescription = self._playground.told(self._playground.ask("GET", self._path, headers=self._owner))
        return run

    def frames(self) -> Iterator[Frame]:
        """Every batch of every lane from the first on, as it is made, until the race is over.

        Comes back by itself when the connection breaks, with no batch left out and none twice. Raises Refused if the
        server says no, or not now for a while, Unreachable if it does not come back.
        """
        have = [[0] * len(self.describe()["lanes"]) for _ in Kind]
        for message in follow(f"run {self.id}", self._playground.url, lambda: self._stream(have)):
            for kind, lane, first, columns in decode_blocks(message) if isinstance(message, bytes) else ():
                have[kind - 1][lane] = first + columns.shape[1]
                if kind == Kind.METRICS:
                    yield Frame(lane, first + 1, *columns)

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
        return owner_header(self.owner_key)

    def _command(self, method: str, what: str, **options: Any) -> None:
        self._playground.ask(method, f"{self._path}/{what}", headers=self._owner, **options)

    def _stream(self, have: list[list[int]]) -> str:
        cursor = (",".join(map(str, rows)) for rows in have)
        query = "&".join(
            f"{name}={rows}" for name, rows in zip(("steps", "evaluations", "pushes"), cursor, strict=True)
        )
        return f"{self._playground.url.replace('http', 'ws', 1)}{self._path}/stream?{query}"


def _named(table: Any) -> Iterator[tuple[str, Any]]:
    return zip(table.column_names, table.columns, strict=True)


def _encoded(body: object) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as problem:
        raise PlaygroundError(
            f"What is sent should be numbers, texts, lists and dicts, and no number NaN or infinite: {problem}."
        ) from problem
