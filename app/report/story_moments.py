"""The part of the story about single moments: a lane falls, a rate changes, a target is passed, a gap opens."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.report.formats import count, fixed, listed, percent, plain, points, target
from app.report.lane_view import Evaluated, LaneView
from app.report.result import arrived, has_fallen, is_over
from app.runs.description import Description

GAP = 0.01
OPENING = 0.005
RISE = 1.15


class Hit(NamedTuple):
    """A lane passed a target."""

    name: str
    step: int


def needed(hits: Sequence[Hit], did: str) -> str:
    """How many batches each needed, first to last: "Adam passed 90 % after 60 batches; Momentum after 234"."""
    steps = list(dict.fromkeys(hit.step for hit in hits))
    names = [listed([hit.name for hit in hits if hit.step == step]) for step in steps]
    start = f"{names[0]} {did} after **{count(steps[0])}** {'batch' if steps[0] == 1 else 'batches'}"
    if len(steps) == 1:
        return start
    others = [f"{name} after **{count(step)}**" for name, step in zip(names[1:], steps[1:], strict=True)]
    # A second "and" would leave open who belongs together.
    return f"{start}; {', '.join(others) if any(' and ' in name for name in names[1:]) else listed(others)}"


def falls(lane_views: Sequence[LaneView]) -> list[str]:
    """Lanes that fell out; what brought several of them down is told once."""
    fallen = [view for view in lane_views if has_fallen(view.lane)]
    reasons = dict.fromkeys(_reason(view) for view in fallen)
    return [_fall(reason, [view for view in fallen if _reason(view) == reason], len(lane_views)) for reason in reasons]


def _reason(view: LaneView) -> str:
    if view.lane["status"] == "diverged":
        return ""
    return view.lane["reason"] or "No reason was given."


def _fall(reason: str, alike: Sequence[LaneView], width: int) -> str:
    ended = [view.ended_at for view in alike]
    many = len(alike) > 1
    if many and len(alike) == width:
        names, where = "Every lane", f"by batch {count(max(ended))}"
    else:
        names = listed([view.name for view in alike])
        where = f"at {'batches' if many else 'batch'} {listed([count(step) for step in ended])}"
    if reason:
        return f"**{names} failed** {where}. {reason}"
    did = f"**{names} diverged** {where}"
    if many:
        return f"{did}: their losses overflowed. Try smaller learning rates."
    return f"{did}: its loss overflowed. Try a smaller learning rate."


class _Change(NamedTuple):
    view: LaneView
    step: int
    before: float
    after: float


def rate_change(lane_views: Sequence[LaneView], run: Description) -> list[str]:
    """The newest change of a learning rate while it trained, and what has come of it."""
    changes = []
    for view, choice in zip(lane_views, run["config"]["lanes"], strict=True):
        rate = run["config"]["learning_rate"] if choice["learning_rate"] is None else choice["learning_rate"]
        for change in view.lane["learning_rate_changes"]:
            changes.append(_Change(view, change["step"], rate, change["learning_rate"]))
            rate = change["learning_rate"]
    if not changes:
        return []
    view, step, old, new = max(changes, key=lambda change: change.step)
    sentence = f"At batch **{count(step)}** {view.name}'s learning rate went from {plain(old)} to {plain(new)}"
    before, now = view.newest(step - 1), view.newest(math.inf)
    # A quick evaluation is of other digits: the difference from a whole one is mostly chance.
    alike = before and now and before.quick == now.quick
    if before and now and alike and now.step >= step and not has_fallen(view.lane):
        sentence += (
            f"; accuracy was {percent(before.test_accuracy)} just before and is {percent(now.test_accuracy)} now"
        )
    return [f"{sentence}."]


def targets(lane_views: Sequence[LaneView], run: Description) -> list[str]:
    """Who passed a target, and when. While the race is on the highest target that several passed, afterwards 90 %,
    which tells the optimizers apart the best.
    """
    passed: dict[float, list[Hit]] = {}
    for view in lane_views:
        for hit in view.lane["reached"]:
            passed.setdefault(hit["accuracy"], []).append(Hit(view.name, hit["step"]))
    if not passed or any(arrived(run, lane) for lane in run["lanes"]):
        return []
    over = is_over(run)
    shared = [goal for goal, hits in passed.items() if len(hits) > 1]
    goal = min(passed) if over else max(shared or passed)
    hits = sorted(passed[goal], key=lambda hit: hit.step)
    others = ""
    if len(hits) == 1 and len(lane_views) > 1:
        others = "; none of the others did" if over else "; no other network has so far"
    return [f"{needed(hits, f'passed {target(goal)}')}{others}."]


class _Rise(NamedTuple):
    factor: float
    name: str
    lowest: Evaluated
    newest: Evaluated


def memorizing(trained: Sequence[LaneView], over: bool) -> list[str]:
    """The lane whose test loss has risen the most: it memorizes the training digits."""
    rising = [rise for view in trained if (rise := _rise(view))]
    if not rising:
        return []
    _, name, lowest, newest = max(rising, key=lambda rise: rise.factor)
    rises, now, learns = ("rose", "at the end", "memorized") if over else ("has risen", "now", "is memorizing")
    losses = f"{fixed(lowest.test_loss, 3)} at batch {count(lowest.step)}, {fixed(newest.test_loss, 3)} {now}"
    return [f"**{name}'s test loss {rises}**: {losses}. It {learns} the training digits."]


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
        min(each.test_loss for each in measured[last - 2 : last + 1]) / measured[lowest].test_loss
        for last in range(max(lowest + 1, 3), len(measured))
        if measured[last].train_accuracy - measured[last].test_accuracy >= GAP
    ]
    factor = max(risen, default=0.0)
    return _Rise(factor, view.name, measured[lowest], measured[-1]) if factor >= RISE else None


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
