"""What becomes of a server whose helper processes die, hang or are left alone: the whole program, as users run it."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.server_process import ENDLESS, described, family, served, start_owned, start_racing
from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


@pytest.fixture
def serve(few_idx_files: Path, tmp_path: Path):
    @contextmanager
    def serve(**settings: str) -> Iterator[tuple[subprocess.Popen, str]]:
        temporary = tmp_path / "temporary"
        temporary.mkdir(exist_ok=True)
        with served(few_idx_files, tmp_path, TMPDIR=str(temporary), MAX_RUNNING="1", **settings) as server:
            yield server

    return serve


def fork_server(process: subprocess.Popen) -> psutil.Process:
    (child,) = psutil.Process(process.pid).children()
    return child


def get(address: str, path: str) -> dict:
    return httpx.get(f"{address}{path}", timeout=TIMEOUT_S).json()


def lanes(address: str, run_id: str) -> list[dict]:
    return described(address, run_id)["lanes"]


def steps(address: str, run_id: str) -> list[int]:
    return [lane["steps"] for lane in lanes(address, run_id)]


def test_with_its_fork_server_killed_a_race_pauses_and_stops_and_the_next_one_starts(serve):
    with serve() as (process, address):
        run_id, owner = start_owned(address)
        waiting = httpx.post(f"{address}/api/runs", json=ENDLESS, timeout=TIMEOUT_S).json()["id"]
        helper = fork_server(process)
        helper.kill()
        until(lambda: not helper.is_running(), "it has been replaced or at least taken note of")

        with httpx.Client(base_url=f"{address}/api/runs/{run_id}", headers=owner, timeout=TIMEOUT_S) as run:
            assert run.post("/pause").status_code == 202
            # A lane answers this behind the pause.
            for lane in range(3):
                run.put(f"/lanes/{lane}/learning-rate", json={"learning_rate": 0.02})
            until(lambda: all(each["learning_rate"] == 0.02 for each in lanes(address, run_id)), "all lanes answer")
            paused = steps(address, run_id)
            assert run.post("/step").status_code == 202
            until(lambda: steps(address, run_id) == [count + 1 for count in paused], "each lane has made one step")
            assert run.post("/stop").status_code == 202
            until(lambda: get(address, f"/api/runs/{run_id}")["status"] == "stopped", "the run ends")

        until(lambda: all(steps(address, waiting)), "the next run trains")
        assert get(address, "/readyz") == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in process.communicate(timeout=TIMEOUT_S)[1]


def test_sigterm_ends_a_server_in_time_whose_helpers_are_all_stopped(serve):
    with serve() as (process, address):
        start_racing(address)
        helpers = family(process)
        for helper in helpers:
            helper.suspend()
        process.send_signal(signal.SIGTERM)

        # What it waits for, and how long at most, is in `test_drain`.
        assert process.wait(timeout=TIMEOUT_S) == 0
        assert psutil.wait_procs(helpers, timeout=TIMEOUT_S)[1] == []


def test_a_killed_server_leaves_no_process_and_no_file(serve, tmp_path):
    with serve() as (process, address):
        start_racing(address)
        helpers = family(process)
        process.kill()
        process.wait()

        assert helpers
        assert psutil.wait_procs(helpers, timeout=TIMEOUT_S)[1] == []
        assert list((tmp_path / "temporary").iterdir()) == []


def test_a_signal_to_all_its_processes_ends_a_server_as_one_to_itself(serve, sqlite_url):
    """As service managers send it: the lanes are interrupted and not failed."""
    database = {"DATABASE_URL": sqlite_url}
    with serve(**database) as (process, address):
        run_id = start_racing(address)
        for each in [*family(process), process]:
            each.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT_S) == 0
    with serve(**database) as (_, address):
        assert {lane["status"] for lane in lanes(address, run_id)} == {"interrupted"}
