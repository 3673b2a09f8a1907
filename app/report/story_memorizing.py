"""The part of the story about memorizing: a test loss that rises, and a gap between training and test accuracy."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.report.formats import count, fixed, percent, points
from app.report.lane_view import Evaluated, LaneView

# Between training and test accuracy: the least gap that counts, and by how much it has grown when it opens.
GAP, OPENING = 0.01, 0.005
# The test loss, as a multiple of its lowest, from which on it has risen.
RISE = 1.15


class _Rise(NamedTuple):
    factor: float
    name: str
    lowest: Evaluated
    risen: Evaluated
    newest: Evaluated


def memorizing(trained: Sequence[LaneView], over: bool) -> list[str]:
    """The lane whose test loss has risen the most: it memorizes the training digits."""
    rising = [rise for view in trained if (rise := _rise(view))]
    if not rising:
        return []
    _, name, lowest, risen, newest = max(rising, key=lambda rise: rise.factor)
    rises, now, learns = ("rose", "at the end", "memorized") if over else ("has risen", "now", "is memorizing")
    # A loss that has fallen again since does not show by how much it rose.
    shown = newest if newest.test_loss >= RISE * lowest.test_loss else risen
    when = now if shown is newest else f"at batch {count(shown.step)}"
    losses = f"{fixed(lowest.test_loss, 3)} at batch {count(lowest.step)}, {fixed(shown.test_loss, 3)} {when}"
    return [f"**{name}’s test loss {rises}**: {losses}. It {learns} the training digits."]


def turned(view: LaneView) -> Evaluated | None:
    """Where a lane's test loss was lowest, if it has risen since: from there on it memorizes."""
    rise = _rise(view)
    return rise.lowest if rise else None


def _rise(view: LaneView) -> _Rise | None:
    measured = [each for each in view.evaluations if each.step > 0 and not each.quick and math.isfinite(each.test_loss)]
    if len(measured) < 4:
        return None
    lowest = min(range(len(measured)), key=lambda i: measured[i].test_loss)
    # One high measurement is noise; the two before it have to agree. What was told once stays, until the loss is lower
    # than it ever was.
    risen = [
        min(measured[last - 2 : last + 1], key=_test_loss)
        for last in range(max(lowest + 1, 3), len(measured))
        if measured[last].train_accuracy - measured[last].test_accuracy >= GAP
    ]
    if not risen:
        return None
    highest = max(risen, key=_test_loss)
    factor = highest.test_loss / measured[lowest].test_loss
    return _Rise(factor, view.name, measured[lowest], highest, measured[-1]) if factor >= RISE else None


def _test_loss(each: Evaluated) -> float:
    return each.test_loss


def gap(trained: Sequence[LaneView], over: bool) -> list[str]:
    """The lane that knows its training digits much better than unseen ones."""
    # The difference of two quick measurements is mostly chance.
    trained = [view for view in trained if not (view.evaluations and view.evaluations[-1].quick)]
    if not trained:
        return []
    view = max(trained, key=_apart)
    if _apart(view) < GAP:
        return []
    lane = view.lane
    training, unseen = percent(lane["train_accuracy"] or 0, 1), percent(view.accuracy, 1)
    shares = f"{view.name} reads {training} of its training digits right and {unseen} of unseen ones"
    then = view.newest(lane["steps"] / 2)
    apart = then.train_accuracy - then.test_accuracy if then else 0
    if then is None or then.step == 0 or _apart(view) - apart < OPENING:
        return [f"{shares}."]
    was = f"at batch {count(then.step)} the two were {points(apart)} apart"
    return [f"**A gap {'opened' if over else 'is opening'}**: {shares}; {was}."]


def _apart(view: LaneView) -> float:
    return (view.lane["train_accuracy"] or 0.0) - view.accuracy
