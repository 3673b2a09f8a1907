"""One sweep of a playground, from Python: `for sweep in playground.sweep(axes).updates(): print(sweep["done"])`."""

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from app.client.started import Started, pandas
from app.report.sweeps.description import SweepDescription

if TYPE_CHECKING:
    from pandas import DataFrame


class Sweep(Started):
    """One sweep of a playground. `owner_key` stops it: keep it if another program is to."""

    kind, known_by = "sweep", "cells"

    def describe(self) -> SweepDescription:
        """The sweep as the server describes it; docs/protocol.md names every field."""
        return cast(SweepDescription, self._described())

    def updates(self) -> Iterator[SweepDescription]:
        """The sweep after each change, until it is over: the last is its final state.

        Reconnects by itself. Raises Refused if the server refuses, or has no room for a while, Unreachable if
        reconnecting fails for a while.
        """
        cursor: dict[str, int] = {}
        known: dict[str, dict[int, Any]] = {"cells": {}, "fresh": {}}
        for message in self._follow(lambda: cursor):
            changes = json.loads(message)
            if changes["type"] == "sweep":
                cursor["cursor"] = changes["cursor"]
                for kind, cells in known.items():
                    cells.update((int(number), cell) for number, cell in changes[kind].items())
                trainings = {kind: [cells[number] for number in sorted(cells)] for kind, cells in known.items()}
                yield cast(SweepDescription, {**changes["sweep"], **trainings})

    def wait(self) -> SweepDescription:
        """The sweep as the server describes it, once it is over."""
        for _ in self.updates():
            pass
        return self.describe()

    def frame(self) -> "DataFrame":
        """A row for each training, as a pandas frame, which has to be installed. Raises NotInstalled if it is not."""
        return cast("DataFrame", pandas().read_csv(io.BytesIO(self._file("cells.csv"))))
