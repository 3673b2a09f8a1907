"""A whole server over other digits than MNIST: every answer about a run of theirs."""

import io
import json
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.training.dataset import Dataset
from tests.owner import keeping_keys
from tests.training.generated import dataset_of
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving
from tests.web.pages.test_pages import bootstrap
from tests.web.viewer import Viewer

DATA = {
    "all pixels live": dataset_of(live=784, test=257),
    "blank, one class": dataset_of(live=0, test=7, classes=1),
    "one digit": dataset_of(live=1, train=1, test=1, classes=1),
}


@pytest.fixture(params=DATA)
async def raced(request: pytest.FixtureRequest) -> AsyncIterator[tuple[httpx.AsyncClient, str, Dataset]]:
    """A client of a server over these digits, the id of a run that has finished there, and the digits."""
    dataset = DATA[request.param]
    app = create_app(Settings(max_running=1), InlineEngine(dataset), dataset)
    async with (
        serving(app) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S, event_hooks=keeping_keys()) as http,
    ):
        batch_size = len(dataset.train_labels)
        answer = await http.post("/api/runs", json={"epochs": 3, "batch_size": batch_size, "hidden": [16]})
        run_id = answer.json()["id"]
        await Viewer(address, run_id).watch()
        yield http, run_id, dataset


async def test_everything_about_a_run_on_any_digits_is_answered(raced) -> None:
    http, run_id, dataset = raced
    run = (await http.get(f"/api/runs/{run_id}")).json()
    test = len(dataset.test_labels)

    assert [(lane["status"], lane["steps"]) for lane in run["lanes"]] == [("finished", 3)] * 3
    assert len(run["hard_digits"]) == min(10, test)
    csv = (await http.get(f"/api/runs/{run_id}/export.csv")).text
    assert len(csv.splitlines()) == 1 + 3 * 3
    parquet = await http.get(f"/api/runs/{run_id}/export.parquet?table=evaluations")
    assert pq.read_table(io.BytesIO(parquet.content)).num_rows >= 3 * 2
    weights = (await http.get(f"/api/runs/{run_id}/weights")).json()["lanes"]
    assert [len(lane["units"]) for lane in weights] == [6] * 3
    matrix = np.array((await http.get(f"/api/runs/{run_id}/lanes/2/confusion")).json()["matrix"])
    assert matrix.sum(axis=1).tolist() == np.bincount(dataset.test_labels, minlength=10).tolist()
    label, answer = np.unravel_index(matrix.argmax(), matrix.shape)
    confused = (await http.get(f"/api/runs/{run_id}/lanes/2/confusion/{label}/{answer}")).json()["digits"]
    assert len(confused) == min(60, matrix.max())
    predicted = (await http.post(f"/api/runs/{run_id}/predict", content=bytes(784))).json()["lanes"]
    assert [sum(lane["probabilities"]) for lane in predicted] == pytest.approx([1] * 3)
    card = await http.get(f"/runs/{run_id}/card.png")
    assert (card.status_code, card.headers["content-type"]) == (200, "image/png")
    for page in (f"/runs/{run_id}", f"/embed/{run_id}", f"/api/digits/{test - 1}", f"/api/runs/{run_id}/command"):
        assert (await http.get(page)).status_code == 200, page


async def test_the_front_page_offers_digits_that_are_there_and_no_race_on_others(raced) -> None:
    http, _, dataset = raced
    page = bootstrap((await http.get("/")).text)

    labels = [example["label"] for example in page["dataset"]["examples"]]
    assert len(labels) == min(5, len(set(dataset.test_labels.tolist())))
    assert set(labels) <= set(dataset.test_labels.tolist())
    assert page["recorded"] is None
    json.dumps(page, allow_nan=False)


async def test_a_batch_larger_than_the_data_is_refused_with_what_there_is(raced) -> None:
    http, _, dataset = raced
    count = len(dataset.train_labels)
    answer = await http.post("/api/runs", json={"batch_size": count + 1})

    assert answer.status_code == 422
    told = f"batch_size should be at most {count}, the number of training digits; got {count + 1}."
    assert answer.json()["error"]["message"] == told
