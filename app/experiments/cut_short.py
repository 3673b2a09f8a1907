"""Says why a run or a sweep that was not trained to its end answers nothing."""

from app.events import RunStatus
from app.report.formats import count, counted
from app.runs.description import Description
from app.sweeps.state import SweepState

WHY = {"unwatched": " because no one watched it", "others": " because others waited for its place"}


def why_run_cut_short(run: Description) -> str | None:
    """The reason in a sentence; None for a run that was trained to its end or goes on."""
    if RunStatus(run["status"]) not in (RunStatus.STOPPED, RunStatus.INTERRUPTED):
        return None
    far = counted(max(lane["steps"] for lane in run["lanes"]), "batch", "batches")
    return _sentence(f"This run was {run['status']} after {far}", run["stopped_by"])


def why_sweep_cut_short(sweep: SweepState) -> str | None:
    """The same for a sweep, of which only the grid has to be trained."""
    if not sweep.cut_short or sweep.fresh:
        return None
    far = f"{count(sum(cell.trained for cell in sweep.cells))} of {counted(len(sweep.cells), 'training')}"
    return _sentence(f"This sweep was {sweep.status} after {far}", sweep.stopped_by)


def _sentence(start: str, by: str | None) -> str:
    return f"{start}{WHY.get(by or '', '')}, so it does not answer the question. Run it again."
