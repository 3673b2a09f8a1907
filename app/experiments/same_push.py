"""Not all weights need the same push: how far each optimizer moves weights with small gradients."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import EXAMPLES
from app.experiments.base import Answer, Experiment, Guess, Next, Race, RaceResult
from app.experiments.picture import Line, Picture
from app.experiments.verdict import Part, claim
from app.report.formats import count, listed
from app.report.result import has_fallen
from app.runs.history import COLUMNS, Kind

# With a 1,000 times smaller gradient, a weight that moves up to ABOUT_AS_FAR times less counts as moved about as far,
# and one that moves LIKE_SGD times less, or more, as moved as SGD moves it.
ABOUT_AS_FAR, LIKE_SGD = 2, 300
COMPARED = 1_000


class _Trend(NamedTuple):
    name: str
    optimizer: str
    slope: float
    """Decades of step for each decade of gradient."""
    decades: float
    medians: list[float]
    """Of |Δw|, for each half decade of |gradient|; NaN where there is none."""

    def less(self, ratio: int) -> list[float]:
        """How many times less a weight moves whose gradient is `ratio` times smaller, between any two medians."""
        half_decades = round(2 * math.log10(ratio))
        pairs = zip(self.medians, self.medians[half_decades:], strict=False)
        return [large / small for small, large in pairs if small > 0 and large > 0]


def answer(result: RaceResult) -> Answer:
    trends = _trends(result)
    if not trends:
        return Answer(None, ["How far weights of different gradients move is not known yet."])
    ratio = int(10 ** math.floor(min(trend.decades for trend in trends) + 0.05))
    if ratio < 10:
        return Answer(None, ["The gradients of the weights are too much alike to compare their steps."])
    found = listed([f"{_less(trend.slope, ratio)} with {trend.name}" for trend in trends])
    line = f"By the straight line that fits the weights best, one with a {count(ratio)} times smaller gradient moves"
    sentences = [f"{line} {found}.", *_between_medians(trends, ratio), *_by_name(result)]
    adam = next((trend for trend in trends if trend.optimizer == "adam"), None)
    if adam is None or not result.finished:
        return Answer(None, sentences)
    # Guesses are about this ratio, whatever ratio was measured.
    times = COMPARED**adam.slope
    choice = "same" if times < ABOUT_AS_FAR else "like-sgd" if times >= LIKE_SGD else "less"
    return Answer(choice, [*sentences, _verdict(choice, times)])


def _verdict(choice: str, times: float) -> str:
    less = f"a {count(COMPARED)} times smaller gradient still moves its weight {_rounded(times)} times less"
    if choice == "same":
        return claim(
            [Part(True, f"with Adam a {count(COMPARED)} times smaller gradient moves its weight about as far")]
        )
    if choice == "like-sgd":
        return claim([Part(False, f"with Adam, too, {less}")])
    # Bigger, and smaller, than one learning rate for all would make it.
    moves = f"moves {_rounded(times)} times less, not {count(COMPARED)} times less as at one shared rate"
    bigger = f"beside that its step is {_rounded(COMPARED / times)} times bigger"
    return claim([Part(True, f"with Adam a weight with a {count(COMPARED)} times smaller gradient {moves}: {bigger}")])


def _trends(result: RaceResult) -> list[_Trend]:
    found = []
    for lane in result.lanes:
        newest = lane.pushed(math.inf)
        if newest and not has_fallen(lane.lane) and math.isfinite(newest.slope) and newest.decades > 0:
            optimizer = lane.lane["optimizer"]
            found.append(_Trend(lane.name, optimizer, newest.slope, newest.decades, newest.medians))
    return found


def _between_medians(trends: list[_Trend], ratio: int) -> list[str]:
    """The smallest and the largest ratio between medians so far apart, where weights do not lie on their line."""
    found = []
    for trend in trends:
        times = trend.less(ratio)
        if len(times) > 1:
            found.append(f"{range_of(min(times), max(times))} with {trend.name}")
    if not found:
        return []
    return [f"The weights are not all on their line: between medians that far apart it is {listed(found)}."]


def _moves_less(times: float) -> bool:
    """Or else about as far, or farther."""
    return times >= 1.5


def _less(slope: float, ratio: int) -> str:
    times = ratio**slope
    if not _moves_less(times):
        return "as far" if times > 1 / 1.5 else f"{_rounded(1 / times)} times as far"
    return f"{_rounded(times)} times less"


def range_of(low: float, high: float) -> str:
    """How much less far, at least and at most."""
    if _moves_less(low) and _moves_less(high):
        ends = list(dict.fromkeys([_rounded(low), _rounded(high)]))
        return f"{' to '.join(ends)} times less"
    ends = list(dict.fromkeys([_less(math.log10(times), 10) for times in (high, low)]))
    if _moves_less(high):
        return f"up to {ends[0]} (in places {ends[1]})"
    return " to ".join(ends)


def _as_far(times: float) -> str:
    if times < 1 / 1.5:
        return "less far"
    return "about as far" if times < 1.5 else f"{_rounded(times)} times as far"


def _rounded(times: float) -> str:
    return count(times if times < 10 else float(f"{times:.2g}"))


def _by_name(result: RaceResult) -> list[str]:
    """Compares the followed weights with the largest and the smallest gradient, in lanes that move both.

    Over the whole run: at one moment either may happen to have hardly any gradient.
    """
    found: list[str] = []
    for lane in result.lanes:
        moved = [] if has_fallen(lane.lane) else _followed(result.pushes[lane.number])
        if len(moved) > 1:
            (smallest, near), (largest, far) = moved[0], moved[-1]
            larger = largest / smallest
            times = f"{_rounded(larger)} times{'' if found else ' as large'}" if larger >= 1.5 else "about as large"
            found.append(f"{_as_far(far / near)} with {lane.name} ({'' if found else 'its gradient: '}{times})")
    if not found:
        return []
    when = "over the whole run" if result.finished else "so far"
    return [
        "Of the weights that are followed, the one with the largest "
        f"gradient moved {when}, beside the one with the smallest, {listed(found)}."
    ]


def _followed(pushes: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Mean |gradient| and mean |Δw| of each followed weight that moves, in ascending order of gradients."""
    columns = dict(zip(COLUMNS[Kind.PUSH], pushes, strict=True))
    # The first is a bias, which has no pixel, and is not drawn.
    rows = [np.array([columns[f"gradient_{i}"], columns[f"change_{i}"]]) for i in range(1, EXAMPLES)]
    # Before there are any, a row has none.
    known = [row[:, np.isfinite(row).all(axis=0)] for row in rows]
    means = [tuple(map(float, row.mean(axis=1))) for row in known if row.shape[1]]
    return sorted((gradient, change) for gradient, change in means if gradient > 0 and change > 0)


def picture(result: RaceResult) -> Picture:
    """The median step by the size of the gradient, both on log scales."""
    lines = []
    for lane, look in zip(result.lanes, result.looks, strict=True):
        newest = lane.pushed(math.inf)
        moved = [
            (float(b), math.log10(median)) for b, median in enumerate(newest.medians if newest else []) if median > 0
        ]
        lines.append(Line(lane.name, look, moved, given=lane.lane["optimizer"] == "sgd"))
    return Picture("How far a weight moves, by its gradient", lines)


EXPERIMENT = Experiment(
    order=4,
    name="same-push",
    title="Not all weights need the same push",
    claim=(
        "A weight that always gets big gradients is already moving fast, so Adam gives it smaller steps to avoid "
        "overshooting. A weight that gets tiny gradients is barely moving, so Adam gives it bigger steps to catch up."
    ),
    question="SGD moves a weight with a 1,000 times smaller gradient 1,000 times less. How far does Adam move it?",
    guesses=(
        Guess("same", "About as far as one with a large gradient"),
        Guess("less", "Less far, but much farther than SGD"),
        Guess("like-sgd", "Hundreds of times less, like SGD"),
    ),
    runs=Race(RunConfig(), answer, picture, {"stage": ["push", "followed"]}, walls=False),
    look="Watch how steep each line is: a flat one gives every weight the same push, whatever its gradient.",
    next=Next(
        "Race Adam beside RMSprop and Lion, and compare their lines.",
        "/?lanes=adam,rmsprop,lion&stage=push,test-accuracy",
    ),
)
