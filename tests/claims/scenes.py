"""Made-up measurements: what trainings would say if everything in the article held, and if the opposite did."""

import numpy as np

from app.claims.measured import Angles, Measured, Push, Training
from app.config import RunConfig
from app.report.lane_view import Evaluated, LaneView
from app.report.sweeps.result import Point, SweepCurve
from app.runs.run import Run
from tests.runs.recorded import NO_PUSH

RATES = [0.001, 0.01, 0.1, 1.0]
# Test accuracy, test loss and training accuracy at the end of each epoch.
Epochs = list[tuple[float, float, float]]


def training(
    optimizer: str,
    epochs: Epochs,
    *,
    per_epoch: int = 937,
    seconds: float = 1.0,
    reached: dict[float, int] | None = None,
    push: Push | None = None,
) -> Training:
    config = RunConfig.of({"epochs": len(epochs), "lanes": [{"optimizer": optimizer}]})
    steps = per_epoch * len(epochs)
    accuracy, loss, trained = epochs[-1]
    lane = Run("run", config, np.empty(0, np.uint8), per_epoch).lanes[0].describe(0, steps)
    lane |= {"seconds": seconds, "test_accuracy": accuracy, "test_loss": loss, "train_accuracy": trained}
    lane["reached"] = [
        {"accuracy": mark, "step": step, "seconds": seconds * step / steps} for mark, step in (reached or {}).items()
    ]
    table = [(0, 0.0, (0.1, 2.3, 0.1))]
    # Halfway through an epoch as at its end: none of the numbers depends on how often a lane was evaluated.
    if per_epoch > 100:
        table.append((100, seconds * 100 / steps, epochs[0]))
    for number, measured in enumerate(epochs):
        for part in (0.5, 1.0):
            table.append((round((number + part) * per_epoch), seconds * (number + part) / len(epochs), measured))
    evaluations = [Evaluated(step, at, *measured, quick=False) for step, at, measured in table]
    return Training(config, LaneView(optimizer, lane, evaluations, NO_PUSH), push or Push())


def curve(optimizer: str, good: int) -> SweepCurve:
    """With the plateau from the first learning rate on over so many."""
    return SweepCurve(
        optimizer, optimizer, (), [Point(rate, {0: 0.95 if i < good else 0.5}) for i, rate in enumerate(RATES)]
    )


def flat(accuracy: float, epochs: int = 2) -> Epochs:
    return [(accuracy, 0.3, accuracy)] * epochs


def raced(
    shares: dict[str, tuple[float, float]], steps: dict[str, tuple[int, int]], slopes: dict[str, Push], seeds: int
) -> dict[str, list[Training]]:
    """By the accuracies after one epoch and two, the batches to 90 and 95 %, and the pushes."""
    return {
        name: [
            training(
                name,
                [(first, 0.3, first), (last, 0.3, last)],
                reached={0.9: steps[name][0], 0.95: steps[name][1]},
                push=slopes[name],
            )
        ]
        * seeds
        for name, (first, last) in shares.items()
    }


def supporting(seeds: int = 2) -> Measured:
    """Everything as the article has it, with each seed."""
    steps = {"adam": (60, 300), "momentum": (200, 700), "sgd": (1500, 1800)}
    slopes = {"adam": Push(0.1, 3), "momentum": Push(1, 3), "sgd": Push(1, 3)}
    race = raced({"adam": (0.95, 0.98), "momentum": (0.93, 0.97), "sgd": (0.8, 0.96)}, steps, slopes, seeds)
    memorizing = [(0.985, 0.1, 0.98), (0.992, 0.07, 0.985), (0.991, 0.09, 0.992), (0.986, 0.1, 0.9999)]
    return Measured(
        race=race,
        curves=[{"adam": curve("adam", 4), "momentum": curve("momentum", 2), "sgd": curve("sgd", 1)}] * seeds,
        tuned=race,
        whole=[training("sgd", flat(0.8, 100), per_epoch=1, seconds=300)] * seeds,
        small=[training("sgd", flat(0.9), seconds=0.3)] * seeds,
        longer=[training("adam", memorizing, seconds=8)] * seeds,
        angles=[Angles(first=0.9, later=0.8, gradients=0.5, updates=0.9)] * seeds,
    )


def contradicting(seeds: int = 2) -> Measured:
    """Nothing as the article has it."""
    steps = {"adam": (1500, 1800), "momentum": (200, 700), "sgd": (60, 300)}
    slopes = {"adam": Push(1, 1), "momentum": Push(1, 1), "sgd": Push(0, 1)}
    race = raced({"adam": (0.9, 0.95), "momentum": (0.93, 0.94), "sgd": (0.9, 0.94)}, steps, slopes, seeds)
    lost = [each._replace(view=each.view._replace(lane={**each.lane, "test_accuracy": 0.9})) for each in race["adam"]]
    race["adam"] = lost
    learning = [(0.7, 0.9, 0.7), (0.8, 0.6, 0.7), (0.85, 0.5, 0.7), (0.9, 0.4, 0.7)]
    return Measured(
        race=race,
        curves=[{"adam": curve("adam", 1), "momentum": curve("momentum", 2), "sgd": curve("sgd", 4)}] * seeds,
        tuned=race,
        whole=[training("sgd", flat(0.95, 100), per_epoch=1, seconds=10)] * seeds,
        small=[training("sgd", flat(0.9), per_epoch=100, seconds=300)] * seeds,
        longer=[training("adam", learning, seconds=3000)] * seeds,
        angles=[Angles(first=1.0, later=0.2, gradients=0.9, updates=0.5)] * seeds,
    )
