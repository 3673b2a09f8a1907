"""Learning-rate schedules: what the learning rate is multiplied by at a step, counted from 1, of `total` steps.

Never by nothing: the last step still is one.
"""

import math
from typing import Protocol

WARM_UP = 0.05


class Schedule(Protocol):
    def __call__(self, step: int, total: int) -> float: ...


def constant(step: int, total: int) -> float:
    return 1.0


def in_thirds(step: int, total: int) -> float:
    """A tenth of what it was after each third: 1, 0.1, 0.01."""
    return 0.1 ** (3 * (step - 1) // total)


def cosine(step: int, total: int) -> float:
    """From 1 down to 0 along half a wave (Loshchilov & Hutter 2016, "SGDR", eq. 5, without restarts)."""
    return (1 + math.cos(math.pi * (step - 1) / total)) / 2


def warm_up_then_cosine(step: int, total: int) -> float:
    """Up in a straight line (Goyal et al. 2017, section 2.2), then down along half a wave."""
    warm = max(1, int(WARM_UP * total))
    return step / warm if step <= warm else cosine(step - warm, total - warm)


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "step": in_thirds,
    "cosine": cosine,
    "warmup_cosine": warm_up_then_cosine,
}
