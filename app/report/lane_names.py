"""What the lanes of a race are called: by their optimizer, and where it comes more than once by what differs.

The page names the lanes of a race that has not begun by the same rule, in `static/js/model/lane-names.js`;
`tests/fixtures/lane-names.json` holds for both.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from app.choices import LANE_SETTINGS
from app.report.formats import plain
from app.runs.description import ConfigDescription, learning_rates
from app.training.optimizers import OPTIMIZERS


def names(config: ConfigDescription) -> list[str]:
    """Of each lane: "Adam", or "SGD 0.1" and "SGD 0.01", or "Adam" and "Adam 2" where nothing differs."""
    called, rates = [""] * len(config["lanes"]), learning_rates(config)
    for optimizer in {lane["optimizer"] for lane in config["lanes"]}:
        alike = [i for i, lane in enumerate(config["lanes"]) if lane["optimizer"] == optimizer]
        names_so_far = [[OPTIMIZERS[optimizer].label] for _ in alike]
        for texts in _choices(optimizer, [config["lanes"][i] for i in alike], [rates[i] for i in alike]):
            more = [[*parts, text] for parts, text in zip(names_so_far, texts, strict=True)]
            # What distinguishes no lanes that the choices before it leave alike would only make names longer.
            if len(set(map(tuple, more))) > len(set(map(tuple, names_so_far))):
                names_so_far = more
        seen = Counter[str]()
        for i, parts in zip(alike, names_so_far, strict=True):
            name = " ".join(parts)
            seen[name] += 1
            number = "" if seen[name] == 1 else f" {seen[name]}" if len(parts) == 1 else f" ({seen[name]})"
            called[i] = name + number
    return called


def _choices(optimizer: str, lanes: list[Any], rates: list[float]) -> Iterator[list[str]]:
    """Each choice that lanes of an optimizer have, in the order in which the page lists them, as each lane has it."""

    def short(name: str, value: Any) -> str:
        options = LANE_SETTINGS[name].options
        return LANE_SETTINGS[name].short.format(options[value] if options else plain(value))

    yield list(map(plain, rates))
    yield [short("schedule", lane["schedule"]) for lane in lanes]
    for name, each in OPTIMIZERS[optimizer].hyperparameters.items():
        yield [f"{each.symbol} {plain(lane[name])}" for lane in lanes]
    yield [short("weight_decay", lane["weight_decay"]) for lane in lanes]
