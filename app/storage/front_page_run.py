"""The recorded race that the front page shows first: the default race on the bundled digits.

`make recordings` records it again.
"""

from pathlib import Path

from app.runs.run import Run
from app.storage.run_file import read_run
from app.training.dataset import Dataset

FILE = Path(__file__).parent / "recorded.db"
RUN_ID = "recorded"


def recorded_race(dataset: Dataset) -> Run | None:
    """The race, or None if this server has other digits than the recording."""
    return read_run(FILE, RUN_ID, dataset)
