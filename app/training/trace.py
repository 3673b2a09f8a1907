"""The first batches of a race number by number: what each rule takes, keeps and does, for three weights.

In float64, so that the numbers of an update add up; otherwise it is the race itself, of the same weights and batches.
`make recording` writes that of the default race beside the digits, and the page *How it works* shows it; that of any
other race is computed again from its settings.
"""

import itertools
import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.training.dataset import Dataset
from app.training.example_weights import DIGITS, ExampleWeights, example_pixels
from app.training.network import INPUTS, OUTPUTS, Network
from app.training.optimizers import OPTIMIZERS
from app.training.textbook import train_by_the_book

FILE = Path(__file__).parent / "data" / "trace.json"
BATCHES = 50
# What these rules keep is all that their formulas name.
RULES = ("sgd", "momentum", "adam")
# Multiply-adds of all batches of all lanes together, one way through the network: a second or two.
MOST_WORK = 2_000_000_000
# Of each number: an update then comes out right to six digits.
DIGITS_KEPT = 8


def write_trace(dataset: Dataset) -> None:
    FILE.write_text(json.dumps(trace(dataset, RunConfig()), separators=(",", ":")) + "\n", encoding="utf-8")


def traceable_lanes(config: RunConfig) -> list[int]:
    """The numbers of the lanes whose formulas say all that they do."""
    return [
        number
        for number, lane in enumerate(config.lanes)
        if lane.optimizer in RULES and lane.schedule == "constant" and not lane.weight_decay
    ]


def affordable_batches(config: RunConfig, lanes: int) -> int:
    """Of so many lanes, up to BATCHES."""
    widths = [INPUTS, *config.hidden, OUTPUTS]
    weights = sum(before * after for before, after in itertools.pairwise(widths))
    return min(BATCHES, MOST_WORK // (lanes * config.batch_size * weights))


def trace(
    dataset: Dataset, config: RunConfig, lanes: Sequence[int] | None = None, batches: int = BATCHES
) -> dict[str, Any]:
    """For each of these lanes, or all, and each weight lists of numbers, by the letters of the formulas; `step` is the
    last one's. They are as long as there are batches, or until a lane has overflowed.

    `w` has one more: what the weight is before each batch, and at the end.
    """
    pixels = example_pixels(dataset)[1:]
    with np.errstate(all="ignore"):
        places = _places(dataset, config, pixels)
        told = [_lane(dataset, config, lane, places, batches) for lane in lanes or range(len(config.lanes))]
    mean = dataset.train_images[:DIGITS].mean(axis=0)
    return {
        "seed": config.seed,
        "batch_size": config.batch_size,
        "mean_digit": b64encode(mean.round().astype(np.uint8).tobytes()).decode(),
        "pixels": [{"row": int(p) // 28, "column": int(p) % 28, "ink": round(mean[p] / 255, 4)} for p in pixels],
        "lanes": _as_long(told),
    }


def _as_long(lanes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All as long as the shortest."""
    most = min(len(lane["losses"]) for lane in lanes)
    return [
        {
            **lane,
            "losses": lane["losses"][:most],
            "weights": [
                {letter: values[: most + (letter == "w")] for letter, values in weight.items()}
                for weight in lane["weights"]
            ],
        }
        for lane in lanes
    ]


def _lane(dataset: Dataset, config: RunConfig, lane: int, places: NDArray[np.int64], batches: int) -> dict[str, Any]:
    before = _first(config)[places]
    columns: dict[str, list[NDArray[np.floating]]] = {"w": [before]}
    losses: list[float] = []
    for loss, network, optimizer in itertools.islice(train_by_the_book(dataset, config, lane, np.float64), batches):
        seen = {"g": network.gradient, **optimizer.averages(), "w": network.theta}
        if not all(np.isfinite(values[places]).all() for values in seen.values()) or not np.isfinite(loss):
            break
        losses.append(_short(loss))
        for letter, values in seen.items():
            columns.setdefault(letter, []).append(values[places])
        columns.setdefault("step", []).append(columns["w"][-1] - columns["w"][-2])
    choice = config.lanes[lane]
    rule, chosen = OPTIMIZERS[choice.optimizer], choice.hyperparameters()
    numbers = {each.symbol: chosen[name] for name, each in rule.hyperparameters.items()}
    return {
        "optimizer": rule.name,
        "numbers": {"η": config.learning_rate_of(lane), **numbers},
        "losses": losses,
        "weights": [
            {letter: [_short(values[i]) for values in column] for letter, column in columns.items()}
            for i in range(len(places))
        ],
    }


def _first(config: RunConfig) -> NDArray[np.floating]:
    """The weights before the first batch, which are those of every lane."""
    rng = np.random.default_rng(config.seed)
    return Network(config.hidden, rng, np.float64, config.activation, config.initialisation).theta


def _places(dataset: Dataset, config: RunConfig, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those that the panel *Push per weight* follows, without the bias."""
    units = config.hidden[0]
    _, network, _ = next(train_by_the_book(dataset, config, 0, np.float64))
    numbers = np.array([INPUTS, *pixels])
    return ExampleWeights(numbers, numbers * units, units).places(network.gradient)[1:]


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS_KEPT}g}")
