"""The small picture of an experiment: a few lines of what was measured, without axes, as SVG in the page's colours."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, EDGE = 320, 120, 6
COLOURS = {"sgd": "orange", "momentum": "green", "adam": "blue"}
OTHERS = ("orange", "green", "blue", "pink")


class Line(NamedTuple):
    """Points from left to right; `colour` is one of the page's."""

    colour: str
    points: list[tuple[float, float]]
    dashed: bool = False


def colour_of(optimizer: str, number: int) -> str:
    """That of the lane everywhere on the page, for the optimizers the experiments run."""
    return COLOURS.get(optimizer, OTHERS[number % len(OTHERS)])


def logged(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """With logarithms of x; what has none is left out."""
    return [(math.log10(x), y) for x, y in points if x > 0]


def svg(lines: Sequence[Line]) -> str:
    """All of them in one frame, which they fill."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    if not xs:
        return ""

    def place(x: float, y: float) -> str:
        across = (x - min(xs)) / ((max(xs) - min(xs)) or 1)
        up = (y - min(ys)) / ((max(ys) - min(ys)) or 1)
        return f"{EDGE + across * (WIDTH - 2 * EDGE):.1f} {HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE):.1f}"

    paths = "".join(
        f'<path class="{line.colour}"{" data-dashed" if line.dashed else ""} '
        f'd="M{"L".join(place(x, y) for x, y in line.points)}"/>'
        for line in lines
        if line.points
    )
    return f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{paths}</svg>'
