"""Who wins a sweep, in sentences: as it comes, tuned, soonest at a mark, and with the widest choice of rates."""

from collections.abc import Sequence
from typing import NamedTuple

from app.report.formats import count, fixed, listed, percent, plain, points, target
from app.report.sweeps.plateau import Plateau, extent
from app.report.sweeps.result import Spread, SweepCurve
from app.report.sweeps.verdict import MARK, Verdict
from app.sweeps.state import SweepState


class _Entry(NamedTuple):
    name: str
    spread: Spread


def sentences_so_far(sweep: SweepState, curves: Sequence[SweepCurve], verdicts: Sequence[Verdict]) -> list[str]:
    """Who wins, or, before that is known, what the grid shows.

    For a sweep that was cut short, the first sentence begins with how much of it was trained.
    """
    found = sentences(verdicts) if verdicts else _of_the_grid(curves)
    if not found or not sweep.cut_short:
        return found
    trained = sum(state.trained for state in sweep.current)
    where = " on fresh seeds" if sweep.fresh else ""
    cut = f"{sweep.status.capitalize()} after {count(trained)} of {count(len(sweep.current))} trainings{where}"
    return [f"{cut}. {found[0]}", *found[1:]]


def sentences(verdicts: Sequence[Verdict]) -> list[str]:
    """Who wins each comparison, or that no one does, with the figures."""
    found = []
    tuned = [_Entry(each.name, each.tuned.accuracy) for each in verdicts if each.tuned.accuracy]
    as_they_come = [_Entry(each.name, each.as_it_comes.accuracy) for each in verdicts if each.as_it_comes.accuracy]
    soonest = [_Entry(each.name, each.tuned.batches) for each in verdicts if each.tuned.batches]
    if tuned:
        found.append(_highest(f"Each at its best learning rate, {_fresh(tuned)}", tuned))
    if as_they_come:
        found.append(_highest(f"Each at the learning rate it comes with, {_fresh(as_they_come)}", as_they_come))
    if tuned:
        found.append(_fewest(soonest, [entry for entry in tuned if entry.name not in {each.name for each in soonest}]))
    plateaus = [(each.name, plateau) for each in verdicts if (plateau := each.curve.plateau)]
    if plateaus:
        found.append(_widest(plateaus))
    broken = [each.name for each in verdicts if not each.tuned.accuracy]
    if broken:
        found.append(f"{listed(broken)} diverged or failed with a fresh seed at the rate that was best before.")
    return found


def within_spread(one: Spread, other: Spread) -> bool:
    """Whether two means cannot be told apart: they differ by no more than the sum of their deviations."""
    return abs(one.mean - other.mean) <= one.deviation + other.deviation


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
    plateaus = [(curve.name, plateau) for curve in curves if (plateau := curve.plateau)]
    return [*found, _widest(plateaus)] if plateaus else found


def _fresh(entries: Sequence[_Entry]) -> str:
    """Which trainings the figures come from: not from those of the grid, by which the rates were chosen."""
    return "on fresh seeds" if entries[0].spread.seeds > 1 else "on a fresh seed"


def _highest(question: str, entries: list[_Entry]) -> str:
    first, *others = sorted(entries, key=lambda entry: -entry.spread.mean)
    if not others:
        return f"{question}: {first.name} reads {share(first.spread)} of the unseen digits."
    second = others[0]
    gap = points(first.spread.mean - second.spread.mean)
    if first.spread.seeds < 2:
        equal = [entry.name for entry in entries if share(entry.spread) == share(first.spread)]
        if len(equal) > 1:
            return f"{question}: {listed(equal)} are level at {share(first.spread)}."
        return (
            f"{question}: {first.name} is highest with {share(first.spread)}, {gap} above {second.name}; "
            "one seed does not tell whether that is luck."
        )
    if within_spread(first.spread, second.spread):
        level = [entry for entry in entries if within_spread(first.spread, entry.spread)]
        named = listed([f"{entry.name} ({share(entry.spread)})" for entry in level])
        return f"{question}: {named} cannot be told apart; the difference is within the spread over the seeds."
    return (
        f"{question}: {first.name} wins with {share(first.spread)}, {gap} above {second.name}, which is more than the "
        "spread over the seeds."
    )


def _fewest(arrived: list[_Entry], others: list[_Entry]) -> str:
    """Who reaches MARK in the fewest batches, and who does not reach it in every training."""
    question = "At their best learning rates" if len(arrived + others) > 1 else "At its best learning rate"
    short = ""
    if others:
        verb = "does" if len(others) == 1 else "do"
        there = "there" if arrived else f"to {target(MARK)}"
        every = " from every seed" if others[0].spread.seeds > 1 else ""
        short = f"{listed([entry.name for entry in others])} {verb} not get {there}{every}."
    if not arrived:
        return f"{question} {short}"
    return " ".join([f"{question} {_soonest(arrived)}.", *([short] if short else [])])


def _soonest(arrived: list[_Entry]) -> str:
    ordered = sorted(arrived, key=lambda entry: entry.spread.mean)
    batches = {entry.name: count(round(entry.spread.mean)) for entry in ordered}
    first, *behind = ordered
    mark = target(MARK)
    needs = f"{first.name} needs {batches[first.name]} batches to {mark}"
    if not behind:
        return needs
    equal = [entry.name for entry in ordered if batches[entry.name] == batches[first.name]]
    if len(equal) > 1:
        return f"{listed(equal)} need equally many batches to {mark}, {batches[first.name]}"
    comparison = f"{behind[0].name} needs {batches[behind[0].name]}"
    if first.spread.seeds > 1 and within_spread(first.spread, behind[0].spread):
        return f"{needs} and {comparison}: the difference is within the spread"
    return f"{needs}, the fewest; {comparison}"


def _widest(plateaus: list[tuple[str, Plateau]]) -> str:
    widths = [f"{name} {extent(plateau)}" for name, plateau in sorted(plateaus, key=lambda each: -each[1].decades)]
    return f"Learning rates within a point of the best: {listed(widths)}."


def share(spread: Spread) -> str:
    """A mean and its spread, "96.10 % ± 0.12"."""
    return percent(spread.mean) + (f" ± {fixed(spread.deviation * 100, 2)}" if spread.seeds > 1 else "")
