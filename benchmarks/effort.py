"""How much to measure, and for how long. Knows nothing of what is measured."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from app.choices import RATES
from app.config import RunConfig

SHAPES = [
    # Beside the default: small and large batches, narrow, wide and deep networks.
    *(RunConfig(batch_size=batch_size) for batch_size in (16, 256, 1024)),
    *(RunConfig(hidden=hidden) for hidden in ([32], [512], [1024], [128, 64], [256, 128, 64])),
]


@dataclass(frozen=True)
class Rounds:
    """The numbers of `most` rounds, or of as many as end within `seconds` if each takes as long as those before it.

    At least `least` in any case.
    """

    most: int
    seconds: float = inf
    least: int = 1

    def __iter__(self) -> Iterator[int]:
        began = time.monotonic()
        for number in range(self.most):
            if number >= self.least and (time.monotonic() - began) * (number + 1) / number > self.seconds:
                return
            yield number


@dataclass(frozen=True)
class Effort:
    """By default enough for figures to trust, in five minutes; a slower machine makes fewer rounds.

    Less gives the same figures, not as good.
    """

    step_rounds: Rounds = Rounds(15, 25, least=5)
    step_round_s: float = 1.0
    shapes: list[RunConfig] = field(default_factory=lambda: SHAPES)
    # Of each shape.
    shape_rounds: Rounds = Rounds(4, 3, least=2)
    shape_round_s: float = 0.4
    anatomy_rounds: Rounds = Rounds(4, 8, least=2)
    # Of all optimizers at all learning rates together: nine epochs of the default race each, then turns of the tenth.
    slowdown_s: float = 100
    learning_rates: tuple[float, ...] = RATES
    old_steps: int = 9 * 937
    pairs: int = 20
    race: RunConfig = field(default_factory=RunConfig)
    warm_up: RunConfig = field(default_factory=lambda: RunConfig(epochs=1))
    race_rounds: Rounds = Rounds(5, 75)
    drawn_rounds: Rounds = Rounds(5, 12)
    picture_rounds: Rounds = Rounds(9, 50)
    sweep_rates: int = 13
    sweep_rounds: Rounds = Rounds(3, 40)
    viewers: int = 3_000
    live: RunConfig = field(default_factory=lambda: RunConfig(epochs=100))
    watched_s: float = 10.0
    viewer_rounds: Rounds = Rounds(7, 15, least=3)
    starts: Rounds = Rounds(3, 20)
    # After each start.
    presses: int = 8
    command_rounds: Rounds = Rounds(8, 20, least=3)


# All that a benchmark starts and watches comes from one address: the server it measures takes it for one visitor.
LIMITS = {
    "max_runs_per_visitor": 1_000,
    "starts_per_minute": 1_000_000,
    "max_viewers": 100_000,
    "max_viewers_per_visitor": 100_000,
}
