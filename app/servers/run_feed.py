"""Encodes a live run as messages to another server, and makes the same run of them there. Pure: no sockets here.

The messages hold what the store would save, and what is known besides: place in the queue, viewers, what is saved.
"""

import json
import struct
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import LaneSilent, Mirrored, PlaceChanged, SavedChanged, WatchedElsewhere
from app.runs.history import COLUMNS, Block, Kind
from app.runs.run import Run
from app.storage.event_text import decode_event
from app.storage.records import Checkpoint, Records, changes_since
from app.storage.restore import in_order

HEAD = struct.Struct("<I")
VALUES: dict[str, np.dtype[Any]] = {
    "answers": np.dtype("u1"),
    "confidence": np.dtype("<f4"),
    "parameters": np.dtype("<f4"),
}


def encode_changes(run: Run, mark: Checkpoint | None, viewers: int) -> tuple[bytes, Checkpoint, bool]:
    """The changes since `mark`, the mark that follows them, and whether more of them are needed for a whole state.

    `viewers` is how many watch through servers other than the one it is for.
    """
    records, after = changes_since(run, mark, live=True)
    behind = after.cursor != run.history.end()
    head = {
        "first": _first(records) if mark is None else None,
        "log": records.log,
        "blocks": [[block.kind, block.lane, block.first, block.columns.shape[1]] for block in records.blocks],
        "snapshots": [[each.lane, each.kind, each.step, len(each.values)] for each in records.snapshots],
        "place": run.place,
        "saved": run.saved,
        "silent": [lane.silent_s for lane in run.lanes],
        "viewers": viewers,
        "version": run.version,
        "behind": behind,
    }
    arrays = [block.columns.astype("<f4", copy=False).tobytes() for block in records.blocks]
    arrays += [each.values.astype(VALUES[each.kind], copy=False).tobytes() for each in records.snapshots]
    text = json.dumps(head, separators=(",", ":")).encode()
    return b"".join([HEAD.pack(len(text)), text, *arrays]), after, behind


class RunMirror:
    """The run that the messages so far amount to, on digits with these labels; `kept` is None before a whole state."""

    def __init__(self, run_id: str, labels: NDArray[np.uint8]) -> None:
        self.kept: Run | None = None
        self._run_id, self._labels = run_id, labels
        # Parts of a state that is not whole yet.
        self._log: list[str] = []
        self._blocks: list[Block] = []
        self._held: dict[tuple[int, str, int], NDArray[Any]] = {}
        self._first: dict[str, Any] = {}

    def take(self, message: bytes) -> None:
        """Apply the next message. Raises ValueError or LookupError if it is not one."""
        [length] = HEAD.unpack_from(message)
        at = HEAD.size + length
        head = json.loads(message[HEAD.size : at])
        self._first = head["first"] or self._first
        self._log += head["log"]
        for number, lane, first, rows in head["blocks"]:
            kind = Kind(number)
            columns = np.frombuffer(message, "<f4", len(COLUMNS[kind]) * rows, at).reshape(-1, rows)
            self._blocks.append(Block(kind, lane, first, columns))
            at += columns.nbytes
        for lane, kind, step, count in head["snapshots"]:
            self._held[lane, kind, step] = np.frombuffer(message, VALUES[kind], count, at)
            at += self._held[lane, kind, step].nbytes
        if not head["behind"]:
            self._apply(head)

    def _apply(self, head: dict[str, Any]) -> None:
        run = self.kept or self._begun()
        for event in in_order([decode_event(text) for text in self._log], self._blocks, self._held):
            run.apply(event)
        self._log, self._blocks, self._held = [], [], {}
        for number, seconds in enumerate(head["silent"]):
            lane = run.lanes[number]
            if lane.silent_s != seconds and not lane.status.final:
                run.apply(LaneSilent(number, seconds or 0))
        if run.place != (place := PlaceChanged(*head["place"])):
            run.apply(place)
        if head["saved"] is not None and head["saved"] != run.saved:
            run.apply(SavedChanged(head["saved"]))
        run.apply(WatchedElsewhere(head["viewers"]))
        run.apply(Mirrored(head["version"]))
        self.kept = run

    def _begun(self) -> Run:
        first = self._first
        return Run(
            self._run_id,
            RunConfig.model_validate_json(first["config"]),
            self._labels,
            first["per_epoch"],
            owner=first["owner"],
            created_at=datetime.fromisoformat(first["created_at"]),
        )


def _first(records: Records) -> dict[str, Any]:
    row = {name: records.row[name] for name in ("config", "owner", "per_epoch")}
    return {**row, "created_at": records.row["created_at"].isoformat()}
