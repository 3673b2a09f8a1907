"""One dial for all weights: a sweep of learning rates for each optimizer."""

import math
import statistics

from app.config import RunConfig
from app.experiments.base import MARK, Answer, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.convergence import faster
from app.experiments.picture import Line, Picture, logged
from app.experiments.rate_range import RateRange, ranges_of
from app.experiments.verdict import Part, claim
from app.report.drawing import looks
from app.report.formats import listed, plain, target
from app.sweeps.grid import spaced_rates
from app.training.optimizers import OPTIMIZERS

# So wide that the range of every optimizer ends inside it, on both sides.
RATES = spaced_rates(1e-5, 10, 19)
SEEDS = [RunConfig().seed + i for i in range(3)]
# What the article says of problems that are not trained here.
DEFAULT = "In practice, Adam is the default choice for most problems."
USUAL = "whether Adam is the default choice for most problems"
# The key of the guess that all ranges are about equally wide.
ALIKE = "alike"


def answer(result: SweepResult) -> Answer:
    ranges = sorted(ranges_of(result.cells, MARK), key=lambda each: -each.decades.mean)
    if not ranges:
        return Answer(None, [f"No optimizer has read {target(MARK)} of the unseen digits with every seed."])
    sentences = [f"{target(MARK)} or more of the unseen digits: {'; '.join(map(str, ranges))}."]
    missing = sorted({cell.at["optimizer"] for cell in result.cells} - {each.optimizer for each in ranges})
    if missing:
        sentences.append(f"{listed(list(map(_label, missing)))} did not get there with every seed at any rate.")
    if len(ranges) > 1:
        sentences += [_shared(ranges), *_shifted(ranges)]
    if not result.finished:
        return Answer(None, sentences)
    choice, doubts = _widest(ranges)
    return Answer(choice, [*sentences, *doubts, *_verdict(result, ranges)])


def _widest(ranges: list[RateRange]) -> tuple[str | None, list[str]]:
    """The right guess, if any, and what is in doubt. The widest range must be wider than each other one."""
    first, *others = ranges
    cut = [each for each in others if each.at_least]
    level = [each for each in others if not each.at_least and not first.wider_than(each)]
    doubts = []
    if level:
        names = listed([_label(each.optimizer) for each in (first, *level)])
        doubts.append(f"the ranges of {names} differ by too little, beside the spread over the seeds")
    if cut:
        doubts.append(f"the sweep ends before the range of {listed([_label(each.optimizer) for each in cut])} does")
    if not doubts:
        return first.optimizer, []
    if not cut and not first.at_least and len(level) == len(others):
        return ALIKE, [f"All are about as wide: {doubts[0]}."]
    return None, [f"Whose range is the widest cannot be told: {listed(doubts)}."]


def _shared(ranges: list[RateRange]) -> str:
    low, high = max(each.low for each in ranges), min(each.high for each in ranges)
    if low <= high and _rate(low) == _rate(high):
        return f"The rate {_rate(low)} serves all of them, and hardly another one."
    if low <= high:
        return f"Rates from {_rate(low)} to {_rate(high)} serve all of them."
    return "No single rate serves all of them: the ranges are shifted, not only of different width."


def _shifted(ranges: list[RateRange]) -> list[str]:
    """Where the ranges lie, if their middles differ by more than their widths. A range that is cut has no middle."""
    whole = [each for each in ranges if not each.at_least]
    middles = [(_label(each.optimizer), math.sqrt(each.low * each.high)) for each in whole]
    if len(middles) < 2:
        return []
    apart = math.log10(max(at for _, at in middles) / min(at for _, at in middles))
    if apart <= whole[0].decades.mean - whole[-1].decades.mean:
        return []
    found = listed([f"{_rate(at)} with {name}" for name, at in middles])
    return [f"The ranges are shifted more than they differ in width: their middles are {found}."]


def _verdict(result: SweepResult, ranges: list[RateRange]) -> list[str]:
    """Whether Adam, if it was trained, needs the least, and is the least sensitive to the rate.

    What others choose is no matter of a training.
    """
    optimizers = {cell.at["optimizer"] for cell in result.cells}
    if not {"adam"} < optimizers:
        return []
    sentences, parts = faster(result, optimizers)
    return [*sentences, claim([*parts, _less_sensitive(ranges), Part(None, f"{USUAL} is not measured here")])]


def _less_sensitive(ranges: list[RateRange]) -> Part:
    """Whether Adam's range is wider than each of the others'."""
    adam = next((each for each in ranges if each.optimizer == "adam"), None)
    others = [each for each in ranges if each is not adam]
    wider = [each for each in others if adam is None or each.wider_than(adam)]
    if wider:
        names = listed([_label(each.optimizer) for each in wider])
        return Part(False, f"{names} {'has a wider range' if len(wider) == 1 else 'have wider ranges'} of rates")
    assert adam
    level = [_label(each.optimizer) for each in others if not adam.wider_than(each)]
    if level:
        return Part(None, f"whether Adam’s range of rates is wider than that of {listed(level)} is not decided")
    return Part(True, "Adam’s range of learning rates is the widest")


def _label(optimizer: str) -> str:
    return OPTIMIZERS[optimizer].label


def _rate(rate: float) -> str:
    return plain(float(f"{rate:.2g}"))


def picture(result: SweepResult) -> Picture:
    """Mean test accuracy by learning rate, this on a log scale; 0 where training diverged or failed."""
    optimizers = list(dict.fromkeys(cell.at["optimizer"] for cell in result.cells))
    found: dict[str, dict[float, list[float]]] = {name: {} for name in optimizers}
    for cell in result.cells:
        found[cell.at["optimizer"]].setdefault(cell.at["learning_rate"], []).append(cell.accuracy or 0.0)
    lines = [
        Line(
            _label(optimizer),
            look,
            sorted(logged((rate, statistics.fmean(each)) for rate, each in found[optimizer].items())),
            given=optimizer == "sgd",
        )
        for optimizer, look in zip(optimizers, looks(optimizers), strict=True)
    ]
    return Picture("Test accuracy by learning rate", lines)


EXPERIMENT = Experiment(
    order=3,
    name="one-dial",
    title="One dial for all weights",
    claim=(f"{DEFAULT} It converges faster and is less sensitive to the initial learning rate."),
    question=(
        f"{len(RATES)} learning rates, from {plain(RATES[0])} to {plain(RATES[-1])}, each with {len(SEEDS)} seeds. "
        f"Which optimizer reads {target(MARK)} of unseen digits over the widest range of them?"
    ),
    guesses=(
        Guess("sgd", "SGD"),
        Guess("momentum", "Momentum"),
        Guess("adam", "Adam"),
        Guess(ALIKE, "All about as wide"),
    ),
    runs=Sweep(
        {"optimizer": ["sgd", "momentum", "adam"], "learning_rate": RATES, "seed": SEEDS},
        answer,
        picture,
        {"epochs": 1},
    ),
    look="Watch how wide each curve is at the top, and also where it stands.",
    next=Next(
        "Race SGD at 0.464, Momentum at 0.0464 and Adam at 0.00464: within a point of the best rates recorded here.",
        "/?sgd.learning_rate=0.464&momentum.learning_rate=0.0464&adam.learning_rate=0.00464",
    ),
)
