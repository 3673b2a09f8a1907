"""A sweep in few words, for its picture, its table and links to it: what is compared, and who won. Pure."""

from typing import Any

from app.report.caption import settings_of
from app.report.formats import listed
from app.report.sweeps.outcome import outcome
from app.report.sweeps.result import ALONG, AVERAGED
from app.sweeps.state import SweepState


def caption(sweep: SweepState) -> str:
    """ "39 trainings, 3 seeds; batch 64 · 1 epoch · 128 hidden units"; of a sweep cut short, how many were trained."""
    trainings = f"{len(sweep.cells)} trainings"
    seeds = len(sweep.grid.axes.get(AVERAGED, [None]))
    up_to = end = ""
    if sweep.cut_short:
        trained = [state for state in sweep.cells if state.trained]
        trainings, end = f"{len(trained)} of {trainings}", f", {sweep.status}"
        up_to = "up to " if len(trained) < len(sweep.cells) else ""
        seeds = len({state.cell.config.seed for state in trained})
    many = f"{up_to}{seeds} seeds" if seeds > 1 else "one seed"
    run: Any = {"config": sweep.cells[0].cell.config.model_dump()}
    shared = settings_of(run, {ALONG, AVERAGED, *sweep.grid.axes})
    return f"{trainings}, {many}{end}; {shared}"


def title_of_sweep(sweep: SweepState, digits: str) -> str:
    """The title of a link to it: its result, or, before there is one, what is compared on these digits."""
    curves, _, sentences = outcome(sweep)
    if sentences and sweep.status.final:
        return sentences[0].rstrip(".")
    names = listed([curve.name for curve in curves])
    rates = f" at {len(sweep.grid.axes[ALONG])} learning rates" if sweep.grid.compares_rates else ""
    return f"{names}{rates} on {digits}"


def description_of_sweep(sweep: SweepState) -> str:
    """The text below that title."""
    sentences = outcome(sweep).sentences
    return " ".join([f"{caption(sweep)}.", *(sentences[1:] if sweep.status.final else sentences)])
