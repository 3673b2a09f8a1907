"""The part of the story about the order of the lanes: who leads or won, and how the lead came about."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.report.formats import count, listed, percent, points, target
from app.report.lane_view import Evaluated, LaneView
from app.report.result import arrived, is_over
from app.report.story_moments import Hit, needed
from app.runs.description import Description

# Five digits of the 10,000 of an evaluation, and of the 1,000 of a quick one. Where only one of two lanes was measured
# by all digits, chance alone puts the other a point away.
LEVEL, QUICK_LEVEL, MIXED_LEVEL = 0.0005, 0.005, 0.01
# Ten digits: guessing gives 10 %.
GUESSING = 0.15
# With so few batches hardly any learning rate gets beyond guessing.
FEW_BATCHES = 30

NOW = ("leads", "is", "are in a virtual tie")
STOPPED = ("was ahead", "was", "were in a virtual tie")
OVER = ("wins", "ends", "finish in a virtual tie")


def compared_at(trained: Sequence[LaneView], run: Description) -> int | None:
    """The newest batch after which all lanes have been measured, as their walls and charts show it: lanes that train at
    full speed are apart, and a lead at different batches is none. None if there is no such batch, and where the results
    count as they are.
    """
    if run["status"] == "finished" or any(arrived(run, view.lane) for view in trained):
        return None
    measured = [{each.step for each in view.evaluations if each.step > 0} for view in trained]
    return max(set.intersection(*measured), default=None) if measured else None


def best_first(trained: Sequence[LaneView], step: int) -> list[LaneView]:
    """By their accuracies after this step; equal ones in the order of the lanes."""
    return sorted(trained, key=lambda view: (-accuracy_at(view, step), view.number))


def accuracy_at(view: LaneView, step: int | None) -> float:
    """The newest one if no step is given."""
    evaluation = view.at(step)
    return evaluation.test_accuracy if evaluation else view.accuracy


def is_level(pair: Sequence[LaneView], step: int | None) -> bool:
    """Whether the second of two lanes is as good as the first, as far as their digits can tell."""
    first, second = pair
    return accuracy_at(first, step) - accuracy_at(second, step) < _level(view.at(step) for view in pair)


def _level(compared: Iterable[Evaluated | None]) -> float:
    """Evaluations that are closer to each other than this are as good as each other."""
    quick = {bool(each and each.quick) for each in compared}
    return MIXED_LEVEL if len(quick) > 1 else QUICK_LEVEL if True in quick else LEVEL


def headline(trained: Sequence[LaneView], run: Description, step: int | None) -> list[str]:
    """Who is ahead or has won, or where everybody is; `trained` best first, compared after `step` if there is one."""
    if not trained:
        return []
    home = [view for view in trained if arrived(run, view.lane)]
    if home:
        return _to_target(home, trained[len(home) :], run)
    best = max(trained, key=lambda view: view.accuracy)
    if best.accuracy < GUESSING:
        return [_guessing(best, run)]
    goal = run["config"]["target_accuracy"]
    missed = (
        [f"None of the networks reached {target(goal)}."] if goal is not None and run["status"] == "finished" else []
    )
    return [_order(trained, run, step), *missed]


def _to_target(home: Sequence[LaneView], others: Sequence[LaneView], run: Description) -> list[str]:
    """A race to a target: who got there, first to last, and where the others are."""
    hits = [Hit(view.name, view.ended_at) for view in home]
    first = sum(hit.step == hits[0].step for hit in hits)
    was = "reached" if len(run["lanes"]) == 1 else "were first to" if first > 1 else "was first to"
    goal = target(run["config"]["target_accuracy"] or 0)
    sentences = [f"**{needed(hits, f'{was} {goal}**')}."]
    if others:
        names, where = listed([other.name for other in others]), listed([percent(other.accuracy) for other in others])
        go = "go" if len(others) > 1 else "goes"
        sentences.append(
            f"{names} {f'ended at {where}, short of it' if is_over(run) else f'{go} on, at {where} so far'}."
        )
    return sentences


def _guessing(best: LaneView, run: Description) -> str:
    share = f"{percent(best.accuracy)} correct on unseen digits"
    alone = len(run["lanes"]) == 1
    learned = f"{best.name} did not learn to read" if alone else "None of them learned to read"
    what = learned if is_over(run) else "Still guessing"
    return f"**{what}.** {share} is no better than guessing{_why(best, run)}."


def _why(best: LaneView, run: Description) -> str:
    """Why even the best one guesses, as far as its numbers tell, and what may help."""
    if run["config"]["initialisation"] == "zero":
        return "; all weights began at zero, and nothing tells one hidden unit from another"
    if not is_over(run):
        return ""
    if best.lane["steps"] < FEW_BATCHES:
        batches = "one batch teaches" if best.lane["steps"] == 1 else f"{best.lane['steps']} batches teach"
        return f"; {batches} too little: more epochs or smaller batches help"
    # Where the loss has not risen, the steps may as well have been too small.
    rose = best.evaluations and best.evaluations[-1].test_loss > best.evaluations[0].test_loss
    return f"; {'a smaller' if rose else 'another'} learning rate may help"


def _order(trained: Sequence[LaneView], run: Description, step: int | None) -> str:
    first, *others = trained
    status, over = run["status"], is_over(run)
    when = (
        f"{status.capitalize()} after {_batches(trained)}: " if status in ("stopped", "interrupted", "paused") else ""
    )
    ahead, alone, level = STOPPED if status in ("stopped", "interrupted") else OVER if over else NOW
    accuracies = [accuracy_at(view, step) for view in trained]
    apart = step and any(view.evaluations[-1].step != step for view in trained)
    if step and apart:
        # Beside it stand the newest values of each lane, which are of other batches.
        when = f"{f'{status.capitalize()}: c' if when else 'C'}ompared at batch {count(step)}, "
    if not others:
        return f"{when}**{first.name}** {alone} {percent(first.accuracy)} correct on unseen digits."
    if step and accuracies[0] < GUESSING:
        return f"{when}**all were still guessing**."
    equal = [view.name for view in trained if is_level([first, view], step)]
    if len(equal) > 1:
        shares = listed([percent(each) for each in accuracies[: len(equal)]])
        return f"{when}**{listed(equal)} {level}**: {shares} correct on unseen digits."
    share = f"{percent(accuracies[0])} correct on unseen digits"
    told = others[:1] if apart or not over else [others[0], others[-1]] if len(others) > 2 else others
    margins = [points(accuracies[0] - accuracy_at(other, step)) for other in told]
    if len(told) > 1 and len(set(margins)) == 1:
        all_others = "both" if len(others) == 2 else "all others"
        return f"{when}**{first.name} {ahead}** with {share}, {margins[0]} ahead of {all_others}."
    behind = [f"{margin} ahead of {other.name}" for margin, other in zip(margins, told, strict=True)]
    return f"{when}**{first.name} {ahead}** with {share}, {listed(behind)}."


def _batches(trained: Sequence[LaneView]) -> str:
    """How far the lanes are that are still in the race."""
    steps = [view.lane["steps"] for view in trained]
    last, first = min(steps), max(steps)
    return f"batch {count(first)}" if last == first else f"batches {count(last)} to {count(first)}"


class _Lead(NamedTuple):
    view: LaneView
    step: int


def _leaders(trained: Sequence[LaneView], lane_views: Sequence[LaneView]) -> list[_Lead]:
    """Who led from which evaluation on, as far as all that are still in the race have been measured; a lead of a few
    digits is none.
    """
    led: list[_Lead] = []
    at = [{each.step: each for each in view.evaluations} for view in lane_views]
    still = [at[view.number] for view in trained]
    for step in at[trained[0].number] if trained else []:
        if step == 0 or any(step not in evaluations for evaluations in still):
            continue
        measured = [evaluations.get(step) for evaluations in at]
        scores = [each.test_accuracy if each else 0.0 for each in measured]
        best = scores.index(max(scores))
        last = led[-1].view.number if led else None
        # The first to lead is ahead of all others, and any other of the one who led.
        margin = scores[best] - (max(scores[:best] + scores[best + 1 :], default=0) if last is None else scores[last])
        if best != last and scores[best] >= GUESSING and margin >= _level(filter(None, measured)):
            led.append(_Lead(lane_views[best], step))
    return led


def turn(trained: Sequence[LaneView], lane_views: Sequence[LaneView], run: Description) -> list[str]:
    """The winner was not always ahead: where it overtook."""
    led = _leaders(trained, lane_views)
    if len(led) < 2 or led[-1].view is not trained[0]:
        return []
    before, (last, step) = led[-2].view, led[-1]
    if len(led) == 2:
        return [f"{before.name} led until {last.name} overtook it by batch **{count(step)}**."]
    times = "twice" if len(led) == 3 else f"{len(led) - 1} times"
    recent = f"most recently around batch **{count(step)}**, when {last.name} overtook {before.name}"
    return [f"The lead changed {times}, {recent}."]


def taken(trained: Sequence[LaneView], lane_views: Sequence[LaneView], run: Description) -> list[str]:
    """The first lane has overtaken the one that led before, just now."""
    if len(trained) < 2 or arrived(run, trained[0].lane):
        return []
    first, led = trained[0], _leaders(trained, lane_views)
    newest = first.evaluations[-1].step if first.evaluations else 0
    if len(led) < 2 or led[-1].view is not first or newest - led[-1].step > run["batches_per_epoch"] / 2:
        return []
    return [f"{first.name} took the lead from {led[-2].view.name} by batch **{count(led[-1].step)}**."]
