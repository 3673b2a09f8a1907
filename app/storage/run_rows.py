"""Runs in the tables of a database, over its connection."""

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.storage.records import STORED_AS, Records, Unknown, pack_block, pack_snapshot
from app.storage.restore import StoredRun
from app.storage.tables import log, pieces, runs, snapshots


def write_run(connection: Connection, records: Records, digits: str) -> None:
    """What is new of a run. Raises Unknown when what is there of it is not what came before."""
    packed = [pack_block(block) for block in records.blocks]
    newest = [pack_snapshot(snapshot) for snapshot in records.snapshots]
    size = sum(map(len, [*records.log, *packed, *newest]))
    if records.whole:
        connection.execute(runs.delete().where(runs.c.id == records.run_id))
        row = {**records.row, "id": records.run_id, "digits": digits, "bytes": size}
        connection.execute(runs.insert(), row)
    else:
        changed = connection.execute(
            runs.update()
            .where(runs.c.id == records.run_id)
            .values(status=records.row["status"], bytes=runs.c.bytes + size)
        )
        if changed.rowcount == 0:
            raise Unknown(records.run_id)
    of_run: dict[str, Any] = {"run_id": records.run_id}
    for number, event in enumerate(records.log, start=records.first_event):
        connection.execute(log.insert(), {**of_run, "number": number, "event": event})
    for block, data in zip(records.blocks, packed, strict=True):
        place = {"lane": block.lane, "kind": STORED_AS[block.kind], "first": block.first}
        connection.execute(pieces.insert(), {**of_run, **place, "columns": data})
    for snapshot, data in zip(records.snapshots, newest, strict=True):
        of_lane: dict[str, Any] = {**of_run, "lane": snapshot.lane, "kind": snapshot.kind}
        this = [snapshots.c[name] == value for name, value in of_lane.items()]
        if before := connection.scalar(sa.select(sa.func.length(snapshots.c.data)).where(*this)):
            connection.execute(snapshots.delete().where(*this))
            connection.execute(runs.update().where(runs.c.id == records.run_id).values(bytes=runs.c.bytes - before))
        connection.execute(snapshots.insert(), {**of_lane, "step": snapshot.step, "data": data})


def find_run(connection: Connection, run_id: str) -> tuple[StoredRun, str] | None:
    """All of a run, and what identifies the digits that it learned."""
    row = connection.execute(runs.select().where(runs.c.id == run_id)).one_or_none()
    if row is None:
        return None
    events = connection.execute(sa.select(log.c.event).where(log.c.run_id == run_id).order_by(log.c.number))
    columns = connection.execute(
        sa.select(pieces.c.kind, pieces.c.lane, pieces.c.columns)
        .where(pieces.c.run_id == run_id)
        .order_by(pieces.c.kind, pieces.c.lane, pieces.c.first)
    )
    newest = connection.execute(
        sa.select(snapshots.c.lane, snapshots.c.kind, snapshots.c.step, snapshots.c.data).where(
            snapshots.c.run_id == run_id
        )
    )
    kept = StoredRun(
        row.id,
        row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC),
        row.config,
        row.owner,
        row.per_epoch,
        list(events.scalars()),
        list(map(tuple, columns)),
        list(map(tuple, newest)),
    )
    return kept, row.digits
