"""What has come out of a sweep so far: its curves, the verdicts on them, and both in sentences."""

from typing import NamedTuple

from app.report.sweeps.result import SweepCurve, curves_of
from app.report.sweeps.sentences import told
from app.report.sweeps.verdict import Verdict, verdicts
from app.sweeps.state import SweepState


class Outcome(NamedTuple):
    curves: list[SweepCurve]
    verdicts: list[Verdict]
    sentences: list[str]


def outcome(sweep: SweepState) -> Outcome:
    curves = curves_of(sweep)
    judged = verdicts(curves, sweep.fresh)
    return Outcome(curves, judged, told(sweep, curves, judged))
