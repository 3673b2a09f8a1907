"""What has come out of a sweep so far: its curves, the verdicts on them, and both in sentences."""

from typing import NamedTuple

from app.report.sweeps.result import SweepCurve, curves_of
from app.report.sweeps.sentences import sentences_so_far
from app.report.sweeps.verdict import Verdict, verdicts
from app.sweeps.state import SweepState


class Outcome(NamedTuple):
    curves: list[SweepCurve]
    verdicts: list[Verdict]
    sentences: list[str]


def outcome(sweep: SweepState) -> Outcome:
    curves = curves_of(sweep)
    found = verdicts(curves, sweep.fresh)
    return Outcome(curves, found, sentences_so_far(sweep, curves, found))
