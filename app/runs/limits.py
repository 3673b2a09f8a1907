"""What is too much for this server, whatever config is otherwise valid."""

from itertools import pairwise

from app.config import RunConfig
from app.errors import InvalidConfig
from app.settings import Settings
from app.training.dataset import CLASSES, PIXELS


def weights(config: RunConfig) -> int:
    """Of one network, its biases left out."""
    return sum(above * below for above, below in pairwise([PIXELS, *config.hidden, CLASSES]))


def batches_per_epoch(config: RunConfig, digits: int, settings: Settings) -> int:
    """With so many training digits. Raises InvalidConfig with a sentence if they are too many, or too large."""
    if config.batch_size > digits:
        raise InvalidConfig(
            f"batch_size should be at most {digits:,}, the number of training digits; got {config.batch_size:,}."
        )
    per_epoch = digits // config.batch_size
    if per_epoch * config.epochs > settings.max_steps:
        raise InvalidConfig(
            f"{config.epochs} epochs of batches of {config.batch_size} are {per_epoch * config.epochs:,} steps "
            f"a lane; this server does at most {settings.max_steps:,}. Take fewer epochs or larger batches."
        )
    work = len(config.lanes) * config.epochs * per_epoch * config.batch_size * weights(config)
    if work > settings.max_work:
        raise InvalidConfig(
            f"{config.epochs} epochs of {per_epoch * config.batch_size:,} digits through {weights(config):,} weights "
            f"in {len(config.lanes)} lanes are {work:.2g} multiply-adds; this server does at most "
            f"{settings.max_work:.2g} for one run. Take fewer epochs, narrower layers or fewer lanes."
        )
    # Of each digit of a batch the pixels, as bytes and as float32; of each hidden unit its value, its gradient and
    # a zero, as float32, and whether it is active.
    megabytes = config.batch_size * (5 * PIXELS + 13 * sum(config.hidden)) // 1_000_000
    if megabytes > settings.max_lane_memory_mb:
        raise InvalidConfig(
            f"A batch of {config.batch_size:,} with hidden widths {config.hidden} needs about {megabytes:,} MB a "
            f"lane; this server allows {settings.max_lane_memory_mb:,}. Take smaller batches or fewer units."
        )
    return per_epoch
