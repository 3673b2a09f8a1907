"""Who wins a sweep, in sentences: as it comes, tuned, soonest at a mark, and with the widest choice of rates."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from app.events import LaneStatus
from app.report.formats import count, counted, deviation, fine_seconds, listed, percent, plain, points, target
from app.report.result import has_fallen
from app.report.sweeps.plateau import extent
from app.report.sweeps.result import Spread, SweepCurve
from app.report.sweeps.verdict import MARK, Verdict
from app.sweeps.state import SweepState

TOO_NEAR = "the difference is less than lies between two evaluations, so it is not decided"


class _Entry(NamedTuple):
    name: str
    spread: Spread


class _Measure(NamedTuple):
    """What is needed to the mark: how an amount of it is written, its unit, and its words."""

    write: Callable[[Spread], str]
    unit: str
    one: str
    least: str
    equally: str


def sentences_so_far(sweep: SweepState, curves: Sequence[SweepCurve], verdicts: Sequence[Verdict]) -> list[str]:
    """Who wins, or, before that is known, what the grid shows.

    For a sweep that was cut short, the first sentence begins with how much of it was trained.
    """
    found = [*_untried(curves, verdicts), *sentences(verdicts)] if verdicts else _of_the_grid(curves)
    found = found or _without_a_result(sweep)
    if not found or not sweep.cut_short:
        return found
    trained = sum(state.trained for state in sweep.current)
    where = " on fresh seeds" if sweep.fresh else ""
    cut = f"{sweep.status.capitalize()} after {count(trained)} of {counted(len(sweep.current), 'training')}{where}"
    return [f"{cut}. {found[0]}", *found[1:]]


def _without_a_result(sweep: SweepState) -> list[str]:
    """Why there is none, once that is certain."""
    lanes = [state.result.lane for state in sweep.cells]
    if not all(has_fallen(lane) for lane in lanes):
        return []
    if any(lane["status"] == LaneStatus.DIVERGED for lane in lanes):
        return ["Every training diverged or failed. Try lower learning rates."]
    return [f"Every training failed. {lanes[0]['reason'] or ''}".rstrip()]


def _untried(curves: Sequence[SweepCurve], verdicts: Sequence[Verdict]) -> list[str]:
    """Which optimizers have a best rate and are yet to be trained at it on all fresh seeds: nothing is said of them."""
    known = {each.curve.key for each in verdicts}
    names = [curve.name for curve in curves if curve.best and curve.key not in known]
    if not names:
        return []
    return [f"{listed(names)} {'is' if len(names) == 1 else 'are'} not trained on all fresh seeds, and left out here."]


def sentences(verdicts: Sequence[Verdict]) -> list[str]:
    """Who wins each comparison, or that no one does, with the figures."""
    found = []
    tuned = [_Entry(each.name, each.tuned.accuracy) for each in verdicts if each.tuned.accuracy]
    as_they_come = [_Entry(each.name, each.as_it_comes.accuracy) for each in verdicts if each.as_it_comes.accuracy]
    batches = [_Entry(each.name, each.tuned.batches) for each in verdicts if each.tuned.batches]
    spent = [_Entry(each.name, each.tuned.seconds) for each in verdicts if each.tuned.seconds]
    if tuned:
        found.append(_highest(f"Each at its best of {_how_many_rates(verdicts)}, {_fresh(tuned)}", tuned))
    if as_they_come:
        found.append(_highest(f"Each at the learning rate it comes with, {_fresh(as_they_come)}", as_they_come))
    if tuned:
        arrived = {each.name for each in batches}
        found.append(_fewest(batches, [entry for entry in tuned if entry.name not in arrived], BATCHES))
    if spent:
        found.append(_fewest(spent, [], SECONDS))
    found += _widest([each.curve for each in verdicts])
    found += _at_an_end([each.curve for each in verdicts])
    broken = [each.name for each in verdicts if not each.tuned.accuracy]
    if broken:
        found.append(f"{listed(broken)} diverged or failed with a fresh seed at the rate that was best before.")
    return found


def _of_the_grid(curves: Sequence[SweepCurve]) -> list[str]:
    compares_rates = any(len(curve.points) > 1 for curve in curves)
    best = [_Entry(curve.name, Spread.of(curve.best.accuracies)) for curve in curves if curve.best]
    if not best:
        return []
    if not compares_rates:
        return [_highest("At the end", best)]
    rates = {curve.name: curve.best.rate for curve in curves if curve.best}
    highest = listed(
        [f"{entry.name} {share(entry.spread)} (learning rate {plain(rates[entry.name])})" for entry in best]
    )
    found = [f"The best of the grid so far: {highest}. The best of many is also the luckiest, so this is no verdict."]
    return [*found, *_widest(curves), *_at_an_end(curves)]


def _how_many_rates(verdicts: Sequence[Verdict]) -> str:
    """A best rate is known as finely as its grid, and so is who wins with it."""
    return counted(max(len(each.curve.points) for each in verdicts), "learning rate")


def _at_an_end(curves: Iterable[SweepCurve]) -> list[str]:
    """Whose best rate is the first or the last of several in the grid."""
    found = [
        f"{curve.name} ({plain(curve.best.rate)})"
        for curve in curves
        if curve.best and len(curve.points) > 1 and curve.best in (curve.points[0], curve.points[-1])
    ]
    if not found:
        return []
    return [
        f"The best {'rate' if len(found) == 1 else 'rates'} of {listed(found)} {'is' if len(found) == 1 else 'are'} at "
        "an end of the grid, and a better one may lie beyond."
    ]


def _fresh(entries: Sequence[_Entry]) -> str:
    """Which trainings the figures come from: not from those of the grid, by which the rates were chosen."""
    return "on fresh seeds" if entries[0].spread.seeds > 1 else "on a fresh seed"


def _highest(question: str, entries: list[_Entry]) -> str:
    """Who reads most, and where each of the others stands."""
    first, *others = sorted(entries, key=lambda entry: -entry.spread.mean)
    if not others:
        return f"{question}: {first.name} reads {share(first.spread)} of the unseen digits."
    level = [entry for entry in entries if are_level(entry.spread, first.spread, share)]
    behind = [entry for entry in others if entry not in level]
    below = listed([f"{points(first.spread.mean - entry.spread.mean)} above {entry.name}" for entry in behind])
    if len(level) > 1 and first.spread.seeds < 2:
        rest = f", {below}" if behind else ""
        return f"{question}: {listed([entry.name for entry in level])} are level at {share(first.spread)}{rest}."
    if len(level) > 1:
        named, rest = (listed([f"{each.name} ({share(each.spread)})" for each in some]) for some in (level, behind))
        late = f"; {rest} {'is' if len(behind) == 1 else 'are'} behind {first.name}" if behind else ""
        return f"{question}: {named} cannot be told apart; the difference is within the spread over the seeds{late}."
    if first.spread.seeds < 2:
        return (
            f"{question}: {first.name} is highest with {share(first.spread)}, {below}; "
            "one seed does not tell whether that is luck."
        )
    wins = f"{first.name} wins with {share(first.spread)}, {below}"
    return f"{question}: {wins}, which is more than the spread over the seeds."


def are_level(one: Spread, other: Spread, text: Callable[[Spread], str]) -> bool:
    """Whether two results count as equal: within their spread, or, from one seed, if they read the same."""
    return text(one) == text(other) or one.within_resolution(other) if one.seeds < 2 else one.level(other)


def _fewest(arrived: list[_Entry], others: list[_Entry], measure: _Measure) -> str:
    """Who reaches MARK in the fewest batches, or seconds, and who does not reach it in every training."""
    question = "At their best learning rates" if len(arrived + others) > 1 else "At its best learning rate"
    short = ""
    if others:
        verb = "does" if len(others) == 1 else "do"
        there = "there" if arrived else f"to {target(MARK)}"
        every = " from every seed" if others[0].spread.seeds > 1 else ""
        short = f"{listed([entry.name for entry in others])} {verb} not get {there}{every}."
    if not arrived:
        return f"{question} {short}"
    return " ".join([f"{question} {_soonest(arrived, measure)}.", *([short] if short else [])])


def _soonest(arrived: list[_Entry], measure: _Measure) -> str:
    """Who needs the fewest, and how many each of the others needs."""
    ordered = sorted(arrived, key=lambda entry: entry.spread.mean)
    first, *others = ordered
    write = measure.write
    fewest = write(first.spread)
    unit = measure.one if fewest == "1" else measure.unit
    needs = f"{first.name} needs {fewest}{unit} to {target(MARK)}"
    if not others:
        return needs
    level = [entry for entry in ordered if are_level(entry.spread, first.spread, write)]
    behind = [entry for entry in others if entry not in level]
    if len(level) < 2:
        told = f"{needs}, the {measure.least}"
    elif all(write(entry.spread) == fewest for entry in level):
        told = f"{listed([entry.name for entry in level])} need {measure.equally} to {target(MARK)}, {fewest}"
    elif all(entry.spread.within_spread(first.spread) for entry in level):
        told = f"{listed([needs, *_needing(level[1:], write)])}: the difference is within the spread"
    else:
        told = f"{listed([needs, *_needing(level[1:], write)])}: {TOO_NEAR}"
    return f"{told}; {listed(_needing(behind, write))}" if behind else told


def _needing(entries: list[_Entry], write: Callable[[Spread], str]) -> list[str]:
    return [f"{entry.name} needs {write(entry.spread)}" for entry in entries]


def _batches(spread: Spread) -> str:
    return count(spread.mean)


def _seconds(spread: Spread) -> str:
    return fine_seconds(spread.mean)


BATCHES = _Measure(_batches, " batches", " batch", "fewest", "equally many batches")
SECONDS = _Measure(_seconds, " of training", " of training", "least", "equally long")


def _widest(curves: Iterable[SweepCurve]) -> list[str]:
    plateaus = [(curve, plateau) for curve in curves if (plateau := curve.plateau)]
    ordered = sorted(plateaus, key=lambda each: -each[1].decades)
    widths = [f"{curve.name} {extent(plateau, curve.seed_plateaus)}" for curve, plateau in ordered]
    return [f"Learning rates within a point of the best: {listed(widths)}."] if widths else []


def share(spread: Spread) -> str:
    """A mean and its spread, "96.10 % ± 0.12"."""
    return percent(spread.mean) + (f" ± {deviation(spread.deviation * 100, 2)}" if spread.seeds > 1 else "")
