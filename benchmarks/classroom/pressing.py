"""A class behind one address whose students press play within half a minute: what each sees, and when.

`make classroom` runs it on a real server with CLASSROOM set and nothing else. Each student is a thread with a browser
id of its own, asks for what the page asks for, and watches through real sockets until its race is over, for five
minutes at most.
"""

import contextlib
import json
import random
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.config import RunConfig
from app.errors import PlaygroundError
from app.settings import Settings
from benchmarks.stages import Stages
from benchmarks.start import served
from benchmarks.tables import new_table

STUDENTS = 60
PRESSING_S = SEEN_WITHIN_S = 30.0
# One student in so many changes a setting before pressing play.
CHANGED_EVERY = 5
GIVE_UP_S = 300.0
TEACHER_KEY = "the-teacher-of-this-trial"


class Student(NamedTuple):
    """Who presses play, when, and with which settings; the teacher has the key that goes first."""

    name: str
    at_s: float
    config: dict[str, Any]
    teacher: bool = False
    pauses: bool = False


class Seen(NamedTuple):
    """What became of a press: the refusals before it was answered, and seconds until there were curves on the page."""

    student: Student
    answer: str
    refusals: list[str]
    seen_s: float
    own_s: float | None


def students(
    count: int, changed_every: int = 0, within_s: float = PRESSING_S, race: RunConfig | None = None
) -> list[Student]:
    """A class: one in `changed_every` has a seed of its own, the first of them pauses; in the middle, the teacher."""
    times = random.Random(0)
    config = (race or RunConfig()).model_dump()
    chosen = [config | ({"seed": n} if changed_every and n % changed_every == 0 else {}) for n in range(count)]
    ready = [Student(f"student-{n:04d}", times.uniform(0, within_s), each) for n, each in enumerate(chosen)]
    if changed_every:
        ready[0] = ready[0]._replace(pauses=True, at_s=0.0)
        ready.append(Student("teacher-0000", within_s / 2, config | {"seed": count}, teacher=True))
    return ready


def measure_classroom(settings: Settings, ready: list[Student], **limits: object) -> list[Seen]:
    """All press play on a server for a class, with these limits beside its defaults, each at its time."""
    with (
        served(settings, settings.cache_dir, {"classroom": len(ready), "teacher_key": TEACHER_KEY, **limits}) as (
            _,
            _,
            where,
        ),
        ThreadPoolExecutor(len(ready)) as pool,
    ):
        began = time.monotonic()
        return list(pool.map(lambda student: _Press(where, student).watch(began), ready))


class _Press:
    """One student at a page."""

    def __init__(self, where: str, student: Student) -> None:
        self._where = where
        self._student = student
        self._seen_s: float | None = None
        self._own_s: float | None = None

    def watch(self, began: float) -> Seen:
        """Press play at the time, again after each refusal, and watch until it is over."""
        time.sleep(max(0.0, began + self._student.at_s - time.monotonic()))
        self._pressed = time.monotonic()
        refusals = []
        while True:
            status, run, retry_s, key = self._ask("/api/runs", self._student.config)
            if status < 400:
                break
            refusals.append(run["error"]["code"])
            if self._late:
                raise PlaygroundError(
                    f"{self._student.name} was refused for {GIVE_UP_S:.0f} s: {run['error']['message']}"
                )
            time.sleep(retry_s)
        answer = "the class's race" if status == 200 else f"own race, {run['status']}"
        # It is closed when the race is over.
        with contextlib.suppress(ConnectionClosed):
            self._follow(run["id"], key)
        if self._seen_s is None:
            raise PlaygroundError(f"{self._student.name} has seen nothing of run {run['id']}.")
        return Seen(self._student, answer, refusals, self._seen_s, self._own_s)

    def _follow(self, run_id: str, key: str | None) -> None:
        with connect(self._stream(run_id), max_size=None) as socket:
            while not self._late:
                message = socket.recv(timeout=GIVE_UP_S)
                if isinstance(message, bytes):
                    self._see()
                    if self._own_s is None and key:
                        self._own_s = time.monotonic() - self._pressed
                        if self._student.pauses:
                            self._ask(f"/api/runs/{run_id}/pause", None, key)
                elif self._seen_s is None and (meanwhile := json.loads(message).get("run", {}).get("meanwhile")):
                    self._glance(meanwhile)

    def _glance(self, run_id: str) -> None:
        """What the page shows while its own race waits."""
        with connect(self._stream(run_id), max_size=None) as socket:
            while not isinstance(socket.recv(timeout=GIVE_UP_S), bytes):
                pass
        self._see()

    def _see(self) -> None:
        if self._seen_s is None:
            self._seen_s = time.monotonic() - self._pressed

    def _stream(self, run_id: str) -> str:
        return f"ws://{self._where}/api/runs/{run_id}/stream?browser={self._student.name}"

    def _ask(self, path: str, body: object, key: str | None = None) -> tuple[int, dict[str, Any], float, str | None]:
        headers = {"Content-Type": "application/json", "X-Browser": self._student.name}
        headers |= {"X-Teacher-Key": TEACHER_KEY} if self._student.teacher else {}
        http = HTTPConnection(self._where, timeout=GIVE_UP_S)
        try:
            http.request("POST", path, json.dumps(body), headers | ({"X-Owner-Key": key} if key else {}))
            answer = http.getresponse()
            retry_s = float(answer.headers["Retry-After"] or 1)
            return answer.status, json.loads(answer.read()), retry_s, answer.headers["X-Owner-Key"]
        finally:
            http.close()

    @property
    def _late(self) -> bool:
        return time.monotonic() - self._pressed > GIVE_UP_S


def table(title: str, seen: list[Seen]) -> Table:
    rows = new_table(title, "", "")
    for answer, count in sorted(Counter(each.answer for each in seen).items()):
        rows.add_row(f"answered: {answer}", f"{count}")
    rows.add_row("refusals", f"{sum(len(each.refusals) for each in seen)}")
    rows.add_row("curves on the page after, median", f"{statistics.median(each.seen_s for each in seen):.1f} s")
    rows.add_row("the last", f"{max(each.seen_s for each in seen):.1f} s (at most {SEEN_WITHIN_S:.0f})")
    own = [each.own_s for each in seen if each.own_s is not None and not each.student.teacher]
    if own:
        rows.add_row("their own race after, median", f"{statistics.median(own):.1f} s")
        rows.add_row("the last", f"{max(own):.1f} s")
    if late := sum(each.own_s is None and each.answer.startswith("own") for each in seen):
        rows.add_row(f"their own race not within {GIVE_UP_S:.0f} s", f"{late}")
    for each in seen:
        if each.student.teacher and each.own_s is not None:
            rows.add_row("the teacher's own race after", f"{each.own_s:.1f} s")
    return rows


def well(seen: list[Seen]) -> bool:
    """Whether everyone saw curves in time and no one was refused."""
    return all(each.seen_s <= SEEN_WITHIN_S and not each.refusals for each in seen)


def classroom(settings: Settings, count: int = STUDENTS) -> bool:
    """Measures, prints, and says whether it is enough."""
    console, enough = Console(), True
    with Stages(console) as stages:
        for title, ready in (
            (f"{count} students press play with the same settings", students(count)),
            (f"{count} students, one in {CHANGED_EVERY} with a seed of their own", students(count, CHANGED_EVERY)),
        ):
            stages.begin(title)
            seen = measure_classroom(settings, ready)
            console.print(table(title, seen))
            enough = enough and well(seen)
    return enough
