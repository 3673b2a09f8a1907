"""What is happening in a run, in one to three sentences computed from its numbers. Pure: the same run and evaluations
give the same sentences.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.report.formats import count, ordinal
from app.report.lane_view import LaneView, lane_views
from app.report.result import has_fallen, is_over, ranking
from app.report.story_moments import falls, gap, memorizing, rate_change, targets
from app.report.story_order import best_first, chase, compared_at, headline, turn
from app.runs.description import Description

MOST_SENTENCES = 3
SAME = "Same start, same digits in the same order: only the update rule differs."


def story(run: Description, evaluations: Sequence[NDArray[np.float32]]) -> list[str]:
    """The sentences, from a run's description and, for each lane, the columns of its evaluations."""
    return [sentence.replace("**", "") for sentence in emphasised_story(run, evaluations)]


def emphasised_story(run: Description, evaluations: Sequence[NDArray[np.float32]]) -> list[str]:
    """The same, with `**` before and after what a page emphasises."""
    return told_of(run, [] if run["status"] == "queued" else lane_views(run, evaluations))


def told_of(run: Description, lanes: Sequence[LaneView]) -> list[str]:
    """The emphasised sentences, from a run's description and its lanes."""
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
    # What matters most comes first.
    sentences = [
        *headline(trained, run, step),
        *_held_up(run),
        *falls(lanes),
        *rate_change(lanes, run),
        *(turn(trained, lanes) + targets(lanes, run) if over else []),
        *memorizing(trained, over),
        *([] if over else chase(trained, lanes, run) + targets(lanes, run)),
        *gap(trained, over),
    ]
    if len(sentences) == 1 and len(lanes) > 1 and not over:
        sentences.append(SAME)
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


def _opening(status: str) -> str:
    if status in ("stopped", "interrupted"):
        return f"**{status.capitalize()} before it had begun.** Press play to race again."
    where = "**Paused before the first batch.**" if status == "paused" else "**Ready to start.**"
    return f"{where} All lanes start from the same weights and read the same batches in the same order."
