"""A run in few words, for a link to it: what races and how, and who won. Pure."""

from collections.abc import Sequence

from app.report.formats import count, listed, plain, target
from app.report.lane_view import names
from app.report.result import is_over
from app.runs.description import Description


def racers_of(run: Description) -> str:
    """ "SGD, Momentum and Adam"."""
    return listed(names(run["config"]))


def settings_of(run: Description) -> str:
    """ "learning rate 0.01 · batch 64 · 5 epochs · 128 hidden units · seed 42"."""
    config = run["config"]
    own = (lane["learning_rate"] for lane in config["lanes"])
    # Each once, in the order of the lanes.
    rates = dict.fromkeys(plain(config["learning_rate"] if rate is None else rate) for rate in own)
    goal = config["target_accuracy"]
    parts = [
        f"learning rate {' / '.join(rates)}",
        f"batch {count(config['batch_size'])}",
        f"{config['epochs']} {'epoch' if config['epochs'] == 1 else 'epochs'}",
        *([] if goal is None else [f"to {target(goal)}"]),
        f"{'-'.join(map(str, config['hidden']))} hidden units",
        *([] if config["activation"] == "relu" else [config["activation"]]),
        *([] if config["initialisation"] == "he" else [f"first weights {config['initialisation']}"]),
        f"seed {config['seed']}",
    ]
    return " · ".join(parts)


def title_of(run: Description, story: Sequence[str], digits: str) -> str:
    """What a link to the run is called: how it ended, or else who races on these digits."""
    return story[0].rstrip(".") if is_over(run) else f"{racers_of(run)} race on {digits}"


def description_of(run: Description, story: Sequence[str]) -> str:
    """What stands below that title."""
    told = story[1:] if is_over(run) else story
    return " ".join([f"{racers_of(run)}: {settings_of(run)}.", *told])
