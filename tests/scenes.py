"""The runs in tests/fixtures/runs: moments of real races, and runs with hand-written events (see `tests.record`)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from app.engine.commands import Command, SetLearningRate, Stop
from app.events import (
    Evaluation,
    Event,
    LaneEnded,
    LaneStatus,
    LearningRateChanged,
    RunPaused,
    RunStarted,
    StopRequested,
)
from app.report.story import story
from app.runs.history import Kind
from app.runs.run import Run

Moment = Callable[[Run], bool]

ADAM = {"optimizer": "adam"}
SGD = {"optimizer": "sgd"}
MOMENTUM = {"optimizer": "momentum"}
SIX = [
    *({"optimizer": name} for name in ("sgd", "nesterov", "rmsprop")),
    *({"optimizer": "lion", "learning_rate": 1e-3}, ADAM, {**ADAM, "learning_rate": 1e-3}),
]
TWO = [SGD, ADAM]
SCHEDULED = [
    {**SGD, "schedule": "step"},
    {**SGD, "schedule": "cosine", "learning_rate": 0.1},
    {**ADAM, "schedule": "warmup_cosine"},
]
FAST_SGD = {"lanes": [{**SGD, "learning_rate": 3.0}, MOMENTUM, ADAM], "hidden": [256, 256, 256]}


class TimedCommand(NamedTuple):
    """A command, given once the slowest lane has made so many steps."""

    step: int
    command: Command


class Scene(NamedTuple):
    """A real race, and the moment at which it is recorded."""

    config: dict[str, Any]
    at: Moment
    commands: tuple[TimedCommand, ...] = ()
    paused: bool = False
    interrupted: bool = False
    batches: bool = False
    few: bool = False


def steps(number: int) -> Moment:
    """All lanes have been evaluated at that step or later."""
    return lambda run: all(lane.evaluation and lane.evaluation.step >= number for lane in run.lanes)


def says(words: str) -> Moment:
    seen: dict[str, Any] = {}

    def told(run: Run) -> bool:
        # Words come with evaluations, and there are a hundred batches to each.
        if (key := run.history.end().evaluations) != seen.get("key"):
            sentences = story(run.describe(), *map(run.history.tables, (Kind.EVALUATIONS, Kind.PUSH)))
            seen.update(key=key, says=words in " ".join(sentences))
        return bool(seen["says"])

    return told


def ends(run: Run) -> bool:
    return run.status.final


def one_arrived(run: Run) -> bool:
    return any(lane.status is LaneStatus.FINISHED for lane in run.lanes) and _rest(run, 800)


RACES = {
    "default-early": Scene({}, steps(60)),
    "default-lead": Scene({}, steps(1405)),
    "default-closing-in": Scene({}, says("is catching up")),
    "default-lead-change": Scene({}, says("took the lead")),
    "default-finished": Scene({}, ends),
    "target-on-the-way": Scene({"target_accuracy": 0.95}, one_arrived),
    "target-finished": Scene({"target_accuracy": 0.9}, ends),
    "target-missed": Scene({"target_accuracy": 0.975, "epochs": 1}, ends),
    "target-alone": Scene({"target_accuracy": 0.925, "lanes": [ADAM]}, ends),
    "diverged-early": Scene({**FAST_SGD, "epochs": 2}, lambda run: says("diverged")(run) and _rest(run, 234)),
    "diverged-finished": Scene({**FAST_SGD, "epochs": 1}, ends),
    "learning-by-heart": Scene({"lanes": [{**ADAM, "learning_rate": 1e-3}], "epochs": 30}, says("has risen")),
    "learned-by-heart": Scene({"lanes": [{**ADAM, "learning_rate": 1e-3}], "epochs": 30}, ends),
    "gap-opening": Scene({"lanes": TWO, "epochs": 10}, says("gap is opening")),
    "six-lanes": Scene({"lanes": SIX, "epochs": 1}, ends),
    "rate-change": Scene({"lanes": TWO}, steps(1800), (TimedCommand(1200, SetLearningRate(0, 0.1)),)),
    "rate-changes-finished": Scene(
        {"lanes": TWO, "epochs": 1},
        ends,
        (TimedCommand(300, SetLearningRate(1, 0.1)), TimedCommand(600, SetLearningRate(1, 0.001))),
    ),
    "paused": Scene({}, steps(330), paused=True),
    "interrupted": Scene({}, steps(330), interrupted=True),
    "stopped": Scene({}, ends, (TimedCommand(700, Stop()),)),
    "zero-weights": Scene({"initialisation": "zero", "epochs": 1}, ends),
    "short": Scene(
        {"batch_size": 100, "epochs": 2}, ends, (TimedCommand(12, SetLearningRate(2, 0.003)),), batches=True, few=True
    ),
    "tiny-batches": Scene({"batch_size": 7, "epochs": 1, "lanes": [ADAM, ADAM]}, steps(60), batches=True, few=True),
    "schedules": Scene({"batch_size": 100, "epochs": 1, "lanes": SCHEDULED}, ends, batches=True, few=True),
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
UNWATCHED: list[Event | int | None] = [RunStarted("split"), *(measured(n, 937, 0.85 + 0.05 * n) for n in range(3))]
# Rare or short-lived states are written by hand. An integer is a place in the queue, None that a race before it
# is paused.
TOLD: dict[str, tuple[dict[str, Any], list[Event | int | None]]] = {
    "queued-next": ({}, [1]),
    "queued-second": ({}, [2]),
    "queued-twelfth": ({}, [12]),
    "queued-behind-a-paused-race": ({}, [1, None]),
    "paused-unwatched": ({}, [*UNWATCHED, RunPaused(unwatched=True)]),
    "stopped-unwatched": (
        {},
        [*UNWATCHED, StopRequested("unwatched"), *(LaneEnded(lane, LaneStatus.STOPPED, 937) for lane in range(3))],
    ),
    "stopped-for-others": (
        {}, [*UNWATCHED, StopRequested("others"), *(LaneEnded(lane, LaneStatus.STOPPED, 937) for lane in range(3))]
    ),
    "on-the-line": ({}, [RunStarted("split")]),
    "paused-on-the-line": ({}, [RunStarted("split", paused=True)]),
    "stopped-in-the-queue": (
        {}, [1, StopRequested("owner"), *(LaneEnded(lane, LaneStatus.STOPPED, 0) for lane in range(3))]
    ),
    "interrupted-in-the-queue": (
        {}, [1, StopRequested(), *(LaneEnded(lane, LaneStatus.INTERRUPTED, 0) for lane in range(3))]
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
