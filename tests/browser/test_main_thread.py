"""What `make bench-page` reads out of a trace."""

import json

from tests.browser.main_thread import main_thread, script_in_frames


def event(name: str, ts_ms: float, dur_ms: float, own_ms: float = 0, thread: int = 7) -> dict:
    times = {"ts": ts_ms * 1e3, "dur": dur_ms * 1e3, "tdur": own_ms * 1e3}
    return {"name": name, "ph": "X", "pid": 1, "tid": thread, **times}


def test_script_between_two_frames_counts_for_the_one_that_shows_it() -> None:
    events = [event("FireAnimationFrame", 10, 2), event("FunctionCall", 20, 1), event("FireAnimationFrame", 26, 3)]

    assert script_in_frames(events, "dur") == [2, 4]


def test_script_that_calls_script_is_counted_once() -> None:
    events = [event("FireAnimationFrame", 10, 4), event("FunctionCall", 11, 2), event("RunMicrotasks", 13, 1)]

    assert script_in_frames(events, "dur") == [4]


def test_callbacks_of_one_frame_are_one_frame() -> None:
    events = [event("FireAnimationFrame", 10, 2), event("FireAnimationFrame", 12.1, 1)]

    assert script_in_frames(events, "dur") == [3]


def test_what_takes_no_processor_time_counts_as_none() -> None:
    waiting = {name: value for name, value in event("FireAnimationFrame", 10, 2).items() if name != "tdur"}

    assert script_in_frames([waiting], "tdur") == [0]


def test_only_the_pages_main_thread_counts() -> None:
    named = {"name": "thread_name", "ph": "M", "pid": 1, "tid": 7, "args": {"name": "CrRendererMain"}}
    tasks = [event("RunTask", 0, 60, own_ms=9), event("RunTask", 100, 20, 15), event("RunTask", 0, 900, thread=8)]
    frame = event("FireAnimationFrame", 101, 5, own_ms=3)

    found = main_thread(json.dumps({"traceEvents": [named, *tasks, frame]}).encode())

    assert found == ([5], [3], 60, 1, 15, 0)


def test_a_long_task_is_the_pages_own_only_as_far_as_it_had_a_core() -> None:
    named = {"name": "thread_name", "ph": "M", "pid": 1, "tid": 7, "args": {"name": "CrRendererMain"}}
    frames = [event("FireAnimationFrame", 1, 5, own_ms=3)]
    busy, waiting = event("RunTask", 0, 60, own_ms=55), event("RunTask", 100, 90, own_ms=12)

    found = main_thread(json.dumps({"traceEvents": [named, *frames, busy, waiting]}).encode())

    assert (found.long_tasks, found.own_long_tasks) == (2, 1)
