"""The axes that a sweep can have, and what their values are called when they are counted."""

from collections.abc import Iterable

from app.choices import SETTINGS

# A cell is a race of one lane, which trains all its epochs.
OF_THE_LANE = ("optimizer", "schedule", "weight_decay")
OF_THE_RUN = tuple(name for name in SETTINGS if name not in ("lanes", "target_accuracy"))
AXES = (*OF_THE_LANE, *OF_THE_RUN)

# Of the others the plural is that of their name.
_COUNTED = {"epochs": ("number of epochs", "numbers of epochs"), "hidden": ("choice of widths", "choices of widths")}


def called(axis: str, count: int = 2) -> str:
    """What so many values of an axis are called: "learning rates", and of one "learning rate"."""
    name = axis.replace("_", " ")
    one, many = _COUNTED.get(axis, (name, f"{name}s"))
    return one if count == 1 else many


def product_of(sizes: dict[str, int]) -> str:
    """How many values each axis has: "3 optimizers × 13 learning rates"."""
    return " × ".join(f"{size:,} {called(axis, size)}" for axis, size in sizes.items())


def fitting(axis: str, axes: Iterable[str], fits: int, fewer: str, how: str = "") -> str:
    """How many values of an axis fit: "With these optimizers, 2 learning rates fit."; or, where not even one does, of
    what to take `fewer`. `how` stands before them, as "at most "; with "the first " one is not counted.
    """
    number = "" if how == "the first " and fits == 1 else f"{fits:,} "
    found = f"{how}{number}{called(axis, fits)} {'fits' if fits == 1 else 'fit'}"
    if not fits:
        found = f"not even one {called(axis, 1)} fits: take fewer {fewer}"
    sentence = f"{_beside(axis, axes)}{found}."
    return sentence[0].upper() + sentence[1:]


def _beside(axis: str, axes: Iterable[str]) -> str:
    """How a sentence begins that is about this axis, with all others as they are: "With these optimizers, "."""
    *others, last = [called(other) for other in axes if other != axis] or [""]
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"With these {listed}, " if listed else ""
