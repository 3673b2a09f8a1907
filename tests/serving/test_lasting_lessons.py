"""A server that is killed loses no vote that it has answered: the next one holds the same lesson."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.server_process import described, served
from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


def browser(number: int) -> dict[str, str]:
    return {"X-Browser": f"browser-{number:04}"}


class Class:
    """A lesson, and the browsers that request it from the current server."""

    def __init__(self, address: str) -> None:
        started = httpx.post(f"{address}/api/lessons", json={"experiment": "pulls-ahead"}, timeout=TIMEOUT_S)
        self.id, self.key = started.json()["id"], {"X-Owner-Key": started.headers["X-Owner-Key"]}
        self.choices = [guess["key"] for guess in started.json()["guesses"]]
        self.move(address)

    def move(self, address: str) -> None:
        self.lesson = f"{address}/api/lessons/{self.id}"

    def vote(self, number: int, choice: str) -> httpx.Response:
        return httpx.put(f"{self.lesson}/vote", json={"choice": choice}, headers=browser(number), timeout=TIMEOUT_S)

    def told(self, number: int) -> dict:
        return httpx.get(self.lesson, headers=browser(number), timeout=TIMEOUT_S).json()

    def show(self, shown: bool) -> httpx.Response:
        return httpx.put(f"{self.lesson}/votes-shown", json={"shown": shown}, headers=self.key, timeout=TIMEOUT_S)

    def reveal(self, run_id: str) -> httpx.Response:
        result = {"kind": "run", "id": run_id}
        return httpx.post(f"{self.lesson}/reveal", json=result, headers=self.key, timeout=TIMEOUT_S)


def run_over(address: str) -> str:
    """The id of a race that is over and saved."""
    run_id = httpx.post(f"{address}/api/runs", json={"hidden": [1]}, timeout=TIMEOUT_S).json()["id"]

    def over() -> bool:
        run = described(address, run_id)
        return run["status"] == "finished" and run["saved"]

    until(over, "it is over")
    return run_id


def test_a_lesson_outlives_its_server_with_every_vote_that_was_answered(few_idx_files: Path, tmp_path, database_url):
    where = {"DATABASE_URL": database_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        course = Class(address)
        first, second, *_ = course.choices
        assert [course.vote(number, first).status_code for number in range(3)] == [200] * 3
        assert course.vote(0, second).status_code == 200
        process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (process, address):
        course.move(address)
        told = described(address, course.id, "lessons")
        assert (told["status"], told["voters"], told["votes"]) == ("voting", 3, None)
        assert [course.told(number)["own_vote"] for number in range(4)] == [second, first, first, None]
        # The second vote of a browser is still one.
        assert course.vote(1, second).json()["voters"] == 3
        assert course.show(True).json()["votes"] == {**dict.fromkeys(course.choices, 0), first: 1, second: 2}
        process.kill()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (process, address):
        course.move(address)
        assert described(address, course.id, "lessons")["votes"][second] == 2
        assert course.show(False).json()["votes"] is None
        revealed = course.reveal(run_over(address)).json()
        assert revealed["status"] == "revealed"
        process.terminate()
        process.wait()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        course.move(address)
        told = described(address, course.id, "lessons")
        assert (told["status"], told["votes"][first], told["votes"][second]) == ("revealed", 1, 2)
        assert (told["result"], told["outcome"], told["right"]) == tuple(
            revealed[name] for name in ("result", "outcome", "right")
        )
        assert course.vote(3, first).json()["error"]["code"] == "voting_closed"


def test_only_digests_of_voters_and_teachers_are_stored(few_idx_files: Path, tmp_path, sqlite_url):
    with served(few_idx_files, tmp_path, DATABASE_URL=sqlite_url) as (_, address):
        course = Class(address)
        course.vote(1, course.choices[0])
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
            rows = [*connection.execute("SELECT * FROM lessons"), *connection.execute("SELECT * FROM votes")]

    assert [row[0] for row in rows] == [course.id, course.id]
    assert not [text for text in map(str, rows) if "127.0.0.1" in text or "browser" in text]
    assert not [text for text in map(str, rows) if course.key["X-Owner-Key"] in text]
