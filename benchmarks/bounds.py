"""What the figures have to hold: the tables of all bounds, one for each kind of kernel, and what falls short.

OpenBLAS has kernels for small products, which a lane is cut into pieces for, with AVX-512 alone: the bounds of a step
depend on them.
"""

from typing import Any, NamedTuple

import numpy  # noqa: F401  # its OpenBLAS is what is looked for
from threadpoolctl import threadpool_info

Figures = dict[str, Any]

# By OpenBLAS's names of processors. All others have AVX2 at most.
WITH_AVX512 = {"SkylakeX", "Cooperlake", "SapphireRapids"}


class Bound(NamedTuple):
    """A figure, by its path in the JSON, is at least `low` and at most `high`."""

    low: float = float("-inf")
    high: float = float("inf")


BOUNDS = {
    "slowdown.worst": Bound(high=1.05),
    "together_ratio": Bound(low=1.7),
    "viewer_cost": Bound(high=0.05),
    "pictures_cost": Bound(high=0.02),
    "predict_p95_ms": Bound(high=100),
    "sweep_cost": Bound(high=1.15),
    "viewers.missed": Bound(high=0),
    "viewers.cost_of_100": Bound(high=0.02),
    "first_frame_ms": Bound(high=80),
    "command_ms.worst": Bound(high=100),
    "idle_memory_mb": Bound(high=220),
}

# Of figures that depend on the instructions of the processor, and on how fast those without the newer ones are.
BY_INSTRUCTIONS = {
    "AVX-512": {
        # Our time divided by that of the bare matrix products, of PyTorch eager, of JAX jit.
        "ratio_to_floor.sgd": Bound(high=1.1),
        "ratio_to_floor.momentum": Bound(high=1.2),
        "ratio_to_floor.adam": Bound(high=1.7),
        "ratio_to_pytorch.sgd": Bound(high=1 / 3),
        "ratio_to_pytorch.momentum": Bound(high=1 / 3),
        "ratio_to_pytorch.adam": Bound(high=1 / 3),
        "ratio_to_jax.sgd": Bound(high=1),
        "ratio_to_jax.momentum": Bound(high=1),
        "ratio_to_jax.adam": Bound(high=1),
        # In wide layers nearly all is matrix products, which cost all of them the same.
        "worst_shape.ratio_to_pytorch": Bound(high=0.6),
        "worst_shape.ratio_to_jax": Bound(high=1.1),
        "race_s": Bound(high=4),
        "viewers.p99_ms": Bound(high=100),
        "start_ms": Bound(high=1500),
        "first_start_ms": Bound(high=3000),
    },
    "AVX2": {
        # Without a kernel for small products a lane gains less on its peers.
        "ratio_to_floor.sgd": Bound(high=1.3),
        "ratio_to_floor.momentum": Bound(high=1.35),
        "ratio_to_floor.adam": Bound(high=1.65),
        "ratio_to_pytorch.sgd": Bound(high=0.45),
        "ratio_to_pytorch.momentum": Bound(high=0.45),
        "ratio_to_pytorch.adam": Bound(high=0.4),
        "ratio_to_jax.sgd": Bound(high=1),
        "ratio_to_jax.momentum": Bound(high=1),
        "ratio_to_jax.adam": Bound(high=1.1),
        "worst_shape.ratio_to_pytorch": Bound(high=0.65),
        "worst_shape.ratio_to_jax": Bound(high=1.2),
        "race_s": Bound(high=10),
        "viewers.p99_ms": Bound(high=200),
        "start_ms": Bound(high=3500),
        "first_start_ms": Bound(high=6000),
    },
}


def bounds_for(instructions: str) -> dict[str, Bound]:
    """All bounds on a processor with these instructions."""
    return {**BOUNDS, **BY_INSTRUCTIONS[instructions]}


def shortfalls(figures: Figures, bounds: dict[str, Bound]) -> list[str]:
    """One line for each figure out of its bounds. None, at the end of a path or on it, is a figure that could not be
    measured here, and no fault; a path that is not there raises KeyError.
    """
    found = []
    for path, (low, high) in bounds.items():
        value = _at(path, figures)
        # Written so that a NaN falls short.
        if value is not None and not low <= value <= high:
            wanted = f"at least {low:.3g}" if low > float("-inf") else f"at most {high:.3g}"
            found.append(f"{path} is {value:.3g}; it should be {wanted}")
    return found


def _at(path: str, figures: Figures) -> float | None:
    here: Any = figures
    for key in path.split("."):
        if here is None:
            return None
        here = here[key]
    return None if here is None else float(here)


def kernel() -> str:
    """OpenBLAS's name for it, chosen by the processor or by OPENBLAS_CORETYPE; "unknown" with another library."""
    found = (library["architecture"] for library in threadpool_info() if library["internal_api"] == "openblas")
    return next(found, "unknown")


def instructions(name: str) -> str:
    """What the kernel of this name is written for: the name of its set of bounds."""
    return "AVX-512" if name in WITH_AVX512 else "AVX2"
