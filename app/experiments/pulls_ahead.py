"""Which one pulls ahead first, and who is ahead at the end: the default race."""

from collections.abc import Mapping

from app.config import RunConfig
from app.experiments.base import MARK, Answer, Experiment, Guess, Next, Race, RaceResult
from app.experiments.picture import Line, Picture, logged
from app.experiments.verdict import Part, claim
from app.report.formats import listed, percent, points, target
from app.report.lane_view import LaneView
from app.report.result import has_fallen, reached_at
from app.report.story_moments import Hit, needed
from app.report.story_order import LEVEL

STAYS, CAUGHT = "adam-stays", "adam-caught"
# The cause that the article gives.
CAUSE = "Adam adapts quickly because it adjusts per weight."


def answer(result: RaceResult) -> Answer:
    lanes = [lane for lane in result.lanes if not has_fallen(lane.lane)]
    hits = sorted(((step, lane) for lane in lanes if (step := _passed(lane)) is not None), key=lambda each: each[0])
    if not hits:
        return Answer(None, [f"No network has read {target(MARK)} of the unseen digits."])
    early = needed([Hit(lane.name, step) for step, lane in hits], f"passed {target(MARK)}").replace("**", "")
    never = [lane.name for lane in lanes if _passed(lane) is None]
    sentences = [f"{early}; {listed(never)} {'did' if result.finished else 'has'} not." if never else f"{early}."]
    if not result.finished:
        return Answer(None, sentences)
    first, best = hits[0][1], max(lanes, key=lambda lane: lane.accuracy)
    level = [lane for lane in lanes if best.accuracy - lane.accuracy < LEVEL]
    sentences.append(_end(first, best, level))
    fallen = [lane.name for lane in result.lanes if has_fallen(lane.lane)]
    if fallen:
        return Answer(None, [*sentences, f"{listed(fallen)} fell out, so this race does not settle it."])
    if len(hits) > 1 and hits[1][0] == hits[0][0]:
        return Answer(None, [*sentences, "Who was first cannot be told from this race."])
    sentences += _verdict(result, hits, lanes)
    optimizer = first.lane["optimizer"]
    if optimizer != "adam":
        return Answer(f"{optimizer}-first" if optimizer in ("sgd", "momentum") else None, sentences)
    return Answer(STAYS if level == [first] else CAUGHT, sentences)


def was_first(steps: Mapping[str, float | None], optimizer: str) -> bool:
    """Whether it needed fewer batches than each other lane; one that never got there needed more."""
    own, others = steps[optimizer], [step for name, step in steps.items() if name != optimizer]
    return own is not None and all(other is None or own < other for other in others)


def took_longest(steps: Mapping[str, float | None], optimizer: str) -> bool:
    """Whether each other lane needed fewer batches."""
    own, others = steps[optimizer], [step for name, step in steps.items() if name != optimizer]
    return all(other is not None and (own is None or other < own) for other in others)


def leads_by(first: LaneView, second: LaneView, step: int) -> float:
    """By how much the first one's test accuracy is higher than the second one's after this step."""
    newest = first.newest(step), second.newest(step)
    # Each was measured before its first batch.
    return newest[0].test_accuracy - newest[1].test_accuracy if newest[0] and newest[1] else 0.0


def gap_is_early(early: float, late: float) -> bool:
    """Whether the lead was larger after the first epoch than at the end; it must be a lead at all."""
    return early > max(0.0, late)


def _verdict(result: RaceResult, hits: list[tuple[int, LaneView]], lanes: list[LaneView]) -> list[str]:
    """Of a race with Adam and SGD: whether Adam was first, SGD took longest, and the gap was largest early."""
    by = {lane.lane["optimizer"]: lane for lane in lanes}
    if not {"adam", "sgd"} <= by.keys():
        return []
    steps = {name: _passed(lane) for name, lane in by.items()}
    slowest = took_longest(steps, "sgd")
    per_epoch, total = result.run["batches_per_epoch"], result.run["total_steps"]
    early, late = (leads_by(by["adam"], by["sgd"], step) for step in (per_epoch, total))
    adam_first = was_first(steps, "adam")
    parts = [
        Part(adam_first, f"{hits[0][1].name} was the first to read {target(MARK)}"),
        Part(slowest, "SGD took longest" if slowest else "SGD did not take longest"),
        Part(gap_is_early(early, late), f"after the first epoch {_lead(early)}, at the end {_lead(late)}"),
    ]
    if adam_first:
        parts.append(Part(None, "whether it was because Adam adjusts per weight is not measured here"))
    return [claim(parts)]


def _lead(difference: float) -> str:
    if abs(difference) < LEVEL:
        return "Adam and SGD were level"
    return f"Adam was {points(difference)} {'ahead of' if difference >= 0 else 'behind'} SGD"


def _passed(lane: LaneView) -> int | None:
    hit = reached_at(lane.lane, MARK)
    return hit and hit["step"]


def _end(first: LaneView, best: LaneView, level: list[LaneView]) -> str:
    if len(level) > 1:
        names = [f"{lane.name} ({percent(lane.accuracy)})" for lane in level]
        return f"At the end {listed(names)} are level."
    if best is first:
        return f"{best.name} is still ahead at the end, with {percent(best.accuracy)}."
    behind = points(best.accuracy - first.accuracy)
    return (
        f"Yet at the end {best.name} is ahead with {percent(best.accuracy)}; {first.name} has "
        f"{percent(first.accuracy)}, {behind} less. Being first was not winning."
    )


def picture(result: RaceResult) -> Picture:
    """Test accuracy by batches, these on a log scale."""
    lines = [
        Line(
            lane.name,
            look,
            logged((each.step, each.test_accuracy) for each in lane.evaluations),
            given=lane.lane["optimizer"] == "sgd",
        )
        for lane, look in zip(result.lanes, result.looks, strict=True)
    ]
    return Picture("Test accuracy by batches", lines)


EXPERIMENT = Experiment(
    order=2,
    name="pulls-ahead",
    title="Which one pulls ahead first?",
    claim=(
        f"Watch which one pulls ahead first. The gap is most visible in the first few epochs. {CAUSE} SGD treats every "
        "weight the same and takes longer to find its footing."
    ),
    question=(
        "Which network is first to read 90\u202f% of digits it has never seen, and is it still ahead after five epochs?"
    ),
    guesses=(
        Guess(STAYS, "Adam is first, and stays ahead"),
        Guess(CAUGHT, "Adam is first, but is caught or overtaken"),
        Guess("momentum-first", "Momentum is first"),
        Guess("sgd-first", "SGD is first"),
    ),
    runs=Race(RunConfig(), answer, picture),
    look="Watch the first hundred batches, then who is on top at the right edge of the test accuracy.",
    next=Next("Give every network a tenth of the learning rate, 0.001, and race again.", "/?learning_rate=0.001"),
)
