"""A sweep as it is sent to viewers, whole or what has changed, encoded once for all viewers with the same cursor."""

from app.errors import CursorMismatch
from app.report.sweeps.description import describe_cell, describe_summary, describe_sweep
from app.sweeps.sweep import Sweep, Training
from app.web.protocol import encode_json
from app.web.run_cache import RunCache

# Viewers without delay have the same few cursors.
_texts: RunCache[str] = RunCache(8)


def described(sweep: Sweep) -> str:
    """The whole sweep as JSON; docs/protocol.md names every field."""
    key = sweep.version, None
    return _texts.get(sweep, key) or _texts.keep(sweep, key, encode_json(describe_sweep(sweep.state)))


def changes_of(sweep: Sweep, cursor: int | None) -> str:
    """A message of the stream: the sweep, and the trainings that have changed since the cursor, or all without one.

    Raises CursorMismatch for a cursor that is not one of this sweep.
    """
    if cursor is not None and not 0 <= cursor <= sweep.version:
        raise CursorMismatch(
            f"The cursor {cursor} does not belong to this sweep, which is at {sweep.version}; leave it out to start "
            "from the beginning."
        )
    key = sweep.version, -1 if cursor is None else cursor
    return _texts.get(sweep, key) or _texts.keep(sweep, key, _changes(sweep, key[1]))


def _changes(sweep: Sweep, cursor: int) -> str:
    summary, curve_numbers = describe_summary(sweep.state)

    def changed(trainings: list[Training]) -> dict[str, object]:
        new = ((number, each) for number, each in enumerate(trainings) if each.changed > cursor)
        return {str(number): describe_cell(each.state, curve_numbers) for number, each in new}

    parts = {"cells": changed(sweep.cells), "fresh": changed(sweep.fresh)}
    return encode_json({"type": "sweep", "cursor": sweep.version, "sweep": summary, **parts})
