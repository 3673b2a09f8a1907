"""Encodes a live sweep as messages to another server, and makes the same sweep of them there. Pure."""

import json
from datetime import datetime
from typing import Any

from app.events import PlaceChanged, RunStatus, WatchedElsewhere
from app.storage.sweep_records import SweepCheckpoint, read_result, sweep_changes_since
from app.sweeps.grid import cell_at, grid
from app.sweeps.sweep import Sweep


def encode_sweep_changes(sweep: Sweep, mark: SweepCheckpoint | None, viewers: int) -> tuple[bytes, SweepCheckpoint]:
    """The changes since `mark`, and the mark that follows them; `viewers` watch through servers other than its own."""
    records, after = sweep_changes_since(sweep, mark)
    head = {
        "row": {**records.row, "created_at": sweep.created_at.isoformat()},
        "cells": records.cells,
        "place": sweep.place,
        "left_s": sweep.left_s,
        "saved": sweep.saved,
        "viewers": viewers,
    }
    return json.dumps(head, separators=(",", ":")).encode(), after


class SweepMirror:
    """The sweep that the messages so far amount to; `kept` is None before the first."""

    def __init__(self, sweep_id: str) -> None:
        self.kept: Sweep | None = None
        self._sweep_id = sweep_id

    def take(self, message: bytes) -> None:
        """Apply the next message. Raises ValueError or LookupError if it is not one."""
        head = json.loads(message)
        row = head["row"]
        sweep = self.kept or self._begun(row)
        fresh = json.loads(row["fresh"])
        if len(fresh) > len(sweep.fresh):
            sweep.train_again(cell_at(at, sweep.grid.base) for at in fresh)
        sweep.mirror(
            RunStatus(row["status"]),
            row["stopped_by"],
            PlaceChanged(*head["place"]),
            head["left_s"],
            head["saved"],
            row["version"],
            {number: (changed, read_result(text, run_id)) for number, run_id, changed, text in head["cells"]},
        )
        sweep.apply(WatchedElsewhere(head["viewers"]))
        self.kept = sweep

    def _begun(self, row: dict[str, Any]) -> Sweep:
        chosen = json.loads(row["grid"])
        swept = grid(chosen["axes"], chosen["base"])
        created_at = datetime.fromisoformat(row["created_at"])
        return Sweep(self._sweep_id, swept, row["train_digits"], owner=row["owner"], created_at=created_at)
