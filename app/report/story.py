"""What is happening in a run, in one to three sentences computed from its numbers: who is ahead, why, and what came
last. For a replay, the story of each moment of a finished run is made again. Pure: the same run and rows give the same
sentences.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from app.events import LaneStatus, RunStatus
from app.report.formats import count, ordinal
from app.report.lane_view import LaneView, Tables, lane_views
from app.report.result import has_fallen, is_over, ranking
from app.report.story_memorizing import gap
from app.report.story_moments import falls, rate_change, targets
from app.report.story_order import best_first, compared_at, headline, taken, turn
from app.report.story_why import why
from app.runs.description import Description, LaneDescription, learning_rates
from app.runs.history import COLUMNS, Kind

MOST_SENTENCES = 3
SECONDS = {kind: COLUMNS[kind].index("seconds") for kind in (Kind.METRICS, Kind.EVALUATIONS)}


def story(run: Description, evaluations: Tables, pushes: Tables) -> list[str]:
    """The sentences, from a run's description and, for each lane, the columns of its evaluations and of its pushes."""
    return [sentence.replace("**", "") for sentence in emphasised_story(run, evaluations, pushes)]


def emphasised_story(run: Description, evaluations: Tables, pushes: Tables) -> list[str]:
    """The same, with `**` before and after what a page emphasises."""
    return _told(run, [] if run["status"] == "queued" else lane_views(run, evaluations, pushes))


class Moment(NamedTuple):
    """The story from the moment on at which every lane has trained for `seconds`, until the next moment."""

    seconds: float
    sentences: list[str]


def moments(run: Description, batches: Tables, evaluations: Tables, pushes: Tables) -> Iterator[Moment]:
    """Those of a run that is over, in their order: one wherever a lane was evaluated or came to its end.

    From its description and, for each lane, the columns of its batches, its evaluations and its pushes.
    """
    views = lane_views(run, evaluations, pushes)
    trained = [table[SECONDS[Kind.METRICS]] for table in batches]
    evaluated = [table[SECONDS[Kind.EVALUATIONS]] for table in evaluations]
    for at in np.unique(np.concatenate([*evaluated, *(seconds[-1:] for seconds in trained)])):
        lanes = []
        for view, steps, measured in zip(views, trained, evaluated, strict=True):
            step = int(np.searchsorted(steps, at, "right"))
            known = int(np.searchsorted(measured, at, "right"))
            lanes.append(view if step == len(steps) else _beginning(run, view, step, known))
        yield Moment(float(at), _told(_as_it_was(run, lanes), lanes))


def _beginning(run: Description, view: LaneView, steps: int, evaluated: int) -> LaneView:
    """A lane after its first steps and evaluations."""
    newest = view.evaluations[evaluated - 1] if evaluated else None
    changes = [each for each in view.lane["learning_rate_changes"] if each["step"] <= steps]
    lane: LaneDescription = {
        **view.lane,
        "status": LaneStatus.RUNNING,
        "reason": None,
        "ended_at": None,
        "steps": steps,
        "quick": bool(newest and newest.quick),
        "test_accuracy": newest and newest.test_accuracy,
        "train_accuracy": newest and newest.train_accuracy,
        "reached": [hit for hit in view.lane["reached"] if hit["step"] <= steps],
        "learning_rate": changes[-1]["learning_rate"] if changes else learning_rates(run["config"])[view.number],
        "learning_rate_changes": changes,
    }
    pushes = view.pushes[:, : np.searchsorted(view.pushes[0], steps, "right")]
    return LaneView(view.name, lane, view.evaluations[:evaluated], pushes)


def _as_it_was(run: Description, lanes: Sequence[LaneView]) -> Description:
    then: Description = {**run, "lanes": [view.lane for view in lanes]}
    if all(view.lane["status"] != LaneStatus.RUNNING for view in lanes):
        return then
    return {**then, "status": RunStatus.RUNNING, "paused_by": None, "stopped_by": None}


def _told(run: Description, lanes: Sequence[LaneView]) -> list[str]:
    if run["status"] == "queued":
        return _queued(run["position"], run["behind_paused"])
    trained = [
        lanes[number]
        for number in ranking(run)
        if (lane := run["lanes"][number])["steps"] and lane["test_accuracy"] is not None and not has_fallen(lane)
    ]
    over, step = is_over(run), compared_at(trained, run)
    if step is not None:
        trained = best_first(trained, step)
    # What matters most comes first. A page has room for the second one beside the first, not always for more.
    sentences = [
        *headline(trained, run, step),
        *_held_up(run),
        *falls(lanes),
        *rate_change(lanes, run),
        *why(trained, run, step),
        *(turn if over else taken)(trained, lanes, run),
        *gap(trained, over),
        *targets(lanes, run),
    ]
    # Of a lane alone the gap may be the reason already.
    sentences = list(dict.fromkeys(sentences))
    if len(sentences) == 1 and len(lanes) > 1 and not over:
        sentences.append(_same(run))
    return sentences[:MOST_SENTENCES] or [_opening(run["status"])]


def _queued(position: int | None, behind_paused: bool) -> list[str]:
    if position is None or position == 1:
        place = "**This race is next.** It starts as soon as the one before it ends."
    else:
        ahead = "one race is" if position == 2 else f"{count(position - 1)} races are"
        place = f"**This race is {ordinal(position)} in the queue.** {ahead.capitalize()} ahead of it."
    return [place, "The wait is unknown: a race ahead of it is paused."] if behind_paused else [place]


def _held_up(run: Description) -> list[str]:
    if run["paused_by"] == "unwatched":
        return ["It was paused because no one was watching, and goes on as soon as someone is."]
    if run["stopped_by"] == "unwatched":
        return ["It was stopped because no one was watching any more."]
    return ["It was stopped because others waited for its place."] if run["stopped_by"] == "others" else []


def _same(run: Description) -> str:
    """What all lanes have in common, and what differs; of a race that has not begun the page says the same."""
    lanes = run["config"]["lanes"]
    rates = set(learning_rates(run["config"]))
    if len({lane["optimizer"] for lane in lanes}) > 1:
        differs = "the update rule differs" if len(rates) == 1 else "the update rules and their learning rates differ"
    else:
        differs = "the learning rate differs" if len(rates) > 1 else "their settings differ"
    return f"Same start, same digits in the same order: only {differs}."


def _opening(status: str) -> str:
    if status in ("stopped", "interrupted"):
        return f"**{status.capitalize()} before it had begun.** Press play to race again."
    where = "**Paused before the first batch.**" if status == "paused" else "**Ready to start.**"
    return f"{where} All lanes start from the same weights and read the same batches in the same order."
