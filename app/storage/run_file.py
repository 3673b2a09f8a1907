"""Runs as a small file of its own: a database like that of the store, which is read wherever it lies."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from app.runs.run import Run
from app.storage.database import Database
from app.storage.records import changes_since, digits_of, restore
from app.training.dataset import Dataset


def write_run(run: Run, file: Path, run_id: str, dataset: Dataset) -> None:
    """All of a run that is over, under this id. What was in the file before is gone."""
    write_runs({run_id: run}, file, dataset)


def write_runs(runs: Mapping[str, Run], file: Path, dataset: Dataset) -> None:
    """All of some runs that are over, under these ids. What was in the file before is gone."""
    file.unlink(missing_ok=True)
    database = Database(file, digits_of(dataset.test_labels, dataset.test_images))
    try:
        database.open()
        for run_id, run in runs.items():
            mark = None
            while mark is None or mark.cursor != run.history.end():
                records, mark = changes_since(run, mark)
                database.write([records._replace(run_id=run_id)])
        database.single_file()
    finally:
        database.close()


def read_run(file: Path, run_id: str, dataset: Dataset) -> Run | None:
    """The run of this id as it was written; None if it is not there, or learned other digits."""
    # As an address: a folder may be called C#, or 100%.
    query = {"mode": "ro", "immutable": "1", "uri": "true"}
    where = sa.URL.create("sqlite", database=file.resolve().as_uri(), query=query)
    database = Database(where, digits_of(dataset.test_labels, dataset.test_images))
    try:
        kept, same_digits = database.find(run_id) or (None, False)
    finally:
        database.close()
    return restore(kept, dataset.test_labels, same_digits) if kept and same_digits else None
