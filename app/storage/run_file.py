"""Writes runs and sweeps to a small file, which is a database like the store's, and reads them from it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.runs.run import Run
from app.storage.database import Database
from app.storage.records import changes_since, digits_of
from app.storage.restore import restore
from app.storage.sweep_records import restore_sweep, sweep_changes_since
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset


def write_run(run: Run, file: Path, run_id: str, dataset: Dataset) -> None:
    """Write a finished run under this id. Replaces the file."""
    write_runs({run_id: run}, file, dataset)


def write_sweep(sweep: Sweep, file: Path, sweep_id: str, dataset: Dataset) -> None:
    """Write the results of a finished sweep, without its runs, under this id. Replaces the file."""
    write_runs({sweep_id: sweep}, file, dataset)


def write_runs(runs: Mapping[str, Run | Sweep], file: Path, dataset: Dataset) -> None:
    """Write several finished runs and sweeps under these ids. Replaces the file."""
    file.unlink(missing_ok=True)
    database = Database(file, digits_of(dataset.test_labels, dataset.test_images))
    try:
        database.open()
        for run_id, run in runs.items():
            if isinstance(run, Sweep):
                records, _ = sweep_changes_since(run, None)
                cells = [cell._replace(run_id=None) for cell in records.cells]
                database.write([records._replace(sweep_id=run_id, cells=cells)])
            else:
                _write_run(database, run, run_id)
        database.single_file()
    finally:
        database.close()


def read_run(file: Path, run_id: str, dataset: Dataset) -> Run | None:
    """The run of this id as it was written; None if it is not in the file, or learned other digits."""
    with _opened(file, dataset) as database:
        kept, same_digits = database.find(run_id) or (None, False)
    return restore(kept, dataset.test_labels, same_digits) if kept and same_digits else None


def read_sweep(file: Path, sweep_id: str, dataset: Dataset) -> Sweep | None:
    """The same for a sweep, whose cells have no runs then."""
    with _opened(file, dataset) as database:
        kept, same_digits = database.find_sweep(sweep_id) or (None, False)
    return restore_sweep(kept) if kept and same_digits else None


def _write_run(database: Database, run: Run, run_id: str) -> None:
    mark = None
    while mark is None or mark.cursor != run.history.end():
        records, mark = changes_since(run, mark)
        database.write([records._replace(run_id=run_id)])


@contextmanager
def _opened(file: Path, dataset: Dataset) -> Iterator[Database]:
    """Opened read-only."""
    # As an address: a folder may be called C#, or 100%.
    query = {"mode": "ro", "immutable": "1", "uri": "true"}
    where = sa.URL.create("sqlite", database=file.resolve().as_uri(), query=query)
    database = Database(where, digits_of(dataset.test_labels, dataset.test_images))
    try:
        yield database
    finally:
        database.close()
