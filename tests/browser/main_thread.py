"""What a Chromium trace says of a page's main thread: script in every animation frame, and long tasks."""

import json
from bisect import bisect_left
from typing import NamedTuple

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
LONG_MS = 50
SCRIPT = {"EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "RunMicrotasks", "TimerFire"}

Event = dict


class MainThread(NamedTuple):
    """Milliseconds by the clock on the wall, which is what a visitor waits for."""

    script_ms: list[float]
    longest_task_ms: float
    long_tasks: int


def main_thread(trace: bytes) -> MainThread:
    """The renderer of the page that was traced; other threads and pages are passed over."""
    events = json.loads(trace)["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    own = [event for event in events if event["ph"] == "X" and (event["pid"], event["tid"]) in threads]
    tasks = [event["dur"] / 1e3 for event in own if event["name"] == "RunTask"]
    return MainThread(script_in_frames(own), max(tasks), sum(ms > LONG_MS for ms in tasks))


def script_in_frames(events: list[Event]) -> list[float]:
    """Milliseconds of script for each animation frame that ran any: its callbacks, and all else since the one before.

    What comes over the socket is taken in between frames; it counts for the frame that shows it.
    """
    spans = union([(event["ts"], event["ts"] + event["dur"]) for event in events if event["name"] in SCRIPT])
    callbacks = sorted(
        (event["ts"], event["ts"] + event["dur"]) for event in events if event["name"] == "FireAnimationFrame"
    )
    # Several callbacks of one frame follow each other at once.
    following = [start for start, _ in callbacks[1:]] + [float("inf")]
    frames = [end for (_, end), start in zip(callbacks, following, strict=True) if start - end > 1_000]
    totals = [0.0] * len(frames)
    for start, end in spans:
        if (frame := bisect_left(frames, start)) < len(frames):
            totals[frame] += (end - start) / 1e3
    return totals


def union(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that touch or hold each other become one: script that calls script is counted once."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
