"""What the experiments show before anybody runs them: races and sweeps that come with the server.

`make recordings` makes them anew.
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
    """The machine that made the recordings, and how many seconds each took there."""

    machine: str
    took_s: dict[str, float]


def about() -> About:
    """What is known of the recordings."""
    return About(**json.loads(ABOUT.read_text(encoding="utf-8")))


def recorded_runs(dataset: Dataset) -> list[Run]:
    """That of the front page first; none if this server races on other digits than those of the recordings."""
    front_page = recorded_race(dataset)
    if front_page is None:
        return []
    others = (read_run(FILE, run_id, dataset) for run_id in about().took_s if run_id != RUN_ID)
    return [front_page, *(run for run in others if run)]


def recorded_sweeps(dataset: Dataset) -> list[Sweep]:
    """Without the runs of their cells."""
    found = (read_sweep(FILE, sweep_id, dataset) for sweep_id in about().took_s)
    return [sweep for sweep in found if sweep]


def write_recordings(runs: dict[str, Run | Sweep], took_s: dict[str, float], machine: str, dataset: Dataset) -> None:
    """All but the front page's, by their ids; `took_s` has that, too."""
    write_runs(runs, FILE, dataset)
    ABOUT.write_text(json.dumps({"machine": machine, "took_s": took_s}, indent=1) + "\n", encoding="utf-8")
