"""`python -m benchmarks bench`, `load`, `classroom`, `lesson` or `simulate`, from a checkout: measures here."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import explaining, settings_from_environment
from app.terminal.files import check_writable

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None) -> None:
    """Measure speed on this machine, for some minutes; exit status 1 when a figure is out of its bounds."""
    from benchmarks.effort import Effort
    from benchmarks.report import bench

    check_writable(json)
    raise typer.Exit(0 if bench(settings_from_environment(), json, Effort()) else 1)


@app.command()
def load(viewers: Annotated[int, typer.Option(help="Viewers of one run, at most 5,000.")] = 3_000) -> None:
    """Measure what crowds get, and what they cost, on this machine, for two minutes; exit status 1 if not enough."""
    from benchmarks.load import load

    raise typer.Exit(0 if load(settings_from_environment(), viewers) else 1)


@app.command()
def classroom(students: Annotated[int, typer.Option(help="Who press play within half a minute.")] = 60) -> None:
    """Measure what each of a class behind one address sees, and when; exit status 1 when somebody waits too long."""
    from benchmarks.classroom.pressing import classroom

    raise typer.Exit(0 if classroom(settings_from_environment(), students) else 1)


@app.command()
def lesson() -> None:
    """Let three hundred phones vote in one lesson, for half a minute; exit status 1 when one is refused or waits."""
    from benchmarks.classroom.voting import lesson

    raise typer.Exit(0 if lesson(settings_from_environment()) else 1)


@app.command()
def simulate(png: Annotated[Path | None, typer.Option(help="Draw the picture into this file.")] = None) -> None:
    """Work out how many machines serve how many visitors an hour, by service times that are measured here first; exit
    status 1 when there was not enough time for all loads.
    """
    from benchmarks.simulation.report import simulate_all

    check_writable(png)
    raise typer.Exit(0 if simulate_all(settings_from_environment(), png) else 1)


if __name__ == "__main__":
    # SIGTERM ends what follows as Ctrl+C does: together with all the processes it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(explaining(app))
