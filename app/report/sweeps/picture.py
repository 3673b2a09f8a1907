"""The picture of a sweep: test accuracy by learning rate, with a map of learning rate and training for each curve.

Where learning rates are not compared, it is test accuracy by epochs.
"""

import statistics
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from app.report.drawing import (
    LINE,
    MARGIN,
    MUTED,
    PAPER,
    POINT,
    Look,
    axes_at,
    in_percent,
    looks,
    picture,
    swatch,
    write,
)
from app.report.formats import count, plain
from app.report.sweeps.caption import caption
from app.report.sweeps.outcome import outcome
from app.report.sweeps.result import RateMap, SweepCurve, curve_key, rate_map
from app.sweeps.state import CellState, SweepState

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1200, 675
# Left of the maps, which share what is right of it.
MAPS_LEFT, MAPS_TOP, MAPS_BOTTOM = 760, 118, 612
# More of them would be too small to read.
MOST_MAPS = 4
# What a line of the sentence below them holds, and how many lines there is room for.
LINE_LETTERS, MOST_LINES = 108, 3
# Where crosses for trainings that diverged or failed are drawn: below all accuracies.
FALLEN_AT = -0.03


def draw_sweep(sweep: SweepState) -> bytes:
    """A PNG of 1200×675 pixels: by learning rates, with maps of the first MOST_MAPS curves, or, without, by epochs."""
    drawn, _, sentences = outcome(sweep)
    lanes = looks([curve.optimizer for curve in drawn])

    def draw(figure: "Figure") -> None:
        compares = sweep.grid.compares_rates
        write(figure, MARGIN, 54, f"Test accuracy by {'learning rate' if compares else 'epochs'}", 28, weight="bold")
        write(figure, MARGIN, 88, caption(sweep), 20, MUTED)
        if compares:
            _by_rate(figure, drawn, [rate_map(curve, sweep.cells) for curve in drawn], lanes)
        else:
            _by_epochs(figure, drawn, sweep.cells, lanes)
        _legend(figure, drawn, lanes)
        lines = wrap(next(iter(sentences), ""), LINE_LETTERS, max_lines=MOST_LINES, placeholder=" …")
        for up, line in enumerate(reversed(lines)):
            write(figure, MARGIN, HEIGHT - (24 if len(lines) == 1 else 12) - 24 * up, line, 20)

    return picture(WIDTH, HEIGHT, draw)


def _by_rate(figure: "Figure", curves: Sequence[SweepCurve], maps: Sequence[RateMap], lanes: Sequence[Look]) -> None:
    axes = _rate_axes(figure, curves)
    for number, (curve, look) in enumerate(zip(curves, lanes, strict=True)):
        _curve(axes, curve, look)
        fallen = [point.rate for point in curve.points if point.fallen]
        # Beside those of the other curves.
        places = [FALLEN_AT - 0.022 * number] * len(fallen)
        axes.plot(fallen, places, "x", color=look.colour, markersize=9 * POINT, markeredgewidth=2)
    shown = list(zip(curves, maps, lanes, strict=True))[:MOST_MAPS]
    height = (MAPS_BOTTOM - MAPS_TOP) / len(shown)
    for number, each in enumerate(shown):
        _map(figure, *each, MAPS_TOP + number * height, height)


def _by_epochs(
    figure: "Figure", curves: Sequence[SweepCurve], cells: Sequence[CellState], lanes: Sequence[Look]
) -> None:
    """The mean over the seeds at each evaluation."""
    axes = axes_at(figure, MARGIN + 60, 142, WIDTH - 2 * MARGIN - 60, 422)
    axes.grid(color=LINE, linewidth=1)
    axes.set_ylim(0, 1.015)
    in_percent(axes)
    axes.set_xlabel("epochs", fontsize=17 * POINT, color=MUTED)
    for curve, look in zip(curves, lanes, strict=True):
        found: dict[float, list[float]] = {}
        for cell, result in cells:
            if curve_key(cell) == curve.key:
                for _, epochs, _, accuracy, _ in result.evaluations:
                    found.setdefault(epochs or 0.0, []).append(accuracy or 0.0)
        means = [statistics.fmean(found[epochs]) for epochs in sorted(found)]
        axes.plot(sorted(found), means, color=look.colour, linewidth=3.4 * POINT, linestyle=look.style)


def _rate_axes(figure: "Figure", curves: Sequence[SweepCurve]) -> "Axes":
    from matplotlib.ticker import FuncFormatter

    axes = axes_at(figure, MARGIN + 60, 142, 560, 422)
    axes.grid(color=LINE, linewidth=1)
    axes.set_xscale("log")
    rates = [point.rate for curve in curves for point in curve.points]
    axes.set_xlim(min(rates) / 1.3, max(rates) * 1.3)
    axes.set_ylim(FALLEN_AT - 0.022 * len(curves), 1.015)
    axes.set_yticks(np.linspace(0, 1, 6))
    in_percent(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: plain(rate)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.set_xlabel("learning rate", fontsize=17 * POINT, color=MUTED)
    return axes


def _curve(axes: "Axes", curve: SweepCurve, look: Look) -> None:
    """Means, and a band from the lowest to the highest of the seeds."""
    there = [point for point in curve.points if point.accuracies]
    rates = [point.rate for point in there]
    lowest, highest = ([pick(point.accuracies) for point in there] for pick in (min, max))
    axes.fill_between(rates, lowest, highest, color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(
        rates,
        [point.mean for point in there],
        color=look.colour,
        linewidth=3.4 * POINT,
        linestyle=look.style,
        marker=look.marker,
        markersize=9 * POINT,
        markeredgewidth=0,
    )


def _legend(figure: "Figure", curves: Sequence[SweepCurve], lanes: Sequence[Look]) -> None:
    x = MARGIN + 60.0
    for curve, look in zip(curves, lanes, strict=True):
        swatch(figure, look, x + 22, 120)
        x = write(figure, x + 52, 126, curve.name, 19) + 26
    if any(point.fallen for curve in curves for point in curve.points):
        write(figure, x, 126, "× diverged", 19, MUTED)


def _map(figure: "Figure", curve: SweepCurve, rate_map: RateMap, look: Look, top: float, height: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    write(figure, MAPS_LEFT, top + 16, curve.name, 18, weight="bold")
    axes = axes_at(figure, MAPS_LEFT + 62, top + 26, WIDTH - MARGIN - MAPS_LEFT - 62, height - 62)
    shades = LinearSegmentedColormap.from_list("share", [PAPER, look.colour]).with_extremes(bad=LINE)
    axes.pcolormesh(np.ma.masked_invalid(rate_map.accuracy), cmap=shades, vmin=0, vmax=1, edgecolors=PAPER, linewidth=1)
    axes.set_yticks(np.arange(len(rate_map.steps)) + 0.5, [count(step) for step in rate_map.steps])
    every = -(-len(rate_map.rates) // 5)
    shown = range(0, len(rate_map.rates), every)
    axes.set_xticks([place + 0.5 for place in shown], [plain(rate_map.rates[place]) for place in shown])
    axes.tick_params(labelsize=14 * POINT, pad=3)
    axes.set_ylabel("batches", fontsize=14 * POINT, color=MUTED)
