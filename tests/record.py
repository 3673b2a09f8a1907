"""Records the runs in tests/fixtures/runs: `python -m tests.record` for all, `python -m tests.record default-early …`
for some, `python -m tests.record --expected` to write anew only what is expected of them, `python -m tests.record
--choices` what the page's tests know of the visitor's choices, `python -m tests.record --valley` where three optimizers
come through on a landscape of two weights. Run by hand; read the sentences and tables in the files before they are
committed, since the tests take them for true.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig, limits
from app.engine.commands import CommandQueue, Stop
from app.engine.inline import InlineEngine
from app.events import (
    Evaluation,
    Event,
    LaneEnded,
    LaneEvent,
    LaneStatus,
    RunPaused,
    RunStarted,
    StopRequested,
)
from app.report.csv_export import batches_csv, evaluations_csv
from app.report.formats import single
from app.report.lane_names import names
from app.report.result import ranking, reach_table
from app.report.story import emphasised_story
from app.runs.history import COLUMNS, Kind
from app.runs.run import Run
from app.settings import Settings
from app.training.dataset import Dataset, open_dataset, prepare
from tests.runs.recorded import FOLDER, load
from tests.scenes import RACES, TOLD, Scene
from tests.training.optimizers import valley

HIDING = ("wall_", "q25_", "q75_", "weight_", "gradient_", "change_")
CHOICES = Path(__file__).parent / "fixtures" / "choices.json"


async def recorded(scene: Scene, dataset: Dataset) -> Run:
    """The run at the scene's moment; the race is then ended, and its later events are ignored."""
    config = RunConfig.of(scene.config)
    run = Run("recorded", config, dataset.test_labels, len(dataset.train_labels) // config.batch_size)
    run.apply(RunStarted("whole"))
    commands, waiting, over = CommandQueue(), list(scene.commands), False

    def emit(event: LaneEvent) -> None:
        nonlocal over
        if over:
            return
        run.apply(event)
        if waiting and min(run.history.steps(lane) for lane in range(len(run.lanes))) >= waiting[0].step:
            command = waiting.pop(0).command
            if isinstance(command, Stop):
                run.apply(StopRequested("owner"))
            commands.put(command)
        if scene.at(run):
            over = True
            commands.put(Stop())

    await InlineEngine(dataset).run(config, emit, commands)
    assert over, "the moment never came"
    if scene.paused:
        run.apply(RunPaused())
    if scene.interrupted:
        for lane in range(len(run.lanes)):
            run.apply(LaneEnded(lane, LaneStatus.INTERRUPTED, run.history.steps(lane)))
    return run


def told(config: dict[str, Any], events: Iterable[Event | int | None]) -> Run:
    run = Run("told", RunConfig.of(config), np.zeros(10, np.uint8), 937)
    for event in events:
        if isinstance(event, int):
            run.apply(run.place._replace(position=event))
        elif event is None:
            run.apply(run.place._replace(wait_s=None, behind_paused=True))
        else:
            run.apply(event)
            if isinstance(event, Evaluation):
                # Batches are not recorded: the lane is at the step of its newest evaluation.
                run.history.steps = partial(_evaluated_at, run)  # type: ignore[method-assign]  # for this run alone
    return run


def _evaluated_at(run: Run, lane: int) -> int:
    return int(max(run.history.tables(Kind.EVALUATIONS)[lane][0], default=0))


def write(name: str, run: Run, batches: bool) -> None:
    description = {**json.loads(json.dumps(run.describe())), "hard_digits": []}
    pushes = run.history.tables(Kind.PUSH)
    if not batches:
        # The newest that all lanes have had, and what came after it.
        shared = min(table[0, -1] if table.size else 0 for table in pushes)
        pushes = [table[:, max(0, np.searchsorted(table[0], shared, "right") - 1) :] for table in pushes]
    rows = {
        "evaluations": [_columns(Kind.EVALUATIONS, table) for table in run.history.tables(Kind.EVALUATIONS)],
        "pushes": [_columns(Kind.PUSH, table) for table in pushes],
        "batches": [_columns(Kind.METRICS, table) for table in run.history.tables(Kind.METRICS)] if batches else [],
    }
    _write(name, {"run": description, **rows, "smoothing": 0.95, "expected": {}})
    expect(name)


def expect(name: str) -> None:
    """Save the current sentences and tables of a recorded run."""
    known = load(FOLDER / f"{name}.json")
    expected: dict[str, Any] = {
        "names": names(known.run["config"]),
        "sentences": emphasised_story(known.run, known.evaluations, known.pushes),
        "ranking": ranking(known.run),
        "reach": {unit: reach_table(known.run, unit) for unit in ("step", "seconds")},
    }
    if known.batches or known.run["id"] == "told":
        expected["evaluations_csv"] = list(evaluations_csv(known.run, known.evaluations))
    if known.batches:
        expected["batches_csv"] = list(batches_csv(known.run, known.batches, known.smoothing))
    _write(name, {**json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")), "expected": expected})
    print(name, *expected["sentences"], sep="\n    ")


def _columns(kind: Kind, table: NDArray[np.float32]) -> dict[str, list[float | None]]:
    shorter = [[float(single(value)) if np.isfinite(value) else None for value in row] for row in table.tolist()]
    # A hundred digits an evaluation would hide the rest.
    told = dict(zip(COLUMNS[kind], shorter, strict=True))
    return {name: values for name, values in told.items() if not name.startswith(HIDING)}


def _write(name: str, content: dict[str, Any]) -> None:
    """One line for each lane and each sentence, so that a change can be read."""
    (FOLDER / f"{name}.json").write_text(_laid_out(content, 3) + "\n", encoding="utf-8")


def _laid_out(value: Any, levels: int, indent: str = "") -> str:
    if levels == 0 or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    inner = f"{indent}  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {_laid_out(each, levels - 1, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_laid_out(each, levels - 1, inner)}" for each in value) + f"\n{indent}]"


def main(asked: list[str]) -> None:
    if asked == ["--choices"]:
        choices = {"config": RunConfig().model_dump(), **limits()}
        CHOICES.write_text(json.dumps(choices, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    if asked == ["--valley"]:
        valley.write()
        return
    FOLDER.mkdir(exist_ok=True)
    if asked == ["--expected"]:
        for file in sorted(FOLDER.glob("*.json")):
            expect(file.stem)
        return
    with tempfile.TemporaryDirectory() as folder:
        digits = open_dataset(prepare(Settings.model_fields["data_dir"].default, Path(folder)))
        few = Dataset.of(
            digits.train_images[:2000], digits.train_labels[:2000], digits.test_images[:500], digits.test_labels[:500]
        )
        for name in asked or [*RACES, *TOLD]:
            if name in RACES:
                scene = RACES[name]
                write(name, asyncio.run(recorded(scene, few if scene.few else digits)), scene.batches)
            else:
                write(name, told(*TOLD[name]), False)


if __name__ == "__main__":
    main(sys.argv[1:])
