"""The whole of `make simulate`: measures, simulates one load after the other, and says what is the next bottleneck."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.machine import cores
from app.report.formats import count, fixed
from app.settings import Settings
from benchmarks.simulation.arrivals import Load
from benchmarks.simulation.measure import Measured, Sample, measure
from benchmarks.simulation.parts import LEADER, VIEWERS, parts
from benchmarks.simulation.picture import draw
from benchmarks.simulation.sizing import (
    MEDIAN_S,
    P99_S,
    SEEDS,
    Needed,
    Service,
    best_size,
    machines_for,
    most_viewers,
    most_visitors,
)
from benchmarks.stages import Stages
from benchmarks.tables import new_table

VISITORS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
KIND = Load(1)
# In a class that has the setting CLASSROOM four in five press play without changing anything.
JOINING = 0.8
KINDS = {"Each races alone": KIND, "Four in five of a lecture watch one race": KIND._replace(joining=JOINING)}
# On a machine so slow or busy that it takes longer, the largest loads are left out.
WITHIN_S = 1200.0


def simulate_all(settings: Settings, picture: Path | None) -> bool:
    """Print the tables, draw the picture if it is asked for; whether there was time for all loads."""
    console = Console()
    until = time.monotonic() + WITHIN_S
    with Stages(console) as stages, tempfile.TemporaryDirectory() as folder:
        stages.begin("races, starts, and waits of a real server's visitors")
        measured = measure(settings, Path(folder), Sample())
        service = Service(measured.race_s, parts(measured.start_s or 0.0))
        stages.begin("what one of each part serves")
        alone = serves(service)
        needed = size_all(service, until, stages.begin)
    for name, rows in needed.items():
        console.print(machines(name, rows))
    console.print(bottlenecks(alone))
    for sentence in sentences(measured):
        console.print(sentence, highlight=False)
    complete = all(len(rows) == len(VISITORS) for rows in needed.values())
    if not complete:
        console.print(f"Larger loads are left out: it has taken more than {WITHIN_S / 60:.0f} minutes.")
    elif picture:
        picture.write_bytes(draw(needed))
    return complete


def size_all(service: Service, until: float, begin: Callable[[str], None]) -> dict[str, list[Needed]]:
    """What each load of each kind takes; `begin` is told before each. None is begun after `until`, by the clock."""
    needed: dict[str, list[Needed]] = {name: [] for name in KINDS}
    for name, kind in KINDS.items():
        if time.monotonic() > until:
            break
        begin(f"{name}: the best size of a cluster")
        size = best_size(kind, service)
        for visitors in VISITORS:
            if time.monotonic() > until:
                break
            begin(f"{name}: {count(visitors)} visitors an hour")
            needed[name].append(machines_for(kind._replace(visitors=visitors), size, service))
    return needed


def serves(service: Service) -> dict[str, int]:
    """Visitors an hour that one of each serves when there is enough of all others, fewest first."""
    alone = {part.name: most_visitors(KIND, service._replace(parts=[part]), None) for part in service.parts}
    alone["a web server, for viewers"] = most_viewers(KIND, VIEWERS)
    without_lectures = KIND._replace(lecture_share=0.0)
    alone["a machine, without lectures"] = most_visitors(without_lectures, service._replace(parts=()), 1)
    return dict(sorted(alone.items(), key=lambda each: each[1]))


def machines(title: str, needed: Sequence[Needed]) -> Table:
    """A row for each load."""
    shown = new_table(
        f"{title}: waits under {MEDIAN_S:g} s at the median, {P99_S:g} s at p99",
        *("visitors\nan hour", "clusters", "machines", "busy", "median", "p99", "worst\np99", "leader's\npeak"),
    )
    viewers = max((each.viewers for each in needed), default=0)
    shown.caption = (
        f"{KIND.races_each:g} races a visitor; one visitor in {1 / KIND.lecture_share:.0f} is one of {KIND.lecture} "
        f"students who come within {KIND.lecture_s:g} s. Worst: of {len(SEEDS)} samples. Leader's peak: what its "
        f"busiest minute brings it. A cluster has at most {count(viewers)} viewers at once: web servers it takes for "
        f"them: {max(1, -(-viewers // VIEWERS))}."
    )
    for each in needed:
        shown.add_row(
            count(each.load.visitors),
            count(each.clusters),
            count(each.machines * each.clusters),
            f"{each.waits.busy:.0%}",
            f"{each.waits.median:.1f} s",
            f"{each.waits.p99:.1f} s",
            f"{each.waits.worst_p99:.1f} s",
            f"{each.waits.peak(LEADER):.0%}",
        )
    return shown


def bottlenecks(alone: dict[str, int]) -> Table:
    """A row for each part, the first bottleneck first."""
    shown = new_table("How many visitors an hour one of each serves", "", "visitors\nan hour")
    for name, visitors in alone.items():
        shown.add_row(name, count(visitors))
    return shown


def sentences(measured: Measured) -> list[str]:
    """What was measured, and how far the simulation is to be believed."""
    races = measured.race_s
    start = "" if measured.start_s is None else f" A start took {fixed(measured.start_s * 1e3, 1)} ms of the server's."
    return [
        f"A default race took {races.mean():.2f} s on these {cores()} cores ({races.min():.2f} to {races.max():.2f} s "
        f"in {len(races)}).{start}",
        measured.compared.sentence,
    ]
