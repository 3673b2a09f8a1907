"""How much to measure. Knows nothing of what is measured."""

from dataclasses import dataclass, field

from app.config import RunConfig

SHAPES = [
    # Beside the default: small and large batches, narrow, wide and deep networks.
    *(RunConfig(batch_size=batch_size) for batch_size in (16, 256, 1024)),
    *(RunConfig(hidden=hidden) for hidden in ([32], [512], [1024], [128, 64], [256, 128, 64])),
]


@dataclass(frozen=True)
class Effort:
    """By default enough for figures to trust, in a few minutes. Less gives the same figures, not as good."""

    step_rounds: int = 15
    step_round_s: float = 1.0
    shapes: list[RunConfig] = field(default_factory=lambda: SHAPES)
    shape_rounds: int = 4
    shape_round_s: float = 0.4
    # Nine epochs of the default race, then turns of the tenth.
    old_steps: int = 9 * 937
    pairs: int = 20
    race: RunConfig = field(default_factory=RunConfig)
    race_rounds: int = 5
    picture_rounds: int = 9
    viewers: int = 3_000
    live: RunConfig = field(default_factory=lambda: RunConfig(epochs=100))
    watched_s: float = 10.0
    viewer_rounds: int = 7
    starts: int = 3
    # After each start.
    presses: int = 8
