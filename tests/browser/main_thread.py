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


def main_thread_events(trace: bytes) -> list[Event]:
    events = json.loads(trace)["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [event for event in events if event["ph"] == "X" and (event["pid"], event["tid"]) in threads]


def main_thread(trace: bytes) -> MainThread:
    """The renderer of the page that was traced; other threads and pages are passed over."""
    own = main_thread_events(trace)
    tasks, own_tasks = (
        [event.get(clock, 0) / 1e3 for event in own if event["name"] == "RunTask"] for clock in ("dur", "tdur")
    )
    script, own_script = script_in_frames(own, "dur"), script_in_frames(own, "tdur")
    long, own_long = (sum(ms > LONG_MS for ms in times) for times in (tasks, own_tasks))
    return MainThread(script, own_script, max(tasks), long, max(own_tasks), own_long)


def frames_that_force(trace: bytes, work: str) -> tuple[int, int]:
    """In how many animation frames a script makes Chromium do this at once, say `Layout`; and how many there are."""
    own = main_thread_events(trace)
    frames = [(event["ts"], event["ts"] + event["dur"]) for event in own if event["name"] == "FireAnimationFrame"]
    done = [event["ts"] for event in own if event["name"] == work]
    return sum(any(start <= at <= end for at in done) for start, end in frames), len(frames)


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
