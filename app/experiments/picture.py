"""The small picture of an experiment: lines of what was measured, without axes, as SVG in the colours of the page.

One of its lines is `given`: it is drawn before a guess, alone and as large as the frame, so that it reveals
nothing of the others.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.report.drawing import Look

WIDTH, HEIGHT, EDGE = 320, 120, 9
# Of the markers of a look: what the page calls them, and their shapes around 0, 0.
MARKERS = {
    "o": ("circle", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0"),
    "s": ("square", "M-4-4h8v8h-8z"),
    "^": ("triangle", "M0-5l5 9h-10z"),
    "D": ("diamond", "M0-5l5 5l-5 5l-5-5z"),
    "P": ("plus", "M-2-5h4v3h3v4h-3v3h-4v-3h-3v-4h3z"),
    "*": ("star", "M0-6l1.6 4.2h4.4l-3.6 2.6l1.4 4.6l-3.8-2.8l-3.8 2.8l1.4-4.6l-3.6-2.6h4.4z"),
}


class Line(NamedTuple):
    """Points from left to right, of a lane or a training that looks like this on the page."""

    name: str
    look: Look
    points: list[tuple[float, float]]
    given: bool = False
    dashed: bool = False
    """Beside another line of the same look."""


class Picture(NamedTuple):
    """Its lines, and what they show, as "Test accuracy by batches"."""

    title: str
    lines: list[Line]

    def describe(self) -> dict[str, Any]:
        """What the gallery shows: the picture before and after a guess, and its legend."""
        return {
            "title": self.title,
            "given": svg([line for line in self.lines if line.given]),
            "whole": svg(self.lines),
            "legend": [
                {
                    "name": line.name,
                    "colour": line.look.name,
                    "marker": MARKERS[line.look.marker][0],
                    "dashed": bool(_dashes(line)),
                    "given": line.given,
                }
                for line in self.lines
            ],
        }


def logged(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """With the logarithm of x; points without one are left out."""
    return [(math.log10(x), y) for x, y in points if x > 0]


def svg(lines: Sequence[Line]) -> str:
    """All of them in one frame, which they fill, each with its marker at its end."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    if not xs:
        return ""

    def place(x: float, y: float) -> str:
        across = (x - min(xs)) / ((max(xs) - min(xs)) or 1)
        up = (y - min(ys)) / ((max(ys) - min(ys)) or 1)
        return f"{EDGE + across * (WIDTH - 2 * EDGE):.1f} {HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE):.1f}"

    drawn = []
    for line in lines:
        places = [place(x, y) for x, y in line.points]
        if places:
            _, marker = MARKERS[line.look.marker]
            dashes = f' stroke-dasharray="{" ".join(map(str, _dashes(line)))}"' if _dashes(line) else ""
            drawn.append(
                f'<g data-colour="{line.look.name}"><path class="line"{dashes} d="M{"L".join(places)}"/>'
                f'<path class="marker" transform="translate({places[-1]})" d="{marker}"/></g>'
            )
    return f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{"".join(drawn)}</svg>'


def _dashes(line: Line) -> Sequence[float]:
    return (2, 4) if line.dashed else line.look.dash
