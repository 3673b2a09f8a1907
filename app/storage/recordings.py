"""The races and sweeps that come with the server, which experiments show before they are run.

`make recordings` records them again.
"""

import json
from pathlib import Path
from typing import NamedTuple

from app.runs.run import Run
from app.storage.front_page_run import RUN_ID, recorded_race
from app.storage.run_file import read_run, read_sweep, write_runs
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset

FILE = Path(__file__).parent / "experiments.db"
ABOUT = Path(__file__).parent / "recorded.json"


class About(NamedTuple):
    """The machine on which the recordings were made, and the seconds that each took."""

    machine: str
    took_s: dict[str, float]


def about() -> About:
    """Facts about the recordings."""
    return About(**json.loads(ABOUT.read_text(encoding="utf-8")))


def recorded_runs(dataset: Dataset) -> list[Run]:
    """That of the front page first; none if this server has other digits than the recordings."""
    front_page = recorded_race(dataset)
    if front_page is None:
        return []
    others = (read_run(FILE, run_id, dataset) for run_id in about().took_s if run_id != RUN_ID)
    return [front_page, *(run for run in others if run)]


def recorded_sweeps(dataset: Dataset) -> list[Sweep]:
    """The recorded sweeps, without the runs of their cells."""
    found = (read_sweep(FILE, sweep_id, dataset) for sweep_id in about().took_s)
    return [sweep for sweep in found if sweep]


def write_recordings(runs: dict[str, Run | Sweep], took_s: dict[str, float], machine: str, dataset: Dataset) -> None:
    """Write all but the front page's, by id. `took_s` has the seconds of each, the front page's included."""
    write_runs(runs, FILE, dataset)
    ABOUT.write_text(json.dumps({"machine": machine, "took_s": took_s}, indent=1) + "\n", encoding="utf-8")
