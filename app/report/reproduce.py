"""The command that races again with the settings of a run: `playground race …`, naming only what is not usual."""

import shlex

from app.choices import LANE_SETTINGS
from app.config import RunConfig
from app.lane_options import OF_ALL_OR_ONE, ON_THE_COMMAND_LINE, lane_keys, option_of
from app.number_input import write_widths
from app.training.optimizers import OPTIMIZERS

USUAL = RunConfig()


def command(config: RunConfig) -> str:
    """A line for a shell. What was changed while a run went on is not in its config, and not in here."""
    words = ["playground", "race"]
    for name in ON_THE_COMMAND_LINE:
        value = getattr(config, name)
        if value != getattr(USUAL, name):
            words += [option_of(name), write_widths(value) if name == "hidden" else str(value)]
    return shlex.join([*words, *_lanes(config)])


def _lanes(config: RunConfig) -> list[str]:
    optimizers = [lane.optimizer for lane in config.lanes]
    words = []
    if optimizers != [lane.optimizer for lane in USUAL.lanes]:
        words += [word for optimizer in optimizers for word in ("--optimizer", optimizer)]
    # Without a shared one, some optimizers take a learning rate of their own.
    some_have_their_own = any(OPTIMIZERS[optimizer].usual_learning_rate is not None for optimizer in optimizers)
    if config.learning_rate != USUAL.learning_rate or some_have_their_own:
        words += ["--lr", _number(config.learning_rate)]
    for key, lane in zip(lane_keys(optimizers), config.lanes, strict=True):
        usual = type(lane)()
        for name in (*LANE_SETTINGS, *lane.hyperparameters()):
            value = getattr(lane, name)
            if value != getattr(usual, name):
                option = OF_ALL_OR_ONE.get(name)
                text = value if isinstance(value, str) else _number(value)
                words += [option, f"{key}={text}"] if option else ["--set", f"{key}.{name}={text}"]
    return words


def _number(value: float) -> str:
    """The shortest that reads back the same."""
    return repr(value).removesuffix(".0")
