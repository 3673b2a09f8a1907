"""A server that gets no more memory says so, and gives what needs none."""

import os
import resource
import subprocess
import sys

import httpx
import psutil
import pytest

from tests.server_process import served, start_owned
from tests.test_package import ROOT
from tests.waiting import TIMEOUT_S, until


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can take memory from another process")
@pytest.mark.slow
def test_a_request_without_enough_memory_is_refused_and_succeeds_once_there_is_enough(few_idx_files, tmp_path):
    with (
        served(few_idx_files, tmp_path) as (process, address),
        httpx.Client(base_url=address, timeout=TIMEOUT_S) as http,
    ):
        run_id, key = start_owned(address)
        http.post(f"/api/runs/{run_id}/stop", headers=key)
        until(lambda: http.get(f"/api/runs/{run_id}").json()["status"] == "stopped", "the run is over")
        # The code that draws is loaded at the first request for a card.
        card_of_it, file_of_it = f"/runs/{run_id}/card.png", f"/api/runs/{run_id}/export.parquet"
        file = http.get(file_of_it)
        before = resource.prlimit(process.pid, resource.RLIMIT_AS)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (psutil.Process(process.pid).memory_info().vms, before[1]))
        # A file is compressed already; whether there is room to do it once more depends on what was freed before.
        refused, whole = http.get(card_of_it), http.get(file_of_it, headers={"Accept-Encoding": "identity"})
        resource.prlimit(process.pid, resource.RLIMIT_AS, before)
        card = http.get(card_of_it)
        process.terminate()
        _, log = process.communicate(timeout=TIMEOUT_S)

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "out_of_memory")
    assert "too little memory" in refused.json()["error"]["message"]
    assert int(refused.headers["Retry-After"]) > 0
    assert (whole.status_code, whole.content) == (200, file.content)
    assert (card.status_code, card.content[:4]) == (200, b"\x89PNG")
    assert log.count("too little memory") == 1
    assert "Traceback" not in log


# Each in a process of its own, in which nothing that draws is loaded yet; the number is of bytes that are free.
DRAW_TWICE = """
import os, resource, sys
import psutil
from app.report.social_card import draw_card
from app.report.story import story
from tests.runs.recorded import RECORDED

run = next(each for each in RECORDED if each.name == "default-finished")

def draw():
    try:
        draw_card(run.run, run.evaluations, story(run.run, run.evaluations, run.pushes))
    except Exception as problem:
        return type(problem).__name__
    return "drawn"

for free in map(int, sys.argv[1:]):
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + free, resource.RLIM_INFINITY))
        first = draw()
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(first, draw(), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process so")
@pytest.mark.slow
def test_what_draws_and_could_not_be_loaded_is_loaded_once_there_is_memory():
    free = [str(2**20 * half // 2) for half in (1, 6, 24)]
    told = subprocess.run(
        [sys.executable, "-c", DRAW_TWICE, *free],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )

    outcomes = [line.split() for line in told.stdout.splitlines()]
    assert len(outcomes) == 3, told.stderr
    assert outcomes == [["MemoryError", "drawn"]] * 3
