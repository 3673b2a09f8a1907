"""What the article says of SGD, Momentum and Adam."""

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise

from app.claims.claim import Claim, Figure, Part, signed_points, two_digits, whole_number
from app.claims.measured import Measured, Training
from app.experiments.base import MARK as FIRST_MARK
from app.experiments.pulls_ahead import gap_is_early, leads_by, took_longest, was_first
from app.report.formats import fine_seconds, fixed, percent, plain, target
from app.report.sweeps.plateau import Plateau
from app.report.sweeps.result import Spread, SweepCurve
from app.report.sweeps.verdict import MARK, Hit, needed
from app.training.optimizers import OPTIMIZERS


def _each(lanes: dict[str, list[Training]], read: Callable[[Training], float | None]) -> dict[str, list[float | None]]:
    return {name: [read(training) for training in trainings] for name, trainings in lanes.items()}


def _figures(values: dict[str, list[float | None]], write: Callable[[float], str]) -> list[Figure]:
    return [Figure(OPTIMIZERS[name].label, each, write) for name, each in values.items()]


def _steps(lanes: dict[str, list[Training]], mark: float) -> dict[str, list[float | None]]:
    return _each(lanes, lambda training: training.steps_to(mark))


def _ahead(measured: Measured) -> list[Part]:
    steps = _steps(measured.race, FIRST_MARK)
    by_seed = [dict(zip(steps, each, strict=True)) for each in zip(*steps.values(), strict=True)]
    mark = target(FIRST_MARK)
    return [
        Part(
            f"Adam needs the fewest batches to {mark}",
            [was_first(each, "adam") for each in by_seed],
            _figures(steps, whole_number),
        ),
        Part(f"SGD needs the most batches to {mark}", [took_longest(each, "sgd") for each in by_seed], []),
    ]


def _above(mine: Sequence[float | None], *others: Sequence[float | None]) -> list[bool]:
    return [(own or 0) > max(other or 0 for other in rest) for own, *rest in zip(mine, *others, strict=True)]


def _gap(measured: Measured) -> list[Part]:
    pairs = list(zip(measured.race["adam"], measured.race["sgd"], strict=True))
    early = [leads_by(adam.view, sgd.view, adam.per_epoch) for adam, sgd in pairs]
    late = [leads_by(adam.view, sgd.view, adam.lane["steps"]) for adam, sgd in pairs]
    accuracies = _figures(_each(measured.race, lambda training: training.accuracy), percent)
    ends = [figure._replace(name=f"{figure.name} ends at") for figure in accuracies]
    last = f"after epoch {measured.race['adam'][0].config.epochs}"
    return [
        Part(
            f"Adam is further ahead of SGD after epoch 1 than {last}",
            [gap_is_early(one, other) for one, other in zip(early, late, strict=True)],
            [Figure("after epoch 1", early, signed_points), Figure(last, late, signed_points), *ends],
        )
    ]


def _faster(measured: Measured) -> list[Part]:
    """By batches and by seconds, as the experiment judges it: a batch of one optimizer takes longer than another's."""
    return [
        Part(
            f"Adam needs {least} to {target(MARK)} {where}",
            _soonest([hits[name] for name in ("adam", "momentum", "sgd")]),
            _figures({name: [hit and hit.mean for hit in each] for name, each in hits.items()}, write),
        )
        for where, lanes in (
            ("at the shared learning rate", measured.race),
            ("each at its best learning rate", measured.tuned),
        )
        for least, read, write in (
            ("the fewest batches", lambda hit: hit.batches, whole_number),
            ("the least time", lambda hit: hit.seconds, fine_seconds),
        )
        for hits in [_hits(lanes, read)]
    ]


def _hits(
    lanes: dict[str, list[Training]], read: Callable[[Hit], tuple[float, float]]
) -> dict[str, list[Spread | None]]:
    """What each training needed, with the resolution of that."""
    return {
        name: [needed([read(hit)]) if (hit := training.hit) else None for training in trainings]
        for name, trainings in lanes.items()
    }


def _soonest(lanes: Sequence[Sequence[Spread | None]]) -> list[bool | None]:
    """With each seed: whether the first of the lanes needed the least; None where evaluations lie too far apart."""
    return [_first(mine, [other for other in others if other]) for mine, *others in zip(*lanes, strict=True)]


def _first(mine: Spread | None, others: list[Spread]) -> bool | None:
    if mine is None:
        return False
    if any(other < mine and not other.level(mine) for other in others):
        return False
    return None if any(other.level(mine) for other in others) else True


def _less_sensitive(measured: Measured) -> list[Part]:
    return [
        Part(
            f"{called} with Adam over a wider range of learning rates than with {OPTIMIZERS[other].label}",
            _above(wide["adam"], wide[other]),
            [figures["adam"], figures[other], grid_step([point.rate for point in measured.curves[0]["adam"].points])],
        )
        for called, wide in (
            (f"At least {target(FIRST_MARK)}", _ranges(measured, lambda curve: curve.reaching(FIRST_MARK))),
            ("Within a point of the best", _ranges(measured, lambda curve: curve.plateau)),
        )
        for figures in [dict(zip(wide, _figures(wide, _decades), strict=True))]
        for other in ("momentum", "sgd")
    ]


def _ranges(measured: Measured, read: Callable[[SweepCurve], Plateau | None]) -> dict[str, list[float | None]]:
    """How wide it is in decades."""
    return {
        name: [found.decades if (found := read(curves[name])) else None for curves in measured.curves]
        for name in ("adam", "momentum", "sgd")
    }


def grid_step(rates: Sequence[float]) -> Figure:
    """How far apart the rates of the grid are: a range goes from one of them to another."""
    apart = [math.log10(after / before) for before, after in pairwise(rates)]
    return Figure(
        "one rate of the grid to the next", [statistics.fmean(apart)], lambda value: f"{fixed(value, 2)} decades"
    )


def _decades(value: float) -> str:
    return f"{fixed(value, 1)} decades"


def _cannot_serve_both(measured: Measured) -> list[Part]:
    ends = _each(measured.tuned, lambda training: training.accuracy)
    rates = ", ".join(
        f"{OPTIMIZERS[name].label} {plain(trainings[0].config.learning_rate)}"
        for name, trainings in measured.tuned.items()
    )
    return [
        Part(
            f"Each at its best learning rate ({rates}), SGD ends below Adam",
            _above(ends["adam"], ends["sgd"]),
            _figures(ends, percent),
        )
    ]


def _smooths(measured: Measured) -> list[Part]:
    gradients, updates = [each.gradients for each in measured.angles], [each.updates for each in measured.angles]
    return [
        Part(
            "Momentum's update points nearer to the gradient of all examples than the mini-batch's own gradient does",
            [one > other for one, other in zip(updates, gradients, strict=True)],
            [
                Figure("cosine of the update", updates, two_digits),
                Figure("of the mini-batch's gradient", gradients, two_digits),
            ],
        )
    ]


CLAIMS = [
    Claim(
        "Watch which one pulls ahead first. … SGD treats every weight the same and takes longer to find its footing.",
        "race",
        _ahead,
        "pulls-ahead",
    ),
    Claim("The gap is most visible in the first few epochs.", "race", _gap, "pulls-ahead"),
    Claim("It converges faster …", "race, tuned", _faster, "one-dial"),
    Claim("… and is less sensitive to the initial learning rate.", "rates", _less_sensitive, "one-dial"),
    Claim("One learning rate can't serve both.", "tuned", _cannot_serve_both),
    Claim("It smooths out the noise from mini-batches.", "angles", _smooths),
]
