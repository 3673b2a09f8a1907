"""Reads and writes sweeps in the tables of a database, over a connection to it."""

from datetime import UTC

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.events import RunStatus
from app.storage.sweep_records import CellRecord, StoredSweep, SweepRecords
from app.storage.tables import cells, sweeps
from app.sweeps.sweep import VERSIONS_PER_SERVER


def write_sweep(connection: Connection, records: SweepRecords, digits: str) -> None:
    """Write the changes of a sweep, or insert it if it is not stored."""
    this = sweeps.c.id == records.sweep_id
    numbers = [cell.number for cell in records.cells]
    replaced = cells.c.sweep_id == records.sweep_id, cells.c.number.in_(numbers)
    stored = sa.select(sa.func.sum(sa.func.length(cells.c.result))).where(*replaced)
    size = sum(len(cell.result) for cell in records.cells) - (connection.scalar(stored) or 0)
    grown = connection.execute(sweeps.update().where(this).values(**records.row, bytes=sweeps.c.bytes + size))
    if grown.rowcount == 0:
        text = len(records.row["grid"]) + len(records.row["fresh"])
        row = {**records.row, "id": records.sweep_id, "digits": digits, "bytes": size + text}
        connection.execute(sweeps.insert(), row)
    if records.cells:
        connection.execute(cells.delete().where(*replaced))
        rows = [{"sweep_id": records.sweep_id, **cell._asdict()} for cell in records.cells]
        connection.execute(cells.insert(), rows)


def find_sweep(connection: Connection, sweep_id: str) -> StoredSweep | None:
    row = connection.execute(sweeps.select().where(sweeps.c.id == sweep_id)).one_or_none()
    if row is None:
        return None
    of_cell = cells.c.number, cells.c.run_id, cells.c.changed, cells.c.result
    found = connection.execute(sa.select(*of_cell).where(cells.c.sweep_id == sweep_id).order_by(cells.c.number))
    return StoredSweep(
        row.id,
        row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC),
        row.status,
        row.stopped_by,
        row.grid,
        row.fresh,
        row.owner,
        row.train_digits,
        row.digits,
        row.version,
        [CellRecord(*cell) for cell in found],
    )


def interrupt_sweeps(connection: Connection, *which: sa.ColumnElement[bool]) -> None:
    """Call these interrupted."""
    tell_anew(connection, *which)
    connection.execute(sweeps.update().where(*which).values(status=RunStatus.INTERRUPTED))


def tell_anew(connection: Connection, *which: sa.ColumnElement[bool]) -> None:
    """Changes since they were saved are sent again with higher versions."""
    another_life = (sweeps.c.version // VERSIONS_PER_SERVER + 1) * VERSIONS_PER_SERVER
    connection.execute(sweeps.update().where(*which).values(version=another_life))
