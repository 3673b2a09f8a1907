"""One sweep of a playground, from Python: `for sweep in playground.sweep(axes).updates(): print(sweep["done"])`."""

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from app.client_stream import Server, follow, owner_header
from app.errors import NotInstalled
from app.report.sweep_description import SweepDescription

if TYPE_CHECKING:
    import pandas


class Sweep:
    """`owner_key` stops it: keep it if another program is to."""

    def __init__(self, playground: Server, sweep_id: str, owner_key: str | None) -> None:
        self.id = sweep_id
        self.owner_key = owner_key
        self._playground = playground
        self._path = f"/api/sweeps/{sweep_id}"

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self._playground.url}/sweeps/{self.id}"

    def describe(self) -> SweepDescription:
        """The sweep as the server tells it; docs/protocol.md names every field."""
        answer = self._playground.ask("GET", self._path, headers=owner_header(self.owner_key))
        return cast(SweepDescription, self._playground.told(answer, "cells"))

    def updates(self) -> Iterator[SweepDescription]:
        """The sweep each time something has come of it, until it is over: the last is as it ended.

        Comes back by itself when the connection breaks. Raises Refused if the server says no, or not now for a while,
        Unreachable if it does not come back.
        """
        cursor: int | None = None
        known: dict[str, dict[int, Any]] = {"cells": {}, "fresh": {}}

        def address() -> str:
            query = "" if cursor is None else f"?cursor={cursor}"
            return f"{self._playground.url.replace('http', 'ws', 1)}{self._path}/stream{query}"

        for message in follow(f"sweep {self.id}", self._playground.url, address):
            told = json.loads(message)
            if told["type"] == "sweep":
                cursor = told["cursor"]
                for kind, cells in known.items():
                    cells.update((int(number), cell) for number, cell in told[kind].items())
                trainings = {kind: [cells[number] for number in sorted(cells)] for kind, cells in known.items()}
                yield cast(SweepDescription, {**told["sweep"], **trainings})

    def wait(self) -> SweepDescription:
        """The sweep as the server tells it, once it is over."""
        for _ in self.updates():
            pass
        return self.describe()

    def stop(self) -> None:
        """What has come out so far stays."""
        self._playground.ask("POST", f"{self._path}/stop", headers=owner_header(self.owner_key))

    def frame(self) -> "pandas.DataFrame":
        """A row for each training, as a pandas frame, which has to be installed. Raises NotInstalled if it is not."""
        try:
            import pandas as pd
        except ImportError:
            raise NotInstalled("A frame is a pandas.DataFrame; install it: pip install pandas") from None
        return pd.read_csv(io.BytesIO(self._playground.ask("GET", f"{self._path}/cells.csv").content))
