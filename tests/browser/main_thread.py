"""What a Chromium trace says of a page's main thread: script in every animation frame, and long tasks."""

import json
from bisect import bisect_left
from typing import NamedTuple

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
LONG_MS = 50
SCRIPT = {"EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "RunMicrotasks", "TimerFire"}

Event = dict


class MainThread(NamedTuple):
    """Milliseconds by the clock on the wall, which is what a visitor waits for.

    What is `own` is the part during which the thread had a core: the rest is waiting for one, or for another thread.
    """

    script_ms: list[float]
    own_script_ms: list[float]
    longest_task_ms: float
    long_tasks: int
    own_longest_task_ms: float
    own_long_tasks: int


def main_thread(trace: bytes) -> MainThread:
    """The renderer of the page that was traced; other threads and pages are passed over."""
    events = json.loads(trace)["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    own = [event for event in events if event["ph"] == "X" and (event["pid"], event["tid"]) in threads]
    tasks, own_tasks = (
        [event.get(clock, 0) / 1e3 for event in own if event["name"] == "RunTask"] for clock in ("dur", "tdur")
    )
    script, own_script = script_in_frames(own, "dur"), script_in_frames(own, "tdur")
    long, own_long = (sum(ms > LONG_MS for ms in times) for times in (tasks, own_tasks))
    return MainThread(script, own_script, max(tasks), long, max(own_tasks), own_long)


def script_in_frames(events: list[Event], clock: str) -> list[float]:
    """Milliseconds of script for each animation frame that ran any: its callbacks, and all else since the one before.

    What comes over the socket is taken in between frames; it counts for the frame that shows it. The clock is the field
    of a trace's events that is added up: `dur` goes by the wall, `tdur` by the thread's own processor time.
    """
    callbacks = sorted(
        (event["ts"], event["ts"] + event["dur"]) for event in events if event["name"] == "FireAnimationFrame"
    )
    # Several callbacks of one frame follow each other at once.
    following = [start for start, _ in callbacks[1:]] + [float("inf")]
    frames = [end for (_, end), start in zip(callbacks, following, strict=True) if start - end > 1_000]
    totals = [0.0] * len(frames)
    for event in outermost([event for event in events if event["name"] in SCRIPT]):
        if (frame := bisect_left(frames, event["ts"])) < len(frames):
            # A trace leaves out what is less than a microsecond.
            totals[frame] += event.get(clock, 0) / 1e3
    return totals


def outermost(events: list[Event]) -> list[Event]:
    """The events that no other holds: script that calls script is counted once."""
    found: list[Event] = []
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        if not found or event["ts"] >= found[-1]["ts"] + found[-1]["dur"]:
            found.append(event)
    return found
