"""Records the runs in tests/fixtures/runs: `python -m tests.record` for all, `python -m tests.record default-early …`
for some, `python -m tests.record --expected` to write anew only what is expected of them. Run by hand; read the
sentences and tables in the files before they are committed, since the tests take them for true.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.engine.inline import InlineEngine
from app.engine.orders import Command, Orders, SetLearningRate, Stop
from app.events import (
    Evaluation,
    Event,
    LaneEnded,
    LaneEvent,
    LaneStatus,
    LearningRateChanged,
    RunPaused,
    RunStarted,
    StopRequested,
)
from app.runs.export import batches_csv, evaluations_csv
from app.runs.history import COLUMNS, Kind
from app.runs.racer import names
from app.runs.result import ranking, reach_table
from app.runs.run import Run
from app.runs.story import story
from app.runs.wording import single
from app.settings import Settings
from app.training.dataset import Dataset, open_dataset, prepare
from tests.runs.recorded import FOLDER, load

Moment = Callable[[Run], bool]

ADAM = {"optimizer": "adam"}
SGD = {"optimizer": "sgd"}
MOMENTUM = {"optimizer": "momentum"}
SIX = [
    *({"optimizer": name} for name in ("sgd", "nesterov", "rmsprop")),
    *({"optimizer": "lion", "learning_rate": 1e-3}, ADAM, {**ADAM, "learning_rate": 1e-3}),
]
TWO = [SGD, ADAM]
FAST_SGD = {"lanes": [{**SGD, "learning_rate": 3.0}, MOMENTUM, ADAM], "hidden": [256, 256, 256]}


class Order(NamedTuple):
    """A command, given once the slowest lane has made so many steps."""

    step: int
    command: Command


class Scene(NamedTuple):
    """A real race, and the moment at which it is recorded."""

    config: dict[str, Any]
    at: Moment
    orders: tuple[Order, ...] = ()
    paused: bool = False
    batches: bool = False
    few: bool = False


def steps(number: int) -> Moment:
    """All lanes have been evaluated at that step or later."""
    return lambda run: all(lane.evaluation and lane.evaluation.step >= number for lane in run.lanes)


def says(words: str) -> Moment:
    return lambda run: words in " ".join(story(run.describe(), run.history.tables(Kind.EVALUATIONS)))


def ends(run: Run) -> bool:
    return run.status.final


def one_arrived(run: Run) -> bool:
    return any(lane.status is LaneStatus.FINISHED for lane in run.lanes) and _rest(run, 800)


RACES = {
    "default-early": Scene({}, steps(60)),
    "default-lead": Scene({}, steps(1405)),
    "default-closing-in": Scene({}, says("is closing in")),
    "default-lead-change": Scene({}, says("took the lead")),
    "default-finished": Scene({}, ends),
    "target-on-the-way": Scene({"target_accuracy": 0.95}, one_arrived),
    "target-finished": Scene({"target_accuracy": 0.9}, ends),
    "target-missed": Scene({"target_accuracy": 0.975, "epochs": 1}, ends),
    "target-alone": Scene({"target_accuracy": 0.925, "lanes": [ADAM]}, ends),
    "diverged-early": Scene({**FAST_SGD, "epochs": 2}, lambda run: says("diverged")(run) and _rest(run, 234)),
    "diverged-finished": Scene({**FAST_SGD, "epochs": 1}, ends),
    "learning-by-heart": Scene({"lanes": [{**ADAM, "learning_rate": 1e-3}], "epochs": 30}, says("is rising")),
    "learned-by-heart": Scene({"lanes": [{**ADAM, "learning_rate": 1e-3}], "epochs": 30}, ends),
    "gap-opening": Scene({"lanes": TWO, "epochs": 10}, says("gap is opening")),
    "six-lanes": Scene({"lanes": SIX, "epochs": 1}, ends),
    "rate-change": Scene({"lanes": TWO}, steps(1800), (Order(1200, SetLearningRate(0, 0.1)),)),
    "rate-changes-finished": Scene(
        {"lanes": TWO, "epochs": 1}, ends, (Order(300, SetLearningRate(1, 0.1)), Order(600, SetLearningRate(1, 0.001)))
    ),
    "paused": Scene({}, steps(330), paused=True),
    "stopped": Scene({}, ends, (Order(700, Stop()),)),
    "zero-weights": Scene({"initialisation": "zero", "epochs": 1}, ends),
    "short": Scene(
        {"batch_size": 100, "epochs": 2}, ends, (Order(12, SetLearningRate(2, 0.003)),), batches=True, few=True
    ),
    "tiny-batches": Scene({"batch_size": 7, "epochs": 1, "lanes": [ADAM, ADAM]}, steps(60), batches=True, few=True),
}


def _rest(run: Run, number: int) -> bool:
    return all(lane.status.final or (lane.evaluation and lane.evaluation.step >= number) for lane in run.lanes)


def measured(lane: int, step: int, test: float, train: float | None = None, loss: float = 0.3) -> Evaluation:
    nothing = np.zeros(10)
    return Evaluation(
        lane,
        step,
        step * 0.0003,
        test,
        loss,
        test if train is None else train,
        loss,
        nothing.astype(np.uint8),
        nothing.astype(np.float32),
    )


def failed(lane: int, step: int, reason: str | None) -> LaneEnded:
    return LaneEnded(lane, LaneStatus.FAILED, step, reason)


OVERTAKEN = [(0.2, 0.5, 0.9, 0.91, 0.92), (0.6, 0.9, 0.94, 0.962, 0.968), (0.9, 0.92, 0.95, 0.96, 0.965)]
KILLED = "The worker process was killed by SIGKILL."
# What is rare, or over in a moment, is told by hand. An integer is a place in the queue.
TOLD: dict[str, tuple[dict[str, Any], list[Event | int]]] = {
    "queued-next": ({}, [1]),
    "queued-second": ({}, [2]),
    "queued-twelfth": ({}, [12]),
    "on-the-line": ({}, [RunStarted("split")]),
    "paused-on-the-line": ({}, [RunStarted("split", paused=True)]),
    "stopped-in-the-queue": (
        {}, [1, StopRequested(), *(LaneEnded(lane, LaneStatus.STOPPED, 0) for lane in range(3))]
    ),
    "all-failed": ({}, [RunStarted("split"), *(failed(lane, 40 + lane, KILLED) for lane in range(3))]),
    "all-diverged": (
        {}, [RunStarted("split"), *(LaneEnded(n, LaneStatus.DIVERGED, 3 + n, "Not a number.") for n in range(3))]
    ),
    "one-failed-one-diverged": (
        {},
        [
            RunStarted("split"),
            *(measured(lane, step, 0.8 + 0.05 * lane) for step in (58, 117) for lane in range(3)),
            failed(0, 130, None),
            LaneEnded(2, LaneStatus.DIVERGED, 1234, "The loss of batch 1,234 is nan."),
        ],
    ),
    "two-diverged": (
        {"lanes": [SGD, SGD, ADAM]},
        [
            RunStarted("split"),
            *(LaneEnded(lane, LaneStatus.DIVERGED, 9 - lane, "Not a number.") for lane in range(2)),
            measured(2, 58, 0.5),
        ],
    ),
    "still-guessing": (
        {}, [RunStarted("split"), *(measured(n, 1, accuracy) for n, accuracy in enumerate((0.098, 0.1032, 0.1)))]
    ),
    "overtaken": (
        {},
        [
            RunStarted("split"),
            *(
                measured(lane, step, accuracy)
                for lane, accuracies in enumerate(OVERTAKEN)
                for step, accuracy in zip((60, 234, 1640, 3280, 4685), accuracies, strict=True)
            ),
            *(LaneEnded(lane, LaneStatus.FINISHED, 4685) for lane in range(3)),
        ],
    ),
    "rate-just-changed": (
        {"lanes": TWO},
        [
            RunStarted("split"),
            *(measured(n, 937, 0.85 + 0.1 * n) for n in range(2)),
            LearningRateChanged(1, 1200, 0.00001),
            LearningRateChanged(0, 1201, 0.1),
        ],
    ),
    "rate-changed-and-diverged": (
        {"lanes": [{**SGD, "learning_rate": 0.3}, ADAM]},
        [
            RunStarted("split"),
            *(measured(n, 937, 0.85 + 0.1 * n) for n in range(2)),
            LearningRateChanged(0, 1000, 1.0),
            LearningRateChanged(0, 1201, 10.0),
            measured(0, 1405, 0.1, loss=np.nan),
            LaneEnded(0, LaneStatus.DIVERGED, 1405, "The test loss after batch 1,405 is nan."),
        ],
    ),
    "level": (
        {},
        [RunStarted("split"), *(measured(lane, 937, accuracy) for lane, accuracy in enumerate((0.8, 0.95, 0.9502)))],
    ),
    "level-at-the-end": (
        {},
        [
            RunStarted("split"),
            *(measured(lane, 4685, accuracy) for lane, accuracy in enumerate((0.9601, 0.96, 0.9602))),
            *(LaneEnded(lane, LaneStatus.FINISHED, 4685) for lane in range(3)),
        ],
    ),
    "target-tie": (
        {"target_accuracy": 0.975, "lanes": [SGD, ADAM, ADAM, SGD]},
        [
            RunStarted("split"),
            *(event for lane, step in ((1, 234), (2, 234), (0, 937)) for event in (
                measured(lane, step, 0.976 + step / 1e6), LaneEnded(lane, LaneStatus.FINISHED, step)
            )),
            measured(3, 937, 0.9),
            LaneEnded(3, LaneStatus.FINISHED, 4685),
        ],
    ),
    "nobody-else-yet": ({}, [RunStarted("split"), *(measured(n, 58, 0.88 + 0.03 * (n == 2)) for n in range(3))]),
    "steady-gap": (
        {"lanes": [SGD]}, [RunStarted("split"), *(measured(0, step, 0.975, 0.995) for step in (400, 937, 1874))]
    ),
    "overflowed": (
        {"lanes": [SGD]},
        [RunStarted("split"), measured(0, 0, 0.1), measured(0, 58, 0.11, loss=1e25), measured(0, 117, 0.1, loss=np.nan),
         LaneEnded(0, LaneStatus.DIVERGED, 117, "The test loss after batch 117 is nan.")],
    ),
}  # fmt: skip


async def recorded(scene: Scene, dataset: Dataset) -> Run:
    """The run at the scene's moment; the race is then ended, and what it tells afterwards is not taken in."""
    config = RunConfig.of(scene.config)
    run = Run("recorded", config, dataset.test_labels, len(dataset.train_labels) // config.batch_size)
    run.apply(RunStarted("whole"))
    orders, waiting, over = Orders(), list(scene.orders), False

    def tell(event: LaneEvent) -> None:
        nonlocal over
        if over:
            return
        run.apply(event)
        if waiting and min(run.history.steps(lane) for lane in range(len(run.lanes))) >= waiting[0].step:
            command = waiting.pop(0).command
            if isinstance(command, Stop):
                run.apply(StopRequested())
            orders.give(command)
        if scene.at(run):
            over = True
            orders.give(Stop())

    await InlineEngine(dataset).run(config, tell, orders)
    assert over, "the moment never came"
    if scene.paused:
        run.apply(RunPaused())
    return run


def told(config: dict[str, Any], events: Iterable[Event | int]) -> Run:
    run = Run("told", RunConfig.of(config), np.zeros(10, np.uint8), 937)
    for event in events:
        if isinstance(event, int):
            run.move_to(event)
        else:
            run.apply(event)
            if isinstance(event, Evaluation):
                # Batches are not told: the lane has come as far as it was evaluated.
                run.history.steps = lambda lane: int(max(run.history.tables(Kind.EVALUATIONS)[lane][0], default=0))  # type: ignore[method-assign]
    return run


def write(name: str, run: Run, batches: bool) -> None:
    description = {**json.loads(json.dumps(run.describe())), "hard_digits": []}
    rows = {
        "evaluations": [_columns(Kind.EVALUATIONS, table) for table in run.history.tables(Kind.EVALUATIONS)],
        "batches": [_columns(Kind.METRICS, table) for table in run.history.tables(Kind.METRICS)] if batches else [],
    }
    _write(name, {"run": description, **rows, "smoothing": 0.95, "expected": {}})
    expect(name)


def expect(name: str) -> None:
    """Write down what is told of a recorded run now."""
    known = load(FOLDER / f"{name}.json")
    expected: dict[str, Any] = {
        "names": names(known.run["config"]),
        "sentences": story(known.run, known.evaluations),
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
    return dict(zip(COLUMNS[kind], shorter, strict=True))


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
