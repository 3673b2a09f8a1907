"""The whole of `make simulate`: measures, simulates one load after the other, and says what is the next bottleneck."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.machine import cores
from app.report.formats import count, fixed
from app.settings import Settings
from app.training.dataset import prepare
from benchmarks.simulation.measure import Measured, Sample, measure
from benchmarks.simulation.parts import Part, parts
from benchmarks.simulation.picture import draw
from benchmarks.simulation.queueing import Load
from benchmarks.simulation.sizing import MEDIAN_S, P99_S, Needed, machines_for, visitors_of_one
from benchmarks.stages import Stages

VISITORS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
# Of a class that has the setting CLASSROOM: four in five press play without changing anything.
JOINING = 0.8
TOGETHER = "four in five of a lecture watch one race"


def simulate_all(settings: Settings, picture: Path | None) -> None:
    """Print the tables; draw the picture, if it is asked for."""
    console = Console()
    with Stages(console) as stages, tempfile.TemporaryDirectory() as folder:
        stages.begin("races, the database, and visitors of a real server")
        measured = measure(settings, prepare(settings.data_dir, settings.cache_dir), Path(folder), Sample())
        own, joined = [], []
        for number in VISITORS:
            stages.begin(f"{number:,} visitors an hour")
            own.append(machines_for(Load(number), measured.race_s))
            joined.append(machines_for(Load(number, joining=JOINING), measured.race_s))
    beside = parts(Load(VISITORS[0]), measured)
    console.print(machines(own, joined), others([each.load for each in own], beside))
    for sentence in sentences(measured, beside):
        console.print(sentence, highlight=False)
    if picture:
        picture.write_bytes(draw(own, joined, TOGETHER))


def machines(own: Sequence[Needed], joined: Sequence[Needed]) -> Table:
    """A row for each load; `joined` has the same ones, with lectures whose students watch one race together."""
    load = own[0].load
    shown = _table(
        f"Machines for waits under {MEDIAN_S:g} s at the median and {P99_S:g} s at p99",
        ("visitors\nan hour", "machines", "joining", "busy", "median", "p99", "races asked for\na second"),
    )
    shown.caption = (
        f"{load.races_each:g} races a visitor; one visitor in {1 / load.lecture_share:.0f} is one of {load.lecture} "
        f"students who come within {load.lecture_s:g} s. Joining: {TOGETHER}."
    )
    for each, together in zip(own, joined, strict=True):
        shown.add_row(
            count(each.load.visitors),
            count(each.machines),
            count(together.machines),
            f"{each.simulated.busy:.0%}",
            f"{each.simulated.median:.1f} s",
            f"{each.simulated.p99:.1f} s",
            fixed(each.starts_per_s, 1),
        )
    return shown


def others(loads: Sequence[Load], beside: Sequence[Part]) -> Table:
    """How many of each other part they take, a row for each load."""
    shown = _table("What else they take, how many of each", ("visitors\nan hour", *(part.name for part in beside)))
    for load in loads:
        shown.add_row(count(load.visitors), *(count(part.needed(load)) for part in beside))
    return shown


def sentences(measured: Measured, beside: Sequence[Part]) -> list[str]:
    """What was measured, how far the simulation is to be believed, and what each other part serves."""
    races = measured.race_s
    server = "" if measured.server_s is None else f" {measured.server_s:.3f} s of processor time of the server itself;"
    return [
        f"A default race took {races.mean():.2f} s on these {cores()} cores ({races.min():.2f} to {races.max():.2f} s "
        f"in {len(races)}),{server} SQLite took in {measured.written_per_s:,.0f} whole races a second.",
        f"One machine serves {count(visitors_of_one(races))} visitors an hour with these waits, none in a lecture.",
        measured.compared.sentence,
        "Of each other part one serves so many visitors an hour: "
        + ", ".join(f"{part.name} {part.serves:,.0f}" for part in sorted(beside, key=lambda part: part.serves))
        + ".",
    ]


def _table(title: str, columns: Sequence[str]) -> Table:
    shown = Table(title=title)
    for name in columns:
        shown.add_column(name, justify="right")
    return shown
