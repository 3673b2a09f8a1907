"""Queued runs start visitor by visitor, and unwatched ones after all others."""

import numpy as np

from app.config import RunConfig
from app.runs.run import Run
from app.scheduling.fair_queue import FairQueue


class Line:
    """A queue with runs by name: `a1` is the first of visitor a."""

    def __init__(self) -> None:
        self.unwatched: set[str] = set()
        self.queue = FairQueue(lambda run: run.id in self.unwatched)
        self.runs: dict[str, Run] = {}

    def come(self, *names: str, priority: bool = False) -> None:
        for name in names:
            self.runs[name] = Run(name, RunConfig(), np.zeros(5, np.uint8), per_epoch=1)
            self.queue.add(self.runs[name], name[0], paused=False, priority=priority)

    def start(self) -> str:
        return self.queue.start().run.id

    @property
    def order(self) -> list[str]:
        return [entry.run.id for entry in self.queue.ordered()]


def test_three_runs_of_one_visitor_do_not_make_the_next_wait_for_all_of_them():
    line = Line()
    line.come("a1", "a2", "a3")
    assert line.start() == "a1"
    line.come("b1", "c1", "b2")

    assert line.order == ["b1", "c1", "a2", "b2", "a3"]


def test_who_has_started_one_is_behind_those_who_wait_for_their_first():
    line = Line()
    line.come("a1", "b1", "c1")
    assert line.start() == "a1"
    line.queue.end(line.runs["a1"])
    line.come("a2")

    assert line.order == ["b1", "c1", "a2"]


def test_the_order_does_not_change_by_what_starts():
    line = Line()
    line.come("a1", "a2", "a3", "b1", "b2", "c1")
    foretold = line.order
    started = []
    while line.order:
        started.append(line.start())
        line.queue.end(line.runs[started[-1]])

    assert started == foretold == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_runs_that_no_one_watches_are_passed_over_until_someone_does():
    line = Line()
    line.come("a1", "b1", "c1")
    line.unwatched = {"a1"}
    assert line.order == ["b1", "c1", "a1"]
    line.unwatched = set()
    assert line.order == ["a1", "b1", "c1"]


def test_priority_goes_first_and_is_counted_like_any_other():
    line = Line()
    line.come("a1", "b1")
    line.come("t1", "t2", priority=True)
    line.come("c1")

    assert line.order == ["t1", "t2", "a1", "b1", "c1"]


def test_who_is_before_a_newcomer_is_who_would_be():
    line = Line()
    line.come("a1", "a2", "b1")
    line.start()
    line.come("d1", priority=True)
    line.unwatched = {"b1"}

    for visitor, priority in (("a", False), ("b", False), ("c", False), ("d", False), ("c", True)):
        told = [entry.run.id for entry in line.queue.before(visitor, priority)]
        name = f"{visitor}9"
        line.come(name, priority=priority)
        assert told == line.order[: line.order.index(name)], name
        line.queue.remove(line.runs[name])


def test_only_what_races_and_waits_counts():
    line = Line()
    line.come("a1", "a2", "b1")
    line.start()
    for name in ("a2", "b1"):
        line.queue.remove(line.runs[name])
    line.queue.end(line.runs["a1"])
    line.come("b2", "a3")

    assert line.order == ["b2", "a3"]
