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
    """The same of a sweep. Once its grid is trained, what it was to measure on fresh seeds alone is missing."""
    if not sweep.cut_short:
        return None
    far = f"{count(sum(cell.trained for cell in sweep.current))} of {counted(len(sweep.current), 'training')}"
    start = f"This sweep was {sweep.status} after {far}"
    if not sweep.fresh:
        return _sentence(start, sweep.stopped_by)
    return _sentence(f"{start} on fresh seeds", sweep.stopped_by, "so not all was measured")


def _sentence(start: str, by: str | None, so: str = "so it does not answer the question") -> str:
    return f"{start}{WHY.get(by or '', '')}, {so}. Run it again."
