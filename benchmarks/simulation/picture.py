"""The picture of `make simulate`: machines by visitors an hour, on log axes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.report.drawing import INK, LINE, LOOKS, MUTED, PAPER, picture
from app.report.formats import count
from benchmarks.simulation.sizing import Needed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 960, 540


def draw(own: Sequence[Needed], joined: Sequence[Needed], together: str) -> bytes:
    """As PNG. `together` says who watches a race together with others in `joined`."""
    lines = {"each a race of their own": own, together: joined}

    def draw_all(figure: "Figure") -> None:
        axes = figure.subplots(subplot_kw={"facecolor": PAPER, "xscale": "log", "yscale": "log"})
        for (name, needed), look, above in zip(lines.items(), LOOKS, (9, -18), strict=False):
            visitors, machines = [each.load.visitors for each in needed], [each.machines for each in needed]
            axes.plot(visitors, machines, color=look.colour, marker=look.marker, label=name)
            for x, y in zip(visitors, machines, strict=True):
                axes.annotate(count(y), (x, y), (0, above), textcoords="offset points", ha="center", color=look.colour)
        axes.xaxis.set_major_formatter(lambda visitors, _: count(round(visitors)))
        axes.yaxis.set_major_formatter(lambda machines, _: count(round(machines)))
        axes.set_xlabel("visitors an hour", color=INK)
        axes.set_ylabel("machines with two cores", color=INK)
        axes.tick_params(which="both", colors=MUTED)
        axes.grid(color=LINE)
        axes.margins(0.08, 0.15)
        for spine in axes.spines.values():
            spine.set_color(LINE)
        axes.legend(frameon=False, labelcolor=INK)
        figure.tight_layout()

    return picture(WIDTH, HEIGHT, draw_all)
