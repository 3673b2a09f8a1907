"""What an operator's graphs are drawn from: the server's counts, as Prometheus reads them."""

import asyncio
import time
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path

import httpx
import numpy as np
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from app.engine.inline import InlineEngine
from app.events import Frame
from app.histogram import Histogram
from app.main import create_app
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from app.web.downloads import SHARE
from tests.server_process import served, workers
from tests.waiting import POLL_S, TIMEOUT_S, until_async
from tests.web.conftest import serving
from tests.web.viewer import Viewer

SHORT = {"epochs": 3, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def read(http: httpx.AsyncClient) -> dict[str, float]:
    """Each sample by its name and its labels' values, `runs{queued}`; without the common beginning."""
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {sample.name.removeprefix("playground_") + _labels(sample): sample.value for sample in samples}


def _labels(sample: Sample) -> str:
    return f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""


async def test_an_idle_server_says_that_it_is_ready_and_that_nothing_happens(http):
    told = await read(http)

    assert told["ready"] == 1
    for name in (
        "queue_runs",
        "viewers",
        "steps_total",
        "runs{running}",
        "runs_ended_total{finished}",
        "start_seconds_count",
    ):
        assert told[name] == 0, name
    assert told["process_resident_memory_bytes"] > 0


async def test_a_watched_race_is_counted(http, address):
    began = time.monotonic()
    run_id = (await http.post("/api/runs?pace=0.5", json=SHORT)).json()["id"]
    viewer = Viewer(address, run_id)
    async with viewer.connect() as socket:
        # It is there long before the last batch.
        await viewer.receive(socket)
        await http.put(f"/api/runs/{run_id}/pace", json={"batches_per_s": None})
        while await viewer.receive(socket):
            pass

    # What is counted at the end of a run's task follows a moment after its end was sent.
    async def read_to_the_end() -> dict[str, float]:
        while not (told := await read(http))["runs_ended_total{finished}"]:
            pass
        return told

    told = await read_to_the_end()
    assert told["runs_started_total"] == 1
    assert told["steps_total"] == 3 * 93
    assert told["start_seconds_count"] == told["start_seconds_bucket{+Inf}"] == 1
    assert told["frame_age_seconds_count"] > 0
    # None of them was older than the race.
    assert 0 < told["frame_age_seconds_sum"] < told["frame_age_seconds_count"] * (time.monotonic() - began)
    assert told["frame_age_seconds_bucket{+Inf}"] == told["frame_age_seconds_count"]


async def test_what_happens_now_is_counted_now(http, address):
    racing, queued, _ = [(await http.post("/api/runs", json=ENDLESS)).json()["id"] for _ in range(3)]
    refused = await http.post("/api/runs", json=ENDLESS)
    await http.post(f"/api/runs/{racing}/pause")
    viewer = Viewer(address, queued)
    async with viewer.connect() as socket:
        await viewer.receive(socket)
        told = await read(http)

    assert refused.status_code == 503
    assert (told["runs{paused}"], told["runs{queued}"], told["queue_runs"]) == (1, 2, 2)
    assert told["starts_refused_total{too_many_runs}"] == 1
    assert told["viewers"] == 1
    assert (told["limit{max_running}"], told["limit{max_queued}"]) == (1, 2)
    assert told[f"info{{{version('optimizer-playground')}}}"] == 1


async def test_what_a_run_has_waited_for_its_turn_is_counted_when_that_comes(http):
    racing, queued = [(await http.post("/api/runs", json=ENDLESS)).json()["id"] for _ in range(2)]
    before = await read(http)
    await http.post(f"/api/runs/{racing}/stop")

    async def read_when_it_races() -> dict[str, float]:
        while (told := await read(http))["runs_started_total"] < 2:
            pass
        return told

    told = await read_when_it_races()
    await http.post(f"/api/runs/{queued}/stop")

    assert (before["queue_seconds_count"], before["queue_seconds_sum"]) == (1, 0)
    assert told["queue_seconds_count"] == 2
    assert told["queue_seconds_sum"] > 0


async def test_temporarily_refused_requests_are_counted_by_reason(http, app):
    run_id = (await http.post("/api/runs?paused=true", json=ENDLESS)).json()["id"]
    # Far more than fits into the buffers between the server and a client that does not read.
    app.state.manager.get(run_id).apply(Frame(0, 1, *np.ones((3, 500_000), np.float32)))
    file = f"/api/runs/{run_id}/export.csv"
    async with AsyncExitStack() as on_the_way:
        for _ in range(SHARE):
            await on_the_way.enter_async_context(http.stream("GET", file))
        refused = await http.get(file)

    assert refused.status_code == 429
    assert (await read(http))["requests_refused_total{too_many}"] == 1


async def test_workers_that_are_replaced_are_counted(few_idx_files: Path, tmp_path: Path):
    with served(few_idx_files, tmp_path) as (process, address):
        async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT_S) as http:
            assert (await read(http))["workers_replaced_total"] == 0
            workers(process)[0].kill()

            async with asyncio.timeout(TIMEOUT_S):
                while not (await read(http))["workers_replaced_total"]:
                    await asyncio.sleep(POLL_S)


def test_a_histogram_counts_by_upper_bounds():
    histogram = Histogram(1, 2)

    for value in (0.5, 1, 1.5, 3):
        histogram.observe(value)

    assert (histogram.counts, histogram.sum) == ([2, 1, 1], 6)


async def test_viewers_that_there_is_no_room_for_are_counted(few_digits: Dataset):
    app = create_app(Settings(max_viewers=1), InlineEngine(few_digits), few_digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        run_id = (await http.post("/api/runs", json=ENDLESS)).json()["id"]
        async with Viewer(address, run_id).connect() as first:
            await first.recv()
            refused = await Viewer(address, run_id).watch()
            told = await read(http)

    assert refused.close_code == 1013
    assert (told["viewers"], told["viewers_refused_total{too_many_viewers}"]) == (1, 1)


async def test_a_database_that_fails_is_counted(few_digits: Dataset, tmp_path: Path):
    folder = tmp_path / "no folder"
    folder.write_text("but a file")
    store = Store.of(Settings(runs_dir=folder), few_digits)
    async with (
        serving(create_app(Settings(), InlineEngine(few_digits), few_digits, store)) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http,
    ):
        await until_async(lambda: store.errors, "the store has failed to open")
        assert (await read(http))["store_errors_total"] > 0
