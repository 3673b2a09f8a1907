"""The picture of `make simulate`: machines and web servers by visitors an hour, on log axes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.report.drawing import INK, LINE, LOOKS, MUTED, PAPER, picture
from app.report.formats import count
from benchmarks.simulation.sizing import Needed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 960, 540
# Where numbers stand by their points: the lowest line has them below, where no other line is.
ABOVE, BELOW = 9, -18


def draw(needed: Mapping[str, Sequence[Needed]]) -> bytes:
    """As PNG; each of the loads has a line for machines and one for clusters, which have a web server each."""

    def draw_all(figure: "Figure") -> None:
        axes = figure.subplots(subplot_kw={"facecolor": PAPER, "xscale": "log", "yscale": "log"})
        for (name, rows), look, side in zip(needed.items(), LOOKS, (ABOVE, BELOW), strict=False):
            visitors = [each.load.visitors for each in rows]
            machines = [each.machines * each.clusters for each in rows]
            clusters = [each.clusters for each in rows]
            axes.plot(visitors, machines, color=look.colour, marker=look.marker, label=f"{name}: machines")
            label = f"{name}: clusters, each with a server that leads"
            axes.plot(visitors, clusters, color=look.colour, marker=look.marker, linestyle=(0, (2, 2)), label=label)
            for numbers, offset in ((machines, ABOVE), (clusters, side)):
                for x, y in zip(visitors, numbers, strict=True):
                    where = (0, offset)
                    axes.annotate(count(y), (x, y), where, textcoords="offset points", ha="center", color=look.colour)
        axes.xaxis.set_major_formatter(lambda visitors, _: count(round(visitors)))
        axes.yaxis.set_major_formatter(lambda number, _: count(round(number)))
        axes.set_xlabel("visitors an hour", color=INK)
        axes.set_ylabel("machines with two cores, and clusters", color=INK)
        axes.tick_params(which="both", colors=MUTED)
        axes.grid(color=LINE)
        axes.margins(0.08, 0.15)
        for spine in axes.spines.values():
            spine.set_color(LINE)
        axes.legend(frameon=False, labelcolor=INK)
        figure.tight_layout()

    return picture(WIDTH, HEIGHT, draw_all)
