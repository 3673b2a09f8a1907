"""Three optimizers on a landscape of two weights: what the page's own rules in `static/js/how/rules.js` are held to.

`python -m tests.record --valley` writes the fixture that both languages read.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.config import LANES
from app.training.optimizers import OPTIMIZERS

FILE = Path(__file__).parents[2] / "fixtures" / "valley.json"
CURVATURE = [0.1, 6.0]
START = [-8.5, 1.7]
STEPS = 80
# At the last one SGD's steps grow without end.
RATES = (0.01, 0.1, 0.28, 0.5)


def valley() -> dict[str, Any]:
    """For each learning rate and each rule the places that it comes through, the start first."""
    paths = [{"rate": rate, **{name: _path(name, rate) for name in ("sgd", "momentum", "adam")}} for rate in RATES]
    return {"curvature": CURVATURE, "start": START, "paths": paths}


def _path(name: str, rate: float) -> list[list[float]]:
    place = np.array(START)
    optimizer = OPTIMIZERS[name](place, rate, **LANES[name]().hyperparameters())
    places = [place.tolist()]
    for _ in range(STEPS):
        optimizer.update(place, np.array(CURVATURE) * place * optimizer.gradient_factor)
        places.append(place.tolist())
    return places


def write() -> None:
    FILE.write_text(json.dumps(valley()) + "\n", encoding="utf-8")
