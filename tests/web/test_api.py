"""Commands and their errors, over HTTP."""

import json

import pytest

from app.sweeps.grid import MOST_CELLS

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def test_an_empty_config_is_the_default_race(http):
    answer = await http.post("/api/runs", json={})

    assert answer.status_code == 201
    run = answer.json()
    assert answer.headers["location"] == f"/api/runs/{run['id']}"
    assert run["config"]["batch_size"] == 64
    assert run["config"]["epochs"] == 5
    assert run["config"]["hidden"] == [128]
    assert [(lane["optimizer"], lane["learning_rate"]) for lane in run["lanes"]] == [
        ("sgd", 0.01),
        ("momentum", 0.01),
        ("adam", 0.01),
    ]
    assert (await http.get(answer.headers["location"])).json()["id"] == run["id"]


async def test_a_lane_may_have_a_learning_rate_of_its_own(http):
    config = {
        "learning_rate": 0.5,
        "epochs": 1,
        "lanes": [{"optimizer": "sgd"}, {"optimizer": "adam", "learning_rate": 0.25}],
    }

    run = (await http.post("/api/runs", json=config)).json()

    assert [lane["learning_rate"] for lane in run["lanes"]] == [0.5, 0.25]


async def test_a_run_has_a_story_in_sentences(http):
    await http.post("/api/runs", json=ENDLESS)
    queued = (await http.post("/api/runs", json=ENDLESS)).json()["id"]

    told = (await http.get(f"/api/runs/{queued}/story")).json()

    assert told["sentences"] == ["This race is next. It starts as soon as the one before it ends."]
    assert told["text"] == told["sentences"][0]


async def test_stop_is_accepted_and_stopping_what_is_over_changes_nothing(http):
    racing = (await http.post("/api/runs", json=ENDLESS)).json()["id"]
    queued = (await http.post("/api/runs", json=ENDLESS)).json()
    assert (queued["status"], queued["position"]) == ("queued", 1)

    first = await http.post(f"/api/runs/{queued['id']}/stop")
    again = await http.post(f"/api/runs/{queued['id']}/stop")
    stopping = await http.post(f"/api/runs/{racing}/stop")

    assert (first.status_code, first.json()["status"]) == (202, "stopped")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (stopping.status_code, stopping.json()["status"]) == (202, "stopping")


async def test_a_full_queue_is_refused_with_a_time_to_come_back(http):
    for _ in range(3):
        assert (await http.post("/api/runs", json=ENDLESS)).status_code == 201

    refused = await http.post("/api/runs", json=ENDLESS)

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["error"]["code"] == "too_many_runs"


BAD_CONFIGS = {
    '{"learning_rate": NaN}': "learning_rate",
    '{"learning_rate": Infinity}': "learning_rate",
    '{"learning_rate": 1e999}': "learning_rate",
    '{"learning_rate": "0.1"}': "learning_rate",
    '{"learning_rate": 0}': "learning_rate",
    '{"learning_rate": null}': "learning_rate",
    '{"epochs": true}': "epochs",
    '{"epochs": 101}': "epochs",
    '{"epochs": 2.5}': "epochs",
    '{"batch_size": 0}': "batch_size",
    '{"batch_size": 60000}': "batch_size should be at most 2,000",
    '{"batch_size": 1, "epochs": 100, "seed": 4294967296}': "seed",
    '{"hidden": []}': "hidden",
    '{"hidden": [1, 2, 3, 4]}': "hidden",
    '{"hidden": [1025]}': "hidden.0",
    '{"hidden": 128}': "hidden",
    '{"lanes": []}': "lanes",
    '{"lanes": [{"optimizer": "\\ud800"}]}': "lanes.0 should name an optimizer",
    '{"lanes": [{"learning_rate": 0.1}]}': "lanes.0 should name an optimizer",
    '{"lanes": [{"optimizer": "sgd", "momentum": 0.9}]}': "lanes.0.sgd.momentum",
    '{"lanes": [{"optimizer": "adam", "beta1": 1}]}': "lanes.0.adam.beta1",
    '{"momentum": 0.9}': "momentum: there is no such field",
    "[]": "the body should be a JSON object",
    "null": "the body should be a JSON object",
    "{": "The body should be JSON",
    "": "the body is missing",
    "\xff": "body",
    "[" * 10_000: "body",
    "1" * 5_000: "body",
}


@pytest.mark.parametrize("body", BAD_CONFIGS, ids=lambda body: ascii(body[:50]))
async def test_a_bad_config_is_refused_with_a_sentence(http, body):
    answer = await http.post("/api/runs", content=body.encode("latin-1"), headers={"content-type": "application/json"})

    assert answer.status_code in (400, 422)
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert BAD_CONFIGS[body] in error["message"]
    assert error["message"].endswith(".")


async def test_a_body_that_is_not_said_to_be_json_is_refused(http):
    answer = await http.post("/api/runs", content=b"{}", headers={"content-type": "text/plain"})

    assert answer.status_code == 422
    assert "application/json" in answer.json()["error"]["message"]


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in chunks"])
async def test_a_body_over_the_limit_is_refused(http, told):
    async def chunks():
        for _ in range(20):
            yield b" " * 1024

    answer = await http.post("/api/runs", content=b" " * 20 * 1024 if told else chunks())

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"
    # Such as seeds that are listed out.
    assert f"at most {MOST_CELLS:,} trainings fit" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/runs/nosuchrun", 404, "not_found"),
        ("POST", "/api/runs/nosuchrun/stop", 404, "not_found"),
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/static/nothing.js", 404, "not_found"),
        ("DELETE", "/api/runs", 405, "method_not_allowed"),
        ("GET", "/api/digits/500", 404, "not_found"),
        ("GET", "/api/digits/-1", 422, "invalid_request"),
        ("GET", "/api/digits/three", 422, "invalid_request"),
    ],
)
async def test_every_error_has_one_shape(http, method, path, status, code):
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


async def test_a_digit_is_its_784_bytes(http, few_digits):
    answer = await http.get("/api/digits/3")

    assert answer.content == few_digits.test_images[3].tobytes()


async def test_the_answers_are_as_openapi_describes_them(http):
    description = (await http.get("/openapi.json")).json()
    run = (await http.post("/api/runs", json={"epochs": 1})).json()
    schemas = description["components"]["schemas"]

    assert set(run) == set(schemas["Started"]["properties"])
    assert set(run["lanes"][0]) == set(schemas["LaneDescription"]["properties"])
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
    examples = description["paths"]["/api/runs"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert (await http.post("/api/runs", json=example["value"])).status_code == 201


async def test_health_answers(http):
    answer = await http.get("/healthz")

    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "ok"})
