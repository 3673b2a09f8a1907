"""Whether Adam converges faster in a sweep: by the trainings at each optimizer's best rate, on fresh seeds."""

from collections.abc import Callable, Mapping

from app.experiments.base import SweepResult
from app.experiments.verdict import Part
from app.report.formats import count, deviation, fine_seconds, listed, target
from app.report.sweeps.result import Spread
from app.report.sweeps.sentences import are_level
from app.report.sweeps.verdict import MARK as GOAL
from app.training.optimizers import OPTIMIZERS

# Why results are level that differ by less than was measured.
TOO_NEAR = "since evaluations lie further apart than that"


def faster(result: SweepResult, optimizers: set[str]) -> tuple[list[str], list[Part]]:
    """By batches and by seconds: they need not agree, since a batch of one optimizer takes longer than another's."""
    missing = sorted(optimizers - result.batches.keys())
    if "adam" in missing or len(missing) == len(optimizers) - 1:
        whose = "each gets" if len(missing) >= len(optimizers) - 1 else f"{listed(list(map(_label, missing)))} gets"
        return [], [Part(None, f"how soon {whose} to {target(GOAL)} at its best rate has not been measured")]
    # Those trainings are evaluated as a race on the page is.
    where = f"To {target(GOAL)}, each at its best rate and with fresh seeds"
    batches, fewer = _sooner(f"{where}, by batches:", "the fewest batches", result.batches, missing, _batches)
    seconds, less = _sooner("By seconds of training:", "the least time", result.seconds, missing, _seconds)
    return [batches, seconds], [fewer, less]


def _sooner(
    where: str, least: str, needed: Mapping[str, Spread | None], missing: list[str], write: Callable[[Spread], str]
) -> tuple[str, Part]:
    """What each needed, and whether Adam needed the least."""
    arrived = sorted(((spread, name) for name, spread in needed.items() if spread), key=lambda each: each[0].mean)
    told = [listed([f"{_label(name)} needed {write(spread)}" for spread, name in arrived])] if arrived else []
    if late := [_label(name) for name, spread in needed.items() if not spread]:
        told.append(f"{listed(late)} did not get there with every seed")
    found = f"{where} {', while '.join(told)}"
    did, did_not = Part(True, f"Adam needed {least}"), Part(False, f"Adam did not need {least}")
    undecided = Part(None, f"whether Adam needs {least} is not decided")
    adam = needed.get("adam")
    others = [(spread, name) for spread, name in arrived if name != "adam"]
    if adam is None:
        return f"{found}.", did_not if others else undecided
    least_of_all, _ = arrived[0]
    level = [(spread, name) for spread, name in arrived if are_level(spread, least_of_all, write)]
    if (adam, "adam") not in level:
        return f"{found}.", did_not
    if len(level) > 1:
        near = not all(spread.within_spread(least_of_all) for spread, _ in level)
        names = listed(["Adam", *(_label(name) for _, name in level if name != "adam")])
        return f"{found}. {names} cannot be told apart{f', {TOO_NEAR}' if near else ''}.", undecided
    if missing:
        return f"{found}; {listed(list(map(_label, missing)))} has not been measured.", undecided
    return f"{found}.", did


def _batches(spread: Spread) -> str:
    mean = count(spread.mean)
    if spread.seeds > 1:
        mean += f" ± {deviation(spread.deviation, 0)}" if spread.deviation else " with every seed"
    return mean


def _seconds(spread: Spread) -> str:
    return fine_seconds(spread.mean) + (f" ± {deviation(spread.deviation, 3)}" if spread.seeds > 1 else "")


def _label(optimizer: str) -> str:
    return OPTIMIZERS[optimizer].label
