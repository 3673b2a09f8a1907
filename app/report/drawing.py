"""What the pictures that the server draws have in common: colours, how a lane looks, text in pixels.

They look like the page in its light theme: lanes have the colours, markers and dashes of `static/js/model/lanes.js`.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from app.report.formats import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER, LINE, INK, MUTED = "#f5f6f8", "#e1e4e9", "#15181d", "#59616d"
# From pixels of the picture to the points that fonts and lines are measured in.
POINT = 0.72
MARGIN = 56


class Look(NamedTuple):
    name: str
    """What the page calls the colour, which differs between its themes."""
    colour: str
    marker: str
    dash: tuple[float, ...]

    @property
    def style(self) -> Literal["-"] | tuple[float, tuple[float, ...]]:
        """Of its line, in widths of it."""
        return (0, tuple(length / 4 for length in self.dash)) if self.dash else "-"


LOOKS = (
    Look("orange", "#c77700", "o", ()),
    Look("green", "#00875f", "s", ()),
    Look("blue", "#1763c6", "^", ()),
    Look("pink", "#d6409f", "D", (9, 4)),
    Look("brown", "#7a3e2b", "P", (3, 3)),
    Look("grey", "#4a515c", "*", (12, 3, 3, 3)),
)
USUAL_LOOK = {"sgd": 0, "momentum": 1, "adam": 2}
FREE_LOOKS = (3, 4, 5, 0, 1, 2)


def looks(optimizers: Sequence[str]) -> list[Look]:
    """How lanes look: those of the default race's three optimizers always the same, as long as each is there once.

    Where there are more of them than looks, some look alike.
    """
    chosen: list[int | None] = []
    for optimizer in optimizers:
        usual = USUAL_LOOK.get(optimizer)
        chosen.append(None if usual in chosen else usual)
    for lane, look in enumerate(chosen):
        if look is None:
            chosen[lane] = next((free for free in FREE_LOOKS if free not in chosen), lane % len(LOOKS))
    return [LOOKS[look] for look in chosen if look is not None]


def picture(width: int, height: int, draw: "Callable[[Figure], None]") -> bytes:
    """A PNG of this size in pixels, of what `draw` puts on a figure. Raises MemoryError."""
    png = _drawn(width, height, draw)
    # A figure is full of cycles, and holds nearly three megabytes of pixels and paths. It is among the newest objects,
    # which are looked through in a millisecond.
    gc.collect(0)
    return png


def _drawn(width: int, height: int, draw: "Callable[[Figure], None]") -> bytes:
    with _loaded_whole():
        # A second to load, and most servers never draw a picture.
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor=PAPER)
    FigureCanvasAgg(figure)
    draw(figure)
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


@contextmanager
def _loaded_whole() -> Iterator[None]:
    """If the drawing library fails to load for lack of memory, the next request loads it again. Raises MemoryError.

    Otherwise its modules that were loaded would stay, unknown to the package around them, which is created again.
    """
    try:
        yield
    except Exception as problem:
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]
        if isinstance(problem, ModuleNotFoundError):
            raise
        raise MemoryError from problem


def write(figure: "Figure", x: float, y: float, text: str, size: float, colour: str = INK, **how: Any) -> float:
    """Text with its baseline `y` pixels below the top, made smaller if it would leave the picture; where it ends."""
    width, height = size_of(figure)
    written = figure.text(x / width, 1 - y / height, text, fontsize=size * POINT, color=colour, parse_math=False, **how)
    room, taken = width - MARGIN - x, written.get_window_extent().width
    if how.get("ha") != "right" and taken > room:
        written.set_fontsize(size * POINT * room / taken * 0.98)
    return float(written.get_window_extent().x1)


def size_of(figure: "Figure") -> tuple[float, float]:
    """Width and height in pixels."""
    width, height = figure.get_size_inches() * figure.dpi
    return float(width), float(height)


def axes_at(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Plain axes with this place and size in pixels, from the upper left corner."""
    whole_width, whole_height = size_of(figure)
    place = left / whole_width, 1 - (top + height) / whole_height, width / whole_width, height / whole_height
    axes = figure.add_axes(place)
    axes.set_facecolor(PAPER)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(which="both", length=0, labelsize=17 * POINT, labelcolor=MUTED, pad=6)
    axes.set_axisbelow(True)
    return axes


def in_percent(axes: "Axes") -> None:
    """Write shares of one at its left side as percentages."""
    from matplotlib.ticker import FuncFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, 0)))


def swatch(figure: "Figure", look: Look, x: float, y: float) -> None:
    """A short line as this lane draws its own, its middle at a place in pixels."""
    from matplotlib.lines import Line2D

    width, height = size_of(figure)
    ends = [(x - 22) / width, x / width, (x + 22) / width]
    figure.add_artist(
        Line2D(
            ends,
            [1 - y / height] * 3,
            color=look.colour,
            linewidth=4 * POINT,
            linestyle=look.style,
            marker=look.marker,
            markevery=[1],
            markersize=(18 if look.marker == "*" else 14) * POINT,
            markeredgewidth=0,
        )
    )
