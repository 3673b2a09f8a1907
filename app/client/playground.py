"""A server, from a Python program: starts races and sweeps, and finds those of others."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from app.client.race import Race
from app.client.stream import Unreachable, refused
from app.client.sweep import Sweep
from app.config import RunConfig
from app.errors import PlaygroundError

AN_ID = re.compile(r"[\w-]+", re.ASCII)

Kind = TypeVar("Kind", Race, Sweep)


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
    ) -> Race:
        """Start a race; what the config leaves out has its default. Raises Refused, with a sentence, or Unreachable.

        Where others wait, watch it within a few seconds (`frames`, `wait`), or keep asking for it (`describe`): a
        queued run that no one watches is overtaken by others.
        """
        body = config.model_dump() if isinstance(config, RunConfig) else {} if config is None else config
        wishes = {"pace": pace, "paused": paused or None}
        answer = self.ask("POST", "/api/runs", json=body, params={k: v for k, v in wishes.items() if v is not None})
        return self._started(Race, answer)

    def race(self, run_id: str, owner_key: str | None = None) -> Race:
        """A race that was started elsewhere; without its key it can be watched. Raises Refused if there is none."""
        return self._found(Race, run_id, owner_key)

    def sweep(self, axes: Mapping[str, Sequence[Any]], config: dict[str, Any] | None = None) -> Sweep:
        """Start a sweep of every combination of the values on `axes`; `config` has all other settings, one epoch by
        default.

        As `sweep({"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1, 1]})`. Raises Refused or Unreachable.
        """
        body = {"axes": {name: list(values) for name, values in axes.items()}, "config": config or {}}
        answer = self.ask("POST", "/api/sweeps", json=body)
        return self._started(Sweep, answer)

    def find_sweep(self, sweep_id: str, owner_key: str | None = None) -> Sweep:
        """The same of a sweep."""
        return self._found(Sweep, sweep_id, owner_key)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request. Raises Refused or Unreachable."""
        if self._http.is_closed:
            raise PlaygroundError("This Playground is closed; create another one.")
        if "json" in options:
            options["content"] = _encoded(options.pop("json"))
            options["headers"] = {**options.get("headers", {}), "Content-Type": "application/json"}
        try:
            answer = self._http.request(method, path, **options)
        except httpx.RequestError as problem:
            raise Unreachable(f"No answer from {self.url}: {problem}. Is the server running?") from problem
        if answer.is_success:
            return answer
        raise refused(answer.status_code, answer.content, answer.headers.get("Retry-After"))

    def described(self, answer: httpx.Response, known_by: str) -> Any:
        """The JSON of a run or a sweep in an answer. Raises PlaygroundError if something else has answered."""
        try:
            described = answer.json()
            if known_by in described:
                return described
        except (ValueError, TypeError):
            pass
        raise PlaygroundError(f"What answers at {self.url} is no playground, or a proxy in front of it.")

    def _started(self, kind: type[Kind], answer: httpx.Response) -> Kind:
        return kind(self, self.described(answer, kind.known_by)["id"], answer.headers.get("X-Owner-Key"))

    def _found(self, kind: type[Kind], started_id: str, owner_key: str | None) -> Kind:
        if not AN_ID.fullmatch(started_id):
            raise PlaygroundError(
                f"A {kind.kind}'s id is letters, digits, - and _, as in its address; got {started_id!r}."
            )
        found = kind(self, started_id, owner_key)
        found.describe()
        return found

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _encoded(body: object) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as problem:
        raise PlaygroundError(
            f"Settings should be numbers, texts, lists and dicts, without NaN and infinity: {problem}."
        ) from problem
