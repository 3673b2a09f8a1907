"""The picture of a run for link previews: its settings, its test accuracy, and how its lanes stand.

It looks like the page in its light theme: lanes have the colours, markers and dashes of `static/js/model/lanes.js`.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.report.caption import lane_names, settings_of
from app.report.drawing import (
    INK,
    LINE,
    LOOKS,
    MARGIN,
    MUTED,
    POINT,
    Look,
    axes_at,
    in_percent,
    looks,
    picture,
    swatch,
    write,
)
from app.report.formats import count, percent
from app.report.lane_names import names
from app.report.result import has_fallen, is_over, ranking
from app.runs.description import Description, LaneDescription
from app.runs.history import COLUMNS, Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1200, 630
# Of accuracies: each falls on a whole percent.
MARKS = 5
# As on the page, in static/js/charts/axes/scales.js.
EVEN_STEPS = 50
# Pixels of a digit at an axis.
LETTER = 11


def draw_card(run: Description, evaluations: Sequence[NDArray[np.float32]], story: Sequence[str]) -> bytes:
    """A PNG of 1200×630 pixels, from a run's description, its evaluations and its story."""

    def draw(figure: "Figure") -> None:
        _head(figure, run)
        _curves(figure, run, evaluations)
        _standings(figure, run)
        for row, line in enumerate(wrap(story[0], 78)[:2]):
            write(figure, MARGIN, 568 + 34 * row, line, 25)

    return picture(WIDTH, HEIGHT, draw)


def _head(figure: "Figure", run: Description) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    # The page's sign, as its own curves draw it.
    place = Affine2D().scale(1.15, -1.15).translate(MARGIN, HEIGHT - 26)
    bends = [((7, 16), (14, 20), (28, 19)), ((5, 19), (13, 24), (28, 24)), ((4, 22), (12, 28), (28, 28.5))]
    for look, (first, second, end) in zip(LOOKS, bends, strict=False):
        path = Path([(4, 4), first, second, end], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        patch = PathPatch(path, fill=False, edgecolor=look.colour, linewidth=3.4 * POINT * 1.15, capstyle="round")
        patch.set_transform(place)
        figure.add_artist(patch)
    write(figure, MARGIN + 46, 54, "Optimizer Playground", 26, weight="bold")
    write(figure, WIDTH - MARGIN, 54, _status(run), 24, MUTED, ha="right")
    write(figure, MARGIN, 122, lane_names(run), 46, weight="bold")
    write(figure, MARGIN, 164, settings_of(run), 25, MUTED)


def _looks(run: Description) -> list[Look]:
    return looks([lane["optimizer"] for lane in run["lanes"]])


def _status(run: Description) -> str:
    if is_over(run):
        return str(run["status"]).capitalize()
    if run["status"] == "queued":
        return "Waiting for its turn"
    steps = max(lane["steps"] for lane in run["lanes"])
    epoch = max(1, -(-steps // run["batches_per_epoch"]))
    return f"{'Paused' if run['status'] == 'paused' else 'Live'}: epoch {epoch} of {run['config']['epochs']}"


def _curves(figure: "Figure", run: Description, evaluations: Sequence[NDArray[np.float32]]) -> None:
    left, top, width, height = MARGIN + 74, 236, 500, 252
    axes = axes_at(figure, left, top, width, height)
    axes.tick_params(labelsize=19 * POINT)
    axes.grid(axis="y", color=LINE, linewidth=1)
    in_percent(axes)
    end = _last_step(run)
    # A little more, so that the last marks are whole.
    axes.set_xlim(0, along(end) * 1.015)
    ticks = _ticks(end, width)
    axes.set_xticks([along(step) for step in ticks], map(count, ticks))
    axes.set_yticks(np.linspace(0, 1, MARKS))
    axes.set_ylim(0, 1.015)
    for lane, look in enumerate(_looks(run)):
        _curve(axes, look, evaluations[lane], leads=lane == ranking(run)[0])
    how = " (log scale)" if end > EVEN_STEPS else ""
    name = write(figure, MARGIN, 212, "Test accuracy", 21, weight="bold")
    write(figure, name + 12, 212, f"on unseen digits, by batch{how}", 20, MUTED)


def along(step: float) -> float:
    """Where a batch stands on the page's axis: the first are evenly spaced, those after them by their logarithm."""
    return step / EVEN_STEPS if step <= EVEN_STEPS else 1 + log(step / EVEN_STEPS)


def _last_step(run: Description) -> int:
    """Where the axis ends: at the last batch of a race that is over, just past the leader of one that goes on."""
    steps = max(lane["steps"] for lane in run["lanes"])
    if not steps or is_over(run):
        return steps or run["total_steps"]
    rounded: Iterator[int] = (digit * 10**power for power in range(1, 10) for digit in (1, 2, 5))
    return min(run["total_steps"], next(end for end in rounded if end >= steps))


def _ticks(end: int, width: float) -> list[int]:
    """What is written along the axis: its end and 0, and of round batches those that have room."""
    kept: list[int] = []
    for step in [end, 0, *(digit * 10**power for digit in (1, 5, 2) for power in range(1, 9))]:
        places = [(along(other) / along(end) * width, len(count(other))) for other in kept]
        here, letters = along(step) / along(end) * width, len(count(step))
        if step <= end and all(abs(here - place) > (letters + long + 2) / 2 * LETTER for place, long in places):
            kept.append(step)
    return sorted(kept)


def _curve(axes: "Axes", look: Look, table: NDArray[np.float32], leads: bool) -> None:
    cells = dict(zip(COLUMNS[Kind.EVALUATIONS], table, strict=True))
    x, y = np.array([along(step) for step in cells["step"]]), cells["test_accuracy"]
    width = 4 * POINT
    axes.plot(
        x,
        y,
        color=look.colour,
        linewidth=width,
        linestyle=look.style,
        marker=look.marker,
        # So many that they can be distinguished.
        markevery=_apart(x, axes.get_xlim()[1] / 28),
        markersize=(13 if look.marker == "*" else 10) * POINT,
        markeredgewidth=0,
        solid_joinstyle="round",
        zorder=4 if leads else 3,
    )


def _apart(x: NDArray[np.float64], least: float) -> list[int]:
    """The newest place, and before it those that are not too near to one another."""
    kept: list[int] = []
    for place in reversed(range(len(x))):
        if not kept or x[kept[-1]] - x[place] >= least:
            kept.append(place)
    return kept


def _standings(figure: "Figure", run: Description) -> None:
    lanes, called = run["lanes"], names(run["config"])
    left, right, top, bottom = 692, WIDTH - MARGIN, 196, 520
    row = (bottom - top) / max(3, len(lanes))
    lines = len(lanes) <= 3
    for place, number in enumerate(ranking(run)):
        lane, look = lanes[number], _looks(run)[number]
        middle = top + row * (place + 0.5)
        base = middle + (4 if lines else 10)
        swatch(figure, look, left + 22, base - 10)
        write(figure, left + 60, base, called[number], 27 if lines else 24, weight="bold")
        share = lane["test_accuracy"]
        number_size = 36 if lines else 30
        text = "–" if share is None else percent(share)
        write(
            figure, right, base + (4 if lines else 2), text, number_size, MUTED if has_fallen(lane) else INK,
            ha="right", weight="normal" if has_fallen(lane) else "bold",
        )  # fmt: skip
        if lines:
            write(figure, left + 60, base + 32, _fact(lane), 20, MUTED)
    edges = [top + row * place for place in range(len(lanes) + 1)]
    for upper, _ in list(pairwise(edges))[1:]:
        figure.add_artist(_rule(left, right, upper))


def _rule(left: float, right: float, y: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([left / WIDTH, right / WIDTH], [1 - y / HEIGHT] * 2, color=LINE, linewidth=1.5)


def _fact(lane: LaneDescription) -> str:
    if has_fallen(lane):
        return f"{lane['status']} at batch {count(lane['ended_at'] or lane['steps'])}"
    first = next(iter(lane["reached"]), None)
    if first:
        return f"{percent(first['accuracy'], 0)} after {count(first['step'])} batches"
    return f"{count(lane['steps'])} batches" if lane["steps"] else "has not begun"
