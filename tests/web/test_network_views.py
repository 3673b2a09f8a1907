"""The pictures of why, over HTTP: while lanes train, after, and when there is nothing to show."""

import base64

import httpx
import numpy as np
import pytest

from app.config import RunConfig
from app.engine.inline import InlineEngine
from app.events import Evaluation, Parameters, RunStarted
from app.main import create_app
from app.runs.run import Run
from app.settings import Settings
from app.training.dataset import Dataset
from app.training.network import Network, as_pixels
from app.training.trainer import train
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving
from tests.web.viewer import Viewer

SHORT = {"epochs": 1, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
PICTURES = ["POST predict", "GET weights", "GET lanes/1/confusion", "GET lanes/1/confusion/3/5"]


async def start(http: httpx.AsyncClient, config: dict) -> str:
    return (await http.post("/api/runs", json=config)).json()["id"]


async def finished(http: httpx.AsyncClient, address: str, config: dict) -> str:
    run_id = await start(http, config)
    await Viewer(address, run_id, len(config.get("lanes", "abc"))).watch()
    return run_id


async def ask(http: httpx.AsyncClient, run_id: str, picture: str, ink: bytes = bytes(784)) -> httpx.Response:
    method, path = picture.split()
    return await http.request(method, f"/api/runs/{run_id}/{path}", content=ink if method == "POST" else None)


def softmax(z: np.ndarray) -> np.ndarray:
    p = np.exp(z - z.max())
    return p / p.sum()


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
async def test_predict_equals_the_softmax_of_the_trained_networks(http, address, few_digits, activation):
    config = {**SHORT, "activation": activation}
    run_id = await finished(http, address, config)
    lanes = (await ask(http, run_id, "POST predict", few_digits.test_images[7].tobytes())).json()["lanes"]

    for lane, told in enumerate(lanes):
        *_, last = (e for e in train(few_digits, RunConfig.of(config), lane) if isinstance(e, Parameters))
        network = Network.of(last.theta, [16], activation)
        assert told["step"] == last.step == 31
        np.testing.assert_allclose(
            told["probabilities"], softmax(network.scores(as_pixels(few_digits.test_images[7:8]))[0]), rtol=1e-5
        )
    assert len({str(told) for told in lanes}) == 3


async def test_predict_answers_while_lanes_train_and_follows_them(http, address, few_digits):
    run_id = await start(http, ENDLESS)
    viewer, ink, told = Viewer(address, run_id), few_digits.test_images[0].tobytes(), []
    async with viewer.connect() as socket:
        while await viewer.receive(socket):
            told.append((await ask(http, run_id, "POST predict", ink)).json().get("lanes", [None]))
            if all(told[-1]) and min(lane["step"] for lane in told[-1]) > 1000:
                await http.post(f"/api/runs/{run_id}/stop")
    told = [lanes for lanes in told if all(lanes)]
    after = (await ask(http, run_id, "POST predict", ink)).json()["lanes"]

    for lane in range(3):
        steps = [lanes[lane]["step"] for lanes in [*told, after]]
        assert steps == sorted(steps)
        assert steps[0] < steps[-2] <= steps[-1] == viewer.steps[lane]
        assert all(sum(lanes[lane]["probabilities"]) == pytest.approx(1) for lanes in told)


@pytest.mark.parametrize("size", [0, 783, 785, 10_000])
async def test_a_body_that_is_no_digit_is_refused_with_a_sentence(http, address, size):
    answer = await ask(http, await finished(http, address, SHORT), "POST predict", bytes(size))

    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "invalid_request",
        "message": f"The body should be the 784 bytes of a digit of 28×28; got {size:,}.",
    }


async def test_weights_are_six_units_of_each_lane_as_pictures(http, address, few_digits):
    run_id = await finished(http, address, SHORT)
    lanes = (await ask(http, run_id, "GET weights")).json()["lanes"]

    for lane, told in enumerate(lanes):
        *_, last = (e for e in train(few_digits, RunConfig.of(SHORT), lane) if isinstance(e, Parameters))
        images = np.frombuffer(base64.b64decode(told["images"]), np.int8).reshape(6, 784)
        W = Network.of(last.theta, [16], "relu").layers[0].W[:, told["units"]].T
        assert told["step"] == 31
        assert told["units"] == sorted(set(told["units"]))
        assert (np.abs(images.astype(int)).max(axis=1) == 127).all()
        for image, weights in zip(images, W, strict=True):
            assert np.corrcoef(image, weights)[0, 1] > 0.999


async def test_units_change_at_evaluations_only(few_digits: Dataset):
    """A run whose lane's events come from this test."""
    app = create_app(Settings(), InlineEngine(few_digits), few_digits)
    rng = np.random.default_rng(1)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        config = RunConfig.of({"hidden": [40], "lanes": [{"optimizer": "sgd"}]})
        run = Run("told", config, few_digits.test_labels, per_epoch=31)
        app.state.manager.registry.show(run)
        run.apply(RunStarted("whole"))
        answers = np.zeros(500, np.uint8), np.ones(500, np.float32)
        run.apply(Evaluation(0, 0, 0.0, 0.1, 1.0, 0.1, 1.0, *answers))
        told = []
        for step in range(1, 9):
            run.apply(Parameters(0, step, Network([40], rng).theta))
            if step in (4, 8):
                run.apply(run.lanes[0].evaluation._replace(step=step))
            told.append((await ask(http, run.id, "GET weights")).json()["lanes"][0])

    assert [weights["step"] for weights in told] == list(range(1, 9))
    assert len({weights["images"] for weights in told}) == 8
    units = [weights["units"] for weights in told]
    assert units[0] == units[1] == units[2] != units[3] == units[4] == units[5] == units[6] != units[7]


async def test_a_confusion_sums_to_the_digits_and_its_diagonal_to_the_accuracy(http, address):
    run_id = await finished(http, address, SHORT)
    run = (await http.get(f"/api/runs/{run_id}")).json()

    for lane in run["lanes"]:
        told = (await ask(http, run_id, f"GET lanes/{lane['lane']}/confusion")).json()
        matrix = np.array(told["matrix"])
        assert told["step"] == 31
        assert matrix.shape == (10, 10)
        assert matrix.sum() == 500
        assert matrix.trace() / 500 == lane["test_accuracy"]


async def test_the_digits_of_a_cell_are_as_many_as_it_counts(http, address, few_digits):
    run_id = await finished(http, address, SHORT)
    matrix = (await ask(http, run_id, "GET lanes/2/confusion")).json()["matrix"]
    shown = 0
    for label in range(10):
        for answer in range(10):
            digits = (await ask(http, run_id, f"GET lanes/2/confusion/{label}/{answer}")).json()["digits"]
            assert len(digits) == len(set(digits)) == min(60, matrix[label][answer])
            assert {int(few_digits.test_labels[index]) for index in digits} <= {label}
            shown += len(digits)
    assert shown > 400


@pytest.mark.parametrize("picture", PICTURES)
async def test_before_the_start_there_is_nothing_to_show(http, address, picture):
    await start(http, ENDLESS)
    answer = await ask(http, await start(http, ENDLESS), picture)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "try again when" in answer.json()["error"]["message"]


@pytest.mark.parametrize("picture", PICTURES)
async def test_a_run_that_is_not_there_has_no_pictures(http, picture):
    answer = await ask(http, "nosuchrun", picture)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("lanes/3/confusion", 404, "has no lane 3; its lanes go from 0 to 2."),
        ("lanes/-1/confusion", 422, "lane should"),
        ("lanes/one/confusion", 422, "lane should"),
        ("lanes/3/confusion/1/2", 404, "has no lane 3; its lanes go from 0 to 2."),
        ("lanes/0/confusion/10/2", 422, "label should be less than or equal to 9; got '10'."),
        ("lanes/0/confusion/1/-1", 422, "answer should"),
    ],
)
async def test_a_picture_of_what_is_not_there_is_refused(http, address, path, status, sentence):
    answer = await ask(http, await finished(http, address, SHORT), f"GET {path}")

    assert answer.status_code == status
    assert sentence in answer.json()["error"]["message"]


async def test_an_overflowed_lane_has_no_opinion_and_the_others_answer(http, address):
    lanes = [{"optimizer": "sgd", "learning_rate": 3.0}, {"optimizer": "adam"}]
    run_id = await finished(http, address, {"epochs": 2, "hidden": [256, 256, 256], "lanes": lanes})
    broken, well = (await ask(http, run_id, "POST predict")).json()["lanes"]

    assert broken is None or sum(broken["probabilities"]) == pytest.approx(1)
    assert sum(well["probabilities"]) == pytest.approx(1)
    assert (await ask(http, run_id, "GET weights")).status_code == 200


async def test_networks_of_the_oldest_runs_go_first_when_their_memory_is_full(few_digits: Dataset):
    # One run of three such lanes takes 0.96 MB.
    config = {"epochs": 1, "hidden": [100], "batch_size": 2000}
    settings = Settings(max_running=1, max_queued=2, max_networks_mb=2)
    async with (
        serving(create_app(settings, InlineEngine(few_digits), few_digits)) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http,
    ):
        runs = [await finished(http, address, config) for _ in range(3)]
        answers = [await ask(http, run_id, "POST predict") for run_id in runs]
        confusions = [await ask(http, run_id, "GET lanes/0/confusion") for run_id in runs]
        weights = await ask(http, runs[0], "GET weights")

    assert [answer.status_code for answer in answers] == [404, 200, 200]
    assert answers[0].json() == weights.json()
    assert answers[0].json()["error"]["message"].endswith("Run it again.")
    assert [answer.status_code for answer in confusions] == [200, 200, 200], "for these, no network is needed"
