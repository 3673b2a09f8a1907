"""`make recordings`: races what the front page and the experiments show first, and draws the front page's card.

Before that it chooses the digits of the wall, by the same race with every evaluation over all test digits, and traces
the updates that the page *How it works* shows.
"""

import asyncio
import json
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from app.config import RunConfig
from app.events import Detail, Evaluation
from app.experiments.base import Race
from app.experiments.registry import all_experiments
from app.machine import cores
from app.main import local_engine
from app.report.social_card import draw_card
from app.report.story import story
from app.runs.history import Kind
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.settings import Settings
from app.storage.front_page_run import FILE, RUN_ID
from app.storage.recordings import write_recordings
from app.storage.run_file import write_run
from app.sweeps.grid import Grid, grid
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset, open_dataset, prepare
from app.training.evaluation import Evaluator
from app.training.kernels import Kernel
from app.training.network import Network
from app.training.trace import write_trace
from app.training.trainer import train
from app.training.wall import CHOSEN, labels_digest
from app.training.wall_choice import choose_wall
from app.web.experiments.routes import recording_id
from app.web.files import front_end

CARD = front_end("static") / "card.png"


def record() -> None:
    """Over the digits on board, whatever the operator's settings say."""
    asyncio.run(_record())


class _Thorough(Evaluator):
    """Measures everything where others measure quickly."""

    def evaluate_quickly(
        self, network: Network, kernel: Kernel, lane: int, step: int, seconds: float, stopped: Callable[[], bool]
    ) -> Evaluation:
        return self.evaluate(network, kernel, lane, step, seconds, lambda _: False, stopped)


def _choose_wall(dataset: Dataset) -> None:
    """By the race in each form of the arithmetic that a server may choose: their numbers grow apart."""
    evaluator, config = _Thorough(dataset), RunConfig()

    def right(lane: int, kernel: Kernel) -> dict[int, NDArray[np.bool_]]:
        events = train(dataset, config, lane, kernel=kernel, evaluator=evaluator, detail=Detail.CURVES)
        return {e.step: e.answers == dataset.test_labels for e in events if isinstance(e, Evaluation)}

    # More threads than this get in each other's way.
    with threadpool_limits(1):
        races = [[right(lane, kernel) for lane in range(len(config.lanes))] for kernel in (Kernel.WHOLE, Kernel.SPLIT)]
    digits = choose_wall(races, dataset.test_labels)
    CHOSEN.write_text(json.dumps({"test_labels": labels_digest(dataset.test_labels), "digits": digits}) + "\n")


async def _record() -> None:
    settings = Settings(data_dir=Settings.model_fields["data_dir"].default, max_running=1)
    with tempfile.TemporaryDirectory() as cache:
        prepared = prepare(settings.data_dir, Path(cache))
        dataset = open_dataset(prepared)
        _choose_wall(dataset)
        write_trace(dataset)
        manager = Manager(settings, local_engine(settings, prepared), dataset)
        await manager.open()
        took_s: dict[str, float] = {}

        async def raced(run_id: str, config: RunConfig) -> Run:
            began = time.monotonic()
            run = await manager.wait(manager.start(config).id)
            took_s[run_id] = round(time.monotonic() - began, 1)
            return run

        async def swept(sweep_id: str, wanted: Grid) -> Sweep:
            began = time.monotonic()
            sweep = manager.start_sweep(wanted)
            while not sweep.status.final:
                await sweep.notifier.next.wait()
            took_s[sweep_id] = round(time.monotonic() - began, 1)
            return sweep

        others: dict[str, Run | Sweep] = {}
        try:
            run = await raced(RUN_ID, RunConfig())
            for experiment in all_experiments().values():
                name, runs = recording_id(experiment), experiment.runs
                if isinstance(runs, Race) and name != RUN_ID:
                    others[name] = await raced(name, runs.config)
                elif not isinstance(runs, Race):
                    others[name] = await swept(name, grid(runs.axes, dict(runs.config)))
        finally:
            await manager.close()
        write_run(run, FILE, RUN_ID, dataset)
        write_recordings(others, took_s, _machine(), dataset)
        described, evaluations = run.describe(), run.history.tables(Kind.EVALUATIONS)
        sentences = story(described, evaluations, run.history.tables(Kind.PUSH))
        CARD.write_bytes(draw_card(described, evaluations, sentences))
    print(f"{FILE} has {FILE.stat().st_size:,} bytes. {' '.join(sentences)}")


def _machine() -> str:
    """In a few words, "2 cores of x86_64, Linux"."""
    return f"{cores()} cores of {platform.machine()}, {platform.system()}"
