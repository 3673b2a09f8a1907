"""The part of the story that says why: how far the lanes' weights move, their learning rates, what they have gained
lately, and whether one memorizes (`story_memorizing.py`). It says only what a run's own figures show.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from app.report.formats import count, counted, fixed, percent, plain, points
from app.report.lane_view import Evaluated, LaneView
from app.report.result import arrived, is_over
from app.report.story_memorizing import gap, memorizing
from app.report.story_order import GUESSING, accuracy_at, is_level
from app.runs.description import Description

CLOSE, NEARER = 0.02, 0.001
# Two steps count as equally long when neither is so many times as long as the other.
ALIKE = 1.5
# Of the half decades of gradients that two lanes both have, the loudest is compared, and one 1,000 times quieter.
QUIETER = 6
# A slope below this means that a weight's step hardly follows its gradient; 1 is in proportion to it.
EVEN = 0.5
# A fall in accuracy from one evaluation to the next that is worth telling, among so many of the newest evaluations.
FALL, RECENT = 0.003, 5
FEW_UPDATES, WELL = 100, 0.9


def why(trained: Sequence[LaneView], run: Description, step: int | None) -> list[str]:
    """Why the lanes stand as they do; `trained` best first, compared after `step` if there is one."""
    over = is_over(run)
    told = memorizing(trained, over) or ([] if over else catching_up(trained, run))
    if told or not trained:
        return told
    if len(run["lanes"]) == 1:
        return gap(trained, over) or _alone(trained[0], run)
    if len(trained) == 1 or accuracy_at(trained[0], step) < GUESSING or is_level(trained[:2], step):
        return []
    first, *others = trained
    # The headline names the second; where nothing tells the two apart, the last may tell more.
    return next((told for other in (others[0], others[-1]) if (told := _against(first, other, run))), [])


def catching_up(trained: Sequence[LaneView], run: Description) -> list[str]:
    """The second lane is nearer to the first than an epoch ago, and what the first has gained since."""
    if len(trained) < 2 or arrived(run, trained[0].lane):
        return []
    first, second = trained[:2]
    now = _nearer(first, second, math.inf, run)
    if now is None:
        return []
    # Once said it stays for as long as the gap is smaller than an epoch before.
    before = _nearer(first, second, now.now.step - 1, run)
    if now.by < NEARER and not (now.by > 0 and before and before.by >= NEARER):
        return []
    gained = now.now.test_accuracy - now.then.test_accuracy
    since = f"since batch {count(now.then.step)} it gained {points(gained + now.by)}"
    leader = f"{first.name} {'lost ' if gained < 0 else ''}{_bare(gained)}"
    return [f"**{second.name} is catching up**: {since}, {leader}; it is {_bare(now.gap)} behind."]


def _bare(difference: float) -> str:
    """Points without the word, which stands right before."""
    return points(difference).split()[0]


class _Nearer(NamedTuple):
    """The first lane an epoch ago and now, and how far the second was behind it then, and is now."""

    then: Evaluated
    now: Evaluated
    was: float
    gap: float

    @property
    def by(self) -> float:
        return self.was - self.gap


def _nearer(first: LaneView, second: LaneView, limit: float, run: Description) -> _Nearer | None:
    now = _both(first, second, limit)
    then = now and _both(first, second, now[0].step - run["batches_per_epoch"])
    if not now or not then or then[0].step == 0:
        return None
    was, gap = (ahead.test_accuracy - behind.test_accuracy for ahead, behind in (then, now))
    # A lane far behind gains all the time: that is learning, not closing in.
    return _Nearer(then[0], now[0], was, gap) if 0 < gap <= CLOSE else None


def _both(one: LaneView, other: LaneView, limit: float) -> tuple[Evaluated, Evaluated] | None:
    """The newest evaluations of the two after the same step, up to a limit.

    No quick ones: a difference of a few thousandths is less than they can tell.
    """
    theirs = {each.step: each for each in other.evaluations if not each.quick}
    alike = (each for each in reversed(one.evaluations) if not each.quick and each.step <= limit)
    return next(((each, theirs[each.step]) for each in alike if each.step in theirs), None)


class _Steps(NamedTuple):
    """How many times as far as another's a lane's weights are moved at the same gradient: small ones, large ones."""

    small: float
    large: float


def _compared(one: LaneView, other: LaneView) -> _Steps | None:
    newest = [view.pushed(math.inf) for view in (one, other)]
    if None in newest:
        return None
    until = min(push.step for push in newest if push)
    mine, theirs = ((push.medians if (push := view.pushed(until)) else []) for view in (one, other))
    times = [a / b if b > 0 else math.nan for a, b in zip(mine, theirs, strict=False)]
    shared = [place for place, value in enumerate(times) if value > 0]
    if not shared:
        return None
    return _Steps(times[next(place for place in shared if place >= shared[-1] - QUIETER)], times[shared[-1]])


def _against(first: LaneView, other: LaneView, run: Description) -> list[str]:
    """Why the first is ahead of the other, by their steps."""
    steps = _compared(first, other)
    if steps is None:
        return []
    (small, large), typical = steps, math.sqrt(steps.small * steps.large)
    if max(steps) < ALIKE:
        return _shorter(first, other, 1 / typical, run) if typical < 1 / ALIKE else []
    if min(steps) >= ALIKE and small < 3 * large:
        longer = f"{_about(typical)} times as long as {other.name}’s"
        cause = _by_rate(first, other)
        return [f"{cause}: its steps are {longer}." if cause else f"{first.name}’s steps are {longer}."]
    kinds = [("small", small), ("large", large)] if small >= ALIKE else [("large", large), ("small", small)]
    (where, times), (_, others) = kinds
    told = f"{first.name} moves weights with {where} gradients {_about(times)} times as far as {other.name}"
    less = f"{_about(1 / others)} times less" if others <= 1 / ALIKE else "about as far"
    return [f"{told}, others {f'{_about(others)} times' if others >= ALIKE else less}."]


def _by_rate(one: LaneView, other: LaneView) -> str:
    """The beginning of a reason where two lanes have the same optimizer at different learning rates."""
    rates = one.lane["learning_rate"] / other.lane["learning_rate"]
    if one.lane["optimizer"] != other.lane["optimizer"] or rates < ALIKE:
        return ""
    return f"{one.name} has a learning rate {plain(float(f'{rates:.2g}'))} times as large"


def _shorter(first: LaneView, other: LaneView, times: float, run: Description) -> list[str]:
    """The first takes shorter steps, and is ahead for it: the other's steps are too long."""
    longer = f"{other.name}’s steps are {_about(times)} times as long"
    begun, now = other.evaluations[0], other.evaluations[-1]
    if begun.step == 0 and now.test_loss > begun.test_loss:
        losses = f"{fixed(now.test_loss, 2)}, {fixed(begun.test_loss, 2)} before the first batch"
        return [f"{longer}, and too long: its test loss is {losses}."]
    fall = _fall(other)
    if fall and fall.by > ALIKE * (mine.by if (mine := _fall(first)) else 0):
        return [f"{longer}, and its accuracy swings, {fall.told}."]
    return [f"Shorter steps {'did' if is_over(run) else 'do'} better here: {longer} as {first.name}’s."]


class _Fall(NamedTuple):
    by: float
    told: str


def _fall(view: LaneView) -> _Fall | None:
    """The largest fall in accuracy from one of the newest evaluations to the next."""
    measured = [each for each in view.evaluations if not each.quick][-RECENT:]
    pairs = list(pairwise(measured))
    if not pairs:
        return None
    before, after = max(pairs, key=lambda pair: pair[0].test_accuracy - pair[1].test_accuracy)
    by = before.test_accuracy - after.test_accuracy
    high, low = (percent(each.test_accuracy, 1) for each in (before, after))
    told = f"from {high} to {low} by batch {count(after.step)}"
    return _Fall(by, told) if by >= FALL else None


def _alone(view: LaneView, run: Description) -> list[str]:
    """Of a lane by itself: few updates, noisy ones, or how its steps follow the gradients."""
    batch, epoch = run["config"]["batch_size"], run["batches_per_epoch"]
    if epoch < FEW_UPDATES and view.accuracy < WELL:
        return [f"With {count(batch)} digits a batch an epoch is only {counted(epoch, 'update')}."]
    if batch <= 8 and (fall := _fall(view)):
        return [f"An update by {counted(batch, 'digit')} is noisy, and accuracy swings, {fall.told}."]
    push = view.pushed(math.inf)
    ratio = 10 ** math.floor(push.decades + 0.05) if push and math.isfinite(push.slope) else 1
    if push is None or ratio < 10:
        return []
    times = ratio**push.slope
    told = f"On the whole, {view.name} moves a weight with a {count(ratio)} times smaller gradient"
    if push.slope >= EVEN:
        return [f"{told} {_round(times)} times less: small ones hardly count."]
    return [f"{told} {'as far' if times < ALIKE else f'only {_round(times)} times less'}: small ones count, too."]


def _about(times: float) -> str:
    """Of a large one only the order: it is measured all the time, and words that change as often are not read."""
    return f"over {count(10 ** math.floor(math.log10(times)))}" if times >= 15 else f"about {_round(times)}"


def _round(times: float) -> str:
    return count(float(f"{times:.1g}")) if times >= 1.95 else fixed(times, 1)
