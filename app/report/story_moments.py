"""The part of the story about single moments: a lane falls, a rate changes, a target is passed, a gap opens."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.report.formats import count, fixed, listed, percent, plain, points, target
from app.report.lane_view import Evaluated, Racer
from app.report.result import arrived, has_fallen, is_over

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
    start = f"{names[0]} {did} after {count(steps[0])} {'batch' if steps[0] == 1 else 'batches'}"
    if len(steps) == 1:
        return start
    others = [f"{name} after {count(step)}" for name, step in zip(names[1:], steps[1:], strict=True)]
    # A second "and" would leave open who belongs together.
    return f"{start}; {', '.join(others) if any(' and ' in name for name in names[1:]) else listed(others)}"


def falls(racers: Sequence[Racer]) -> list[str]:
    """Lanes that fell out; what brought several of them down is told once."""
    fallen = [racer for racer in racers if has_fallen(racer.lane)]
    reasons = dict.fromkeys(_reason(racer) for racer in fallen)
    return [_fall(reason, [racer for racer in fallen if _reason(racer) == reason], len(racers)) for reason in reasons]


def _reason(racer: Racer) -> str:
    if racer.lane["status"] == "diverged":
        return ""
    return racer.lane["reason"] or "No reason was given."


def _fall(reason: str, alike: Sequence[Racer], width: int) -> str:
    ended = [racer.lane["ended_at"] for racer in alike]
    many = len(alike) > 1
    if many and len(alike) == width:
        names, where = "Every lane", f"by batch {count(max(ended))}"
    else:
        names = listed([racer.name for racer in alike])
        where = f"at {'batches' if many else 'batch'} {listed([count(step) for step in ended])}"
    if reason:
        return f"{names} failed {where}. {reason}"
    if many:
        return f"{names} diverged {where}: their losses are no longer numbers. Smaller learning rates may hold them."
    return f"{names} diverged {where}: its loss is no longer a number. A smaller learning rate may hold it."


class _Change(NamedTuple):
    racer: Racer
    step: int
    before: float
    after: float


def rate_change(racers: Sequence[Racer], run: dict[str, Any]) -> list[str]:
    """The newest change of a learning rate while it trained, and what has come of it."""
    changes = []
    for racer, choice in zip(racers, run["config"]["lanes"], strict=True):
        rate = run["config"]["learning_rate"] if choice["learning_rate"] is None else choice["learning_rate"]
        for change in racer.lane["learning_rate_changes"]:
            changes.append(_Change(racer, change["step"], rate, change["learning_rate"]))
            rate = change["learning_rate"]
    if not changes:
        return []
    racer, step, old, new = max(changes, key=lambda change: change.step)
    sentence = f"At batch {count(step)} {racer.name}'s learning rate went from {plain(old)} to {plain(new)}"
    before, now = racer.newest(step - 1), racer.newest(math.inf)
    if before and now and now.step >= step and not has_fallen(racer.lane):
        shares = (
            f"{percent(before.test_accuracy)} of unseen digits right before, and {percent(now.test_accuracy)} since"
        )
        sentence += f"; it read {shares}"
    return [f"{sentence}."]


def targets(racers: Sequence[Racer], run: dict[str, Any]) -> list[str]:
    """Who passed a target, and when. While the race is on the highest target that several passed, afterwards 90 %,
    which tells the optimizers apart the best.
    """
    passed: dict[float, list[Hit]] = {}
    for racer in racers:
        for hit in racer.lane["reached"]:
            passed.setdefault(hit["accuracy"], []).append(Hit(racer.name, hit["step"]))
    if not passed or any(arrived(run, lane) for lane in run["lanes"]):
        return []
    over = is_over(run)
    shared = [goal for goal, hits in passed.items() if len(hits) > 1]
    goal = min(passed) if over else max(shared or passed)
    hits = sorted(passed[goal], key=lambda hit: hit.step)
    others = ""
    if len(hits) == 1 and len(racers) > 1:
        others = "; nobody else got there" if over else "; nobody else has yet"
    return [f"{needed(hits, f'passed {target(goal)}')}{others}."]


class _Rise(NamedTuple):
    factor: float
    name: str
    lowest: Evaluated
    newest: Evaluated


def by_heart(trained: Sequence[Racer], over: bool) -> list[str]:
    """The lane whose test loss rises the most: it learns the training digits by heart."""
    rising = [rise for racer in trained if (rise := _rise(racer))]
    if not rising:
        return []
    _, name, lowest, newest = max(rising, key=lambda rise: rise.factor)
    rises, now, learns = ("rose", "at the end", "learned") if over else ("is rising", "now", "is learning")
    losses = f"{fixed(lowest.test_loss, 3)} at batch {count(lowest.step)}, {fixed(newest.test_loss, 3)} {now}"
    return [f"{name}'s test loss {rises}: {losses}. It {learns} the training digits by heart."]


def _rise(racer: Racer) -> _Rise | None:
    measured = [each for each in racer.evaluations if each.step > 0 and math.isfinite(each.test_loss)]
    if len(measured) < 4:
        return None
    lowest, newest = min(measured, key=lambda each: each.test_loss), measured[-1]
    # One high measurement is noise; the two before it have to agree.
    factor = min(each.test_loss for each in measured[-3:]) / lowest.test_loss
    learning = newest.train_accuracy - newest.test_accuracy >= GAP
    return _Rise(factor, racer.name, lowest, newest) if factor >= RISE and learning else None


def gap(trained: Sequence[Racer], over: bool) -> list[str]:
    """The lane that knows its training digits much better than unseen ones."""
    if not trained:
        return []
    racer = max(trained, key=_apart)
    if _apart(racer) < GAP:
        return []
    lane = racer.lane
    training, unseen = percent(lane["train_accuracy"], 1), percent(lane["test_accuracy"], 1)
    shares = f"{racer.name} reads {training} of its training digits right and {unseen} of unseen ones"
    then = racer.newest(lane["steps"] / 2)
    apart = then.train_accuracy - then.test_accuracy if then else 0
    if then is None or then.step == 0 or _apart(racer) - apart < OPENING:
        return [f"{shares}."]
    was = f"at batch {count(then.step)} the two were {points(apart)} apart"
    return [f"A gap {'opened' if over else 'is opening'}: {shares}; {was}."]


def _apart(racer: Racer) -> float:
    return (racer.lane["train_accuracy"] or 0.0) - racer.accuracy
