"""A run's numbers as files, over a real socket."""

import asyncio
import csv
import gc
import io
import json
import sys
import time
from types import GeneratorType

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest

from app.config import RunConfig
from app.events import Frame
from app.report.csv_export import batches_csv, evaluations_csv
from app.runs.history import Kind
from tests.waiting import TIMEOUT_S, until_async

CONFIG = {"epochs": 2, "hidden": [8], "batch_size": 100, "lanes": [{"optimizer": "sgd"}, {"optimizer": "adam"}]}
DIVERGING = {"epochs": 3, "hidden": [256, 256, 256], "lanes": [{"optimizer": "momentum", "learning_rate": 10}]}

# The thread that makes the files, as long as a client reads them.
MAKERS = ("csv_lines", "batch_columns", "joined", "parquet")


@pytest.fixture
async def finished(http: httpx.AsyncClient) -> str:
    return await raced(http, CONFIG)


async def raced(http: httpx.AsyncClient, config: dict) -> str:
    run = (await http.post("/api/runs", json=config)).json()
    async with asyncio.timeout(TIMEOUT_S):
        while run["status"] not in ("finished", "failed"):
            await asyncio.sleep(0.02)
            run = (await http.get(f"/api/runs/{run['id']}")).json()
    return run["id"]


async def test_csv_is_what_the_command_line_writes(http, finished, app) -> None:
    run = app.state.manager.get(finished)

    batches = await http.get(f"/api/runs/{finished}/export.csv?smoothing=0.5")
    evaluations = await http.get(f"/api/runs/{finished}/export.csv?table=evaluations")

    assert batches.text == "".join(batches_csv(run.describe(), run.history.tables(Kind.METRICS), 0.5))
    assert evaluations.text == "".join(evaluations_csv(run.describe(), run.history.tables(Kind.EVALUATIONS)))
    assert batches.headers["content-type"] == "text/csv; charset=utf-8"
    assert batches.headers["content-disposition"] == f'attachment; filename="{finished}-batches.csv"'


async def test_csv_for_a_spreadsheet_with_decimal_commas_has_the_same_numbers(http, finished) -> None:
    for table in ("batches", "evaluations"):
        address = f"/api/runs/{finished}/export.csv?table={table}"
        plain, commas = [
            (await http.get(f"{address}{decimal}")).text for decimal in ("&decimal=point", "&decimal=comma")
        ]
        assert "." not in commas
        read = [[cell.replace(",", ".") for cell in row] for row in csv.reader(io.StringIO(commas), delimiter=";")]
        assert read == list(csv.reader(io.StringIO(plain)))
    assert (await http.get(f"{address}&decimal=semicolon")).status_code == 422


async def test_the_seeds_of_a_series_are_one_file(http, finished) -> None:
    seeds = [finished, *[await raced(http, {**CONFIG, "seed": seed}) for seed in (43, 44)]]
    *earlier, last = seeds
    for table in ("batches", "evaluations"):
        (head, *first), *others = [
            (await http.get(f"/api/runs/{run_id}/export.csv?table={table}&smoothing=0.5")).text.splitlines()
            for run_id in seeds
        ]
        query = f"table={table}&smoothing=0.5&series={','.join(earlier)}"

        answer = await http.get(f"/api/runs/{last}/export.csv?{query}")
        commas = await http.get(f"/api/runs/{last}/export.csv?{query}&decimal=comma")

        assert answer.text.splitlines() == [head, *first, *(line for lines in others for line in lines[1:])]
        assert commas.text == answer.text.replace(",", ";").replace(".", ",")
        assert answer.headers["content-disposition"] == f'attachment; filename="{last}-3-seeds-{table}.csv"'


async def test_a_file_of_several_seeds_is_of_one_race_that_is_there(http, finished) -> None:
    other = await raced(http, {**CONFIG, "seed": 43, "epochs": 1})
    path = f"/api/runs/{finished}/export.csv?series="

    answers = {
        series: await http.get(path + series) for series in (other, "nothing", "", "a,,b", ",".join("abcdefghij"))
    }

    assert answers[other].status_code == 422
    assert f"run {other} is of another race" in answers[other].json()["error"]["message"]
    assert answers["nothing"].json()["error"]["code"] == "not_found"
    for bad in ("", "a,,b", "a,b,c,d,e,f,g,h,i,j"):
        assert answers[bad].status_code == 422
        assert "series" in answers[bad].json()["error"]["message"]


async def test_parquet_has_the_columns_of_the_csv(http, finished) -> None:
    for table in ("batches", "evaluations"):
        csv = (await http.get(f"/api/runs/{finished}/export.csv?table={table}")).text.splitlines()
        answer = await http.get(f"/api/runs/{finished}/export.parquet?table={table}")
        read = pq.read_table(io.BytesIO(answer.content))

        assert read.column_names == csv[0].split(",")
        assert read.num_rows == len(csv) - 1
        for column, cells in zip(read.columns, zip(*(line.split(",") for line in csv[1:]), strict=True), strict=True):
            if column.type == "string":
                assert column.to_pylist() == list(cells)
            else:
                np.testing.assert_allclose(column.to_pylist(), [float(cell) for cell in cells], rtol=1e-5, atol=5e-6)


async def test_json_has_the_run_both_tables_and_the_command(http, finished) -> None:
    told = (await http.get(f"/api/runs/{finished}/export.json")).json()
    csv = (await http.get(f"/api/runs/{finished}/export.csv")).text.splitlines()

    assert told["run"]["id"] == finished
    assert RunConfig.of(told["run"]["config"]) == RunConfig.of(CONFIG)
    assert told["command"].startswith("playground race --batch-size 100 --epochs 2 --hidden 8")
    assert told["smoothing"] == 0.95
    assert {(piece["seed"], piece["name"]) for piece in told["batches"]} == {(42, "SGD"), (42, "Adam")}
    losses = [loss for piece in told["batches"] for loss in piece["smoothed_loss"]]
    assert [f"{loss:.4f}" for loss in losses] == [f"{float(line.split(',')[11]):.4f}" for line in csv[1:]]
    assert [piece["lane"] for piece in told["evaluations"]] == [0, 1]


async def test_parquet_needs_no_library_of_its_own(http, finished, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert (await http.get(f"/api/runs/{finished}/export.parquet")).status_code == 200


async def test_what_is_not_finite_is_null_in_json(http) -> None:
    run_id = await raced(http, DIVERGING)

    text = (await http.get(f"/api/runs/{run_id}/export.json")).text

    told = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert None in [loss for piece in told["evaluations"] for loss in piece["test_loss"]]


async def test_a_run_that_has_not_begun_has_tables_without_rows(http) -> None:
    endless = {"epochs": 100, "batch_size": 1, "hidden": [4]}
    first = (await http.post("/api/runs", json=endless)).json()["id"]
    queued = (await http.post("/api/runs", json=endless)).json()["id"]

    parquet = pq.read_table(io.BytesIO((await http.get(f"/api/runs/{queued}/export.parquet")).content))
    told = (await http.get(f"/api/runs/{queued}/export.json")).json()

    assert (parquet.num_rows, told["batches"]) == (0, [])
    for run_id in (queued, first):
        await http.post(f"/api/runs/{run_id}/stop")


async def test_changes_in_flight_are_said_not_to_be_in_the_command(http, app) -> None:
    run_id = (await http.post("/api/runs", json={"epochs": 100, "batch_size": 1, "hidden": [4]})).json()["id"]
    run = app.state.manager.get(run_id)
    assert (await http.get(f"/api/runs/{run_id}/command")).json()["note"] is None

    await http.put(f"/api/runs/{run_id}/lanes/0/learning-rate", json={"learning_rate": 0.5})
    await until_async(lambda: run.lanes[0].learning_rate_changes, "the lane has the new learning rate")

    assert "which a command cannot repeat" in (await http.get(f"/api/runs/{run_id}/command")).json()["note"]
    await http.post(f"/api/runs/{run_id}/stop")


async def longest_pause(of: asyncio.Future) -> float:
    """The CPU seconds for which the event loop kept its other tasks waiting until it is done."""
    longest, last = 0.0, time.process_time()
    while not of.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.process_time() - last), time.process_time()
    return longest


@pytest.mark.parametrize("name", ["export.csv", "export.json", "export.parquet"])
@pytest.mark.slow
async def test_a_long_run_is_made_piece_by_piece_and_not_for_one_who_left(http, app, name) -> None:
    endless = {"epochs": 100, "batch_size": 1, "hidden": [4], "lanes": [{"optimizer": "sgd"}]}
    run_id = (await http.post("/api/runs?paused=true", json=endless)).json()["id"]
    app.state.manager.get(run_id).apply(Frame(0, 1, *np.ones((3, 4_000_000), np.float32)))

    async def read_the_beginning() -> None:
        async with http.stream("GET", f"/api/runs/{run_id}/{name}") as answer:
            size = 0
            async for piece in answer.aiter_raw():
                size += len(piece)
                if size > 50_000:
                    return

    beginning = asyncio.ensure_future(read_the_beginning())
    pause = await longest_pause(beginning)

    await beginning
    assert pause < 0.5

    def still_made() -> bool:
        gc.collect()
        return any(isinstance(each, GeneratorType) and each.__name__ in MAKERS for each in gc.get_objects())

    await until_async(lambda: not still_made(), "nothing is made any more")
    await http.post(f"/api/runs/{run_id}/stop")


@pytest.mark.parametrize("query", ["smoothing=1", "smoothing=-0.1", "smoothing=nan", "smoothing=x", "table=weights"])
async def test_invalid_export_options_are_refused(http, finished, query) -> None:
    answer = await http.get(f"/api/runs/{finished}/export.csv?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["export.csv", "export.json", "export.parquet", "command"])
async def test_an_unknown_run_is_reported(http, name) -> None:
    answer = await http.get(f"/api/runs/nothing/{name}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
