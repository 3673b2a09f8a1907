"""Which valid configs are too much for this server: too many steps, or too much memory."""

from itertools import accumulate, pairwise

from app.config import RunConfig
from app.engine.base import Capacity
from app.errors import InvalidConfig
from app.machine import MB
from app.report.formats import counted
from app.settings import LANES_OF_A_RACE, Settings
from app.sweeps.axes import fitting
from app.sweeps.grid import Grid
from app.training.idx import CLASSES, PIXELS

# Of a worker, whatever it trains.
LANE_BYTES = 60_000_000
# Of each step, its metrics as float32 in the server, once more while they are sent, and what grows in steps.
STEP_BYTES = 24
# Of each parameter as float32, 16 times: with its gradient as described, as trained, and untrained; three vectors of
# the optimizer; copied, pickled and sent; received, unpickled and kept; and for one answer.
PARAMETER_BYTES = 64
# Of each digit of a batch its pixels, as bytes and as float32, and what is computed from its ten scores.
DIGIT_BYTES = 5 * PIXELS + 200
# Of each hidden unit and digit of a batch its value, its gradient and a zero, as float32, and whether it is active.
UNIT_BYTES = 13
# The axes whose values take different amounts of work.
SIZES = ("batch_size", "epochs", "hidden")


def weights(config: RunConfig) -> int:
    """The number of weights of one network, without biases."""
    return sum(above * below for above, below in pairwise([PIXELS, *config.hidden, CLASSES]))


def batches_per_epoch(config: RunConfig, digits: int, settings: Settings) -> int:
    """With so many training digits. Raises InvalidConfig with a sentence if they are too many, or too large."""
    if config.batch_size > digits:
        raise InvalidConfig(
            f"batch_size should be at most {digits:,}, the number of training digits; got {config.batch_size:,}."
        )
    per_epoch = digits // config.batch_size
    epochs = counted(config.epochs, "epoch")
    verb = "is" if config.epochs == 1 else "are"
    if per_epoch * config.epochs > settings.max_steps:
        raise InvalidConfig(
            f"{epochs} of batches of {config.batch_size} {verb} {per_epoch * config.epochs:,} steps "
            f"a lane; this server does at most {settings.max_steps:,}. {_fitting(config, per_epoch, digits, settings)}"
        )
    work = len(config.lanes) * config.epochs * per_epoch * config.batch_size * weights(config)
    if work > settings.max_work:
        raise InvalidConfig(
            f"{epochs} of {per_epoch * config.batch_size:,} digits through {weights(config):,} weights "
            f"in {counted(len(config.lanes), 'lane')} {verb} {work:,.0f} multiply-adds; this server does at most "
            f"{settings.max_work:,.0f} for one run. Take fewer epochs, narrower layers or fewer lanes."
        )
    batch_mb, run_mb = _batch_bytes(config) // MB, run_bytes(config, per_epoch * config.epochs) // MB
    if batch_mb > settings.max_lane_memory_mb:
        raise InvalidConfig(
            f"A batch of {config.batch_size:,} with hidden widths {config.hidden} needs about {batch_mb:,} MB a "
            f"lane; this server allows {settings.max_lane_memory_mb:,}. Take smaller batches or fewer units."
        )
    if run_mb > settings.run_memory_mb:
        raise InvalidConfig(
            f"Batches of {config.batch_size:,} with hidden widths {config.hidden} in {len(config.lanes)} lanes need "
            f"about {run_mb:,} MB; this server allows {settings.run_memory_mb:,} for one run. Take smaller "
            "batches, fewer units or fewer lanes."
        )
    return per_epoch


def _fitting(config: RunConfig, per_epoch: int, digits: int, settings: Settings) -> str:
    """What would fit, changing one setting at a time."""
    epochs, batch_size = settings.max_steps // per_epoch, _smallest_batch(config, digits, settings)
    fewer = [f"at most {counted(epochs, 'epoch')}"] if epochs else []
    larger = [f"batches of at least {batch_size:,}"] if batch_size else []
    return f"Take {' or '.join(fewer + larger)}." if fewer or larger else "Take fewer epochs and larger batches."


def _smallest_batch(config: RunConfig, digits: int, settings: Settings) -> int | None:
    """The smallest batch size with which so many epochs are not too many steps; None if there is none."""
    most = settings.max_steps // config.epochs
    return digits // (most + 1) + 1 if most else None


def check_sweep(grid: Grid, digits: int, settings: Settings) -> None:
    """Whether this server does all of a sweep: no training too large, and all together not more than one run may be.

    Raises InvalidConfig with a sentence, which says how much would fit.
    """
    longest = max(grid.axes, key=lambda name: len(grid.axes[name]))
    values, rates = grid.axes[longest], grid.axes.get("learning_rate", [])
    batches, work = [0.0] * len(values), [0.0] * len(values)
    for cell in grid.cells:
        steps = cell.config.epochs * batches_per_epoch(cell.config, digits, settings)
        if grid.compares_rates and cell.at["learning_rate"] == rates[0]:
            # What decides is trained again: each curve at two rates, for each seed.
            steps *= 3
        value = values.index(cell.at[longest])
        batches[value] += steps
        work[value] += steps * cell.config.batch_size * weights(cell.config)
    for amounts, most, unit in ((batches, settings.max_steps, "batches"), (work, settings.max_work, "multiply-adds")):
        *_, whole = of_first = list(accumulate(amounts))
        if whole > most:
            if values is rates and grid.compares_rates:
                # One rate alone decides nothing.
                of_first[0] /= 3
            how = "the first " if longest in SIZES else ""
            raise InvalidConfig(
                f"This server does at most {most:,.0f} {unit} for one sweep; this grid of "
                f"{counted(len(grid.cells), 'training')} takes {whole:,.0f}"
                f"{', with those on fresh seeds' if grid.compares_rates else ''}. "
                f"{fitting(longest, grid.axes, sum(each <= most for each in of_first), 'epochs or values', how)}"
            )


def largest_bytes(grid: Grid, digits: int) -> int:
    """The most memory that the largest training takes, in bytes."""
    return max(run_bytes(cell.config, cell.config.epochs * (digits // cell.config.batch_size)) for cell in grid.cells)


def places_for(largest: int, settings: Settings, capacity: Capacity, others: int = 0) -> int:
    """How many trainings of so many bytes there may be at once: one for each core, or as many as there is room for.

    Beside so many `others` that have places, each with the cores of a race.
    """
    room = capacity.machines * settings.run_memory_mb * MB // largest
    return max(1, min(capacity.cores - LANES_OF_A_RACE * others, room))


def run_bytes(config: RunConfig, steps: int) -> int:
    """The most memory that all lanes of a run take, in their workers and in the server, in bytes."""
    lane = LANE_BYTES + STEP_BYTES * steps + PARAMETER_BYTES * weights(config) + _batch_bytes(config)
    return len(config.lanes) * lane


def _batch_bytes(config: RunConfig) -> int:
    return config.batch_size * (DIGIT_BYTES + UNIT_BYTES * sum(config.hidden))
