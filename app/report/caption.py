"""A run in few words, for a link to it: what races and how, and who won. Pure."""

from collections.abc import Collection, Sequence
from typing import Any

from app.choices import SAID, SETTINGS, Choice
from app.config import RunConfig
from app.report.formats import listed, plain, target
from app.report.lane_names import names
from app.report.result import is_over
from app.runs.description import Description, learning_rates

USUAL = RunConfig()


def lane_names(run: Description) -> str:
    """ "SGD, Momentum and Adam"."""
    return listed(names(run["config"]))


def settings_of(run: Description, without: Collection[str] = ()) -> str:
    """ "learning rate 0.01 · batch size 64 · 5 epochs · 128 hidden units · seed 42"."""
    values: dict[str, Any] = {**run["config"], "learning_rate": learning_rates(run["config"])}
    names = (
        name
        for name in SAID
        if name not in without and not (SETTINGS[name].more and values[name] == getattr(USUAL, name))
    )
    return " · ".join(_said(SETTINGS[name], values[name]) for name in names)


def _said(row: Choice, value: Any) -> str:
    match row.kind:
        case "number":
            # Of the lanes' learning rates each once, in the order of the lanes.
            value = " / ".join(dict.fromkeys(map(plain, value if isinstance(value, list) else [value])))
        case "widths":
            value = "-".join(map(str, value))
        case "share":
            value = "none" if value is None else target(value)
        case "option":
            value = (row.options or {})[value]
    return row.said.format(value).removesuffix("s" if str(value) == "1" else "")


def title_of(run: Description, story: Sequence[str], digits: str) -> str:
    """What a link to the run is called: how it ended, or else who races on these digits."""
    return story[0].rstrip(".") if is_over(run) else f"{lane_names(run)} race on {digits}"


def description_of(run: Description, story: Sequence[str]) -> str:
    """What stands below that title."""
    sentences = story[1:] if is_over(run) else story
    return " ".join([f"{lane_names(run)}: {settings_of(run)}.", *sentences])
