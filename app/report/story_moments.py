"""The part of the story about single moments: a lane falls, a rate changes, a target is passed."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.report.formats import count, listed, percent, plain, target
from app.report.lane_view import LaneView
from app.report.result import arrived, has_fallen, is_over
from app.runs.description import Description, learning_rates


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
    """Lanes that diverged or failed; a reason that several share is given once."""
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
    rates = list(dict.fromkeys(plain(view.lane["learning_rate"]) for view in alike))
    theirs, losses = ("their", "losses") if many else ("its", "loss")
    at = f"a learning rate of {rates[0]}" if len(rates) == 1 else f"learning rates of {listed(rates)}"
    smaller = "smaller learning rates" if len(rates) > 1 else "a smaller learning rate"
    return f"**{names} diverged** {where}: {theirs} {losses} overflowed at {at}. Try {smaller}."


class _Change(NamedTuple):
    view: LaneView
    step: int
    before: float
    after: float


def rate_change(lane_views: Sequence[LaneView], run: Description) -> list[str]:
    """The newest change of a learning rate while it trained, and what has come of it."""
    changes = []
    for view, rate in zip(lane_views, learning_rates(run["config"]), strict=True):
        for change in view.lane["learning_rate_changes"]:
            changes.append(_Change(view, change["step"], rate, change["learning_rate"]))
            rate = change["learning_rate"]
    if not changes:
        return []
    view, step, old, new = max(changes, key=lambda change: change.step)
    sentence = f"At batch **{count(step)}** {view.name}’s learning rate went from {plain(old)} to {plain(new)}"
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
