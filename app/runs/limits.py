"""What is too much for this server, whatever config is otherwise valid."""

from app.config import RunConfig
from app.errors import InvalidConfig
from app.settings import Settings
from app.training.dataset import PIXELS


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
    # Of each digit of a batch the pixels, as bytes and as float32; of each hidden unit its value, its gradient and
    # a zero, as float32, and whether it is active.
    megabytes = config.batch_size * (5 * PIXELS + 13 * sum(config.hidden)) // 1_000_000
    if megabytes > settings.max_lane_memory_mb:
        raise InvalidConfig(
            f"A batch of {config.batch_size:,} with hidden widths {config.hidden} needs about {megabytes:,} MB a "
            f"lane; this server allows {settings.max_lane_memory_mb:,}. Take smaller batches or fewer units."
        )
    return per_epoch
