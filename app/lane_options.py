"""The lanes of a race from a command line: optimizers by name, and choices as `0.1` for all or `adam2=0.001` for one.

A lane's key is its optimizer's name, from the second lane of that optimizer on with a number. What is chosen is
validated by `config`.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from app.choices import LANE_SETTINGS, RATE, SETTINGS
from app.config import RunConfig
from app.errors import InvalidConfig
from app.number_input import read_number, readings
from app.training.optimizers import OPTIMIZERS

# Settings of the race that have an option of their own; of the others each lane may have another value.
ON_THE_COMMAND_LINE = [name for name in SETTINGS if name not in ("learning_rate", "lanes")]

# Settings of a lane that have an option of their own; the others are named with --set, as hyperparameters are.
OF_ALL_OR_ONE = {"learning_rate": "--lr", "schedule": "--schedule", "weight_decay": "--weight-decay"}


def option_of(setting: str) -> str:
    """What a setting of the race is called on the command line."""
    return f"--{(SETTINGS[setting].option or setting).replace('_', '-')}"


def race_choices(
    optimizers: Sequence[str],
    learning_rates: Sequence[str],
    schedules: Sequence[str],
    weight_decays: Sequence[str],
    hyperparameters: Sequence[str] = (),
) -> dict[str, Any]:
    """The fields `learning_rate`, if a shared one was chosen, and `lanes`. Raises InvalidConfig."""
    optimizers = optimizers or [lane.optimizer for lane in RunConfig().lanes]
    keys = lane_keys(optimizers)
    rate, rates = _numbers("--lr", learning_rates, keys)
    schedule, own_schedules = _texts("--schedule", schedules, keys)
    decay, decays = _numbers("--weight-decay", weight_decays, keys)
    own = _hyperparameters(hyperparameters, keys)
    lanes = []
    for key, optimizer in zip(keys, optimizers, strict=True):
        usual = OPTIMIZERS[optimizer].usual_learning_rate if optimizer in OPTIMIZERS and rate is None else None
        chosen = {
            "learning_rate": rates.get(key, usual),
            "schedule": own_schedules.get(key, schedule),
            "weight_decay": decays.get(key, decay),
        }
        lanes.append({"optimizer": optimizer, **_given(chosen), **own[key]})
    return {**_given({"learning_rate": rate}), "lanes": lanes}


def lane_keys(optimizers: Sequence[str]) -> list[str]:
    """What the lanes are called on a command line and in a link."""
    seen = Counter[str]()
    keys = []
    for optimizer in optimizers:
        seen[optimizer] += 1
        keys.append(optimizer if seen[optimizer] == 1 else f"{optimizer}{seen[optimizer]}")
    return keys


def _texts(option: str, texts: Sequence[str], keys: list[str]) -> tuple[str | None, dict[str, str]]:
    """What was chosen for all, if anything, and for single lanes."""
    shared, own = None, {}
    for text in texts:
        key, equals, value = text.rpartition("=")
        if not equals:
            shared = value
        elif key in keys:
            own[key] = value
        else:
            raise InvalidConfig(f"{option} {key}=…: there is no such lane; the lanes are {', '.join(keys)}.")
    return shared, own


def _numbers(option: str, texts: Sequence[str], keys: list[str]) -> tuple[float | None, dict[str, float]]:
    def number(text: str) -> float:
        return _number(text, option, f"a number, or one for a lane as {keys[0]}=0.001")

    shared, own = _texts(option, texts, keys)
    return None if shared is None else number(shared), {key: number(text) for key, text in own.items()}


def _hyperparameters(texts: Sequence[str], keys: list[str]) -> dict[str, dict[str, Any]]:
    own: dict[str, dict[str, Any]] = {key: {} for key in keys}
    for text in texts:
        place, _, value = text.partition("=")
        key, _, name = place.partition(".")
        if key not in own:
            raise InvalidConfig(
                f"--set should name a lane, one of {', '.join(keys)}, and a hyperparameter, as {keys[0]}.momentum=0.9; "
                f"got {text!r}."
            )
        has_words = name in LANE_SETTINGS and LANE_SETTINGS[name].options
        own[key][name] = value if has_words else _number(value, f"--set {place}", "a number")
    return own


def _number(text: str, option: str, expected: str) -> float:
    # A value such as nan is refused later, where its range is checked.
    with suppress(ValueError):
        return float(text)
    if not readings(text):
        raise InvalidConfig(f"{option} should be {expected}; got {text!r}.")
    try:
        # No number of a lane is as large as a thousand.
        return read_number(text, high=RATE[1])
    except ValueError as problem:
        raise InvalidConfig(f"{option}: {problem}") from None


def _given(choices: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in choices.items() if value is not None}
