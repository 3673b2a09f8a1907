"""Commands to a run in flight and their errors, over HTTP, and what viewers see of them."""

import pytest

from tests.web.viewer import Viewer

SHORT = {"epochs": 2, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


async def start(http, config, **query) -> str:
    answer = await http.post("/api/runs", json=config, params=query)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def order(http, run_id: str, what: str, **body) -> dict:
    """The run as the command answers it."""
    method = "PUT" if body else "POST"
    answer = await http.request(method, f"/api/runs/{run_id}/{what}", json=body or None)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_a_viewer_sees_a_run_pause_step_and_go_on(http, address):
    run_id = await start(http, ENDLESS, paused=True)
    viewer = Viewer(address, run_id)
    seen = []

    async def until(steps) -> None:
        while viewer.steps != steps:
            assert await viewer.receive(socket), viewer.run
            seen.append(viewer.run["status"])

    async with viewer.connect() as socket:
        for count in (1, 2, 3):
            assert (await order(http, run_id, "step"))["status"] == "paused"
            await until([count] * 3)
        assert (await order(http, run_id, "resume"))["status"] == "running"
        while min(viewer.steps) < 50:
            assert await viewer.receive(socket), viewer.run
        assert (await order(http, run_id, "pause"))["status"] == "paused"
        while viewer.run["status"] != "paused":
            assert await viewer.receive(socket), viewer.run
        assert (await order(http, run_id, "stop"))["status"] == "stopping"
        while await viewer.receive(socket):
            pass

    assert set(seen) == {"paused"}
    assert viewer.run["status"] == "stopped"
    assert [lane["ended_at"] for lane in viewer.run["lanes"]] == viewer.steps


async def test_a_run_may_start_paused_and_has_its_untrained_evaluation_at_once(http, address):
    run_id = await start(http, SHORT, paused=True)
    viewer = Viewer(address, run_id)
    async with viewer.connect() as socket:
        while not all(rows.shape[1] for rows in viewer.rows[2]):
            assert await viewer.receive(socket), viewer.run

    assert viewer.run["status"] == "paused"
    assert viewer.steps == [0, 0, 0]
    assert [rows[0].tolist() for rows in viewer.rows[2]] == [[0], [0], [0]]


async def test_pausing_what_is_paused_and_resuming_what_runs_changes_nothing(http):
    run_id = await start(http, ENDLESS, paused=True)

    assert (await order(http, run_id, "pause"))["status"] == "paused"
    for _ in range(2):
        assert (await order(http, run_id, "resume"))["status"] == "running"


async def test_the_pace_is_part_of_the_run_and_may_change(http):
    run_id = await start(http, ENDLESS, pace=10)

    assert (await http.get(f"/api/runs/{run_id}")).json()["pace"] == 10
    assert (await order(http, run_id, "pace", batches_per_s=0.5))["pace"] == 0.5
    assert (await order(http, run_id, "pace", batches_per_s=None))["pace"] is None


async def test_a_run_that_waits_keeps_its_pace_and_its_pause_for_the_start(http, address):
    racing = await start(http, ENDLESS)
    waiting = await start(http, ENDLESS, pace=1000, paused=True)
    assert (await order(http, waiting, "pace", batches_per_s=2))["pace"] == 2
    viewer = Viewer(address, waiting)
    async with viewer.connect() as socket:
        await order(http, racing, "stop")
        while viewer.run is None or viewer.run["status"] == "queued":
            assert await viewer.receive(socket), viewer.run

    assert (viewer.run["status"], viewer.run["pace"]) == ("paused", 2)


async def test_a_changed_learning_rate_is_reported_with_its_first_step(http, address):
    run_id = await start(http, ENDLESS, paused=True)
    await order(http, run_id, "step")
    await order(http, run_id, "lanes/1/learning-rate", learning_rate=0.25)
    viewer = Viewer(address, run_id)
    async with viewer.connect() as socket:
        while viewer.run is None or not viewer.run["lanes"][1]["learning_rate_changes"]:
            assert await viewer.receive(socket), viewer.run

    assert viewer.run["lanes"][1]["learning_rate"] == 0.25
    assert viewer.run["lanes"][1]["learning_rate_changes"] == [{"step": 2, "learning_rate": 0.25}]
    assert [viewer.run["lanes"][lane]["learning_rate_changes"] for lane in (0, 2)] == [[], []]
    assert viewer.run["config"]["learning_rate"] == 0.01, "what it started with"


COMMANDS = [
    ("POST", "pause", None, "paused"),
    ("POST", "resume", None, "resumed"),
    ("POST", "step", None, "stepped"),
    ("PUT", "lanes/0/learning-rate", {"learning_rate": 0.1}, "given another learning rate"),
]


@pytest.mark.parametrize(("method", "command", "body", "done"), COMMANDS)
async def test_a_run_that_is_queued_or_over_is_not_commanded(http, method, command, body, done):
    await start(http, ENDLESS)
    run_id = await start(http, ENDLESS)
    for status in ("queued", "stopped"):
        answer = await http.request(method, f"/api/runs/{run_id}/{command}", json=body)

        assert answer.status_code == 409
        assert answer.json()["error"] == {
            "code": "not_running",
            "message": f"A run can be {done} only while it races; this one is {status}.",
        }
        await http.post(f"/api/runs/{run_id}/stop")


async def test_a_run_that_is_over_has_no_pace_to_change(http, address):
    run_id = await start(http, SHORT)
    await Viewer(address, run_id).watch()

    answer = await http.put(f"/api/runs/{run_id}/pace", json={"batches_per_s": 2})

    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == "A run can be paced only while it races; this one is finished."


async def test_a_lane_that_has_ended_gets_no_other_learning_rate(http, address):
    lanes = [{"optimizer": "sgd", "learning_rate": 10}, {"optimizer": "sgd"}]
    run_id = await start(http, {"epochs": 100, "hidden": [256] * 3, "lanes": lanes})
    viewer = Viewer(address, run_id, lanes=2)
    async with viewer.connect() as socket:
        while viewer.run is None or viewer.run["lanes"][0]["status"] == "running":
            assert await viewer.receive(socket), viewer.run

    answer = await http.put(f"/api/runs/{run_id}/lanes/0/learning-rate", json={"learning_rate": 0.1})

    assert answer.status_code == 409
    assert answer.json()["error"] == {
        "code": "not_running",
        "message": "Lane 0 is diverged, so its learning rate can no longer be changed.",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "nosuchrun/pause", None, 404, "There is no run 'nosuchrun' on this server."),
        ("POST", "nosuchrun/resume", None, 404, "There is no run 'nosuchrun' on this server."),
        ("POST", "nosuchrun/step", None, 404, "There is no run 'nosuchrun' on this server."),
        ("PUT", "nosuchrun/pace", {"batches_per_s": 2}, 404, "There is no run 'nosuchrun' on this server."),
        ("PUT", "nosuchrun/lanes/0/learning-rate", {"learning_rate": 1}, 404, "There is no run 'nosuchrun'"),
        ("PUT", "{}/lanes/3/learning-rate", {"learning_rate": 1}, 404, "has no lane 3; its lanes go from 0 to 2."),
        ("PUT", "{}/lanes/-1/learning-rate", {"learning_rate": 1}, 422, "lane should be greater than or equal to 0"),
        ("PUT", "{}/lanes/adam/learning-rate", {"learning_rate": 1}, 422, "lane should be a valid integer"),
        ("PUT", "{}/lanes/0/learning-rate", {"learning_rate": 0}, 422, "learning_rate should be greater"),
        ("PUT", "{}/lanes/0/learning-rate", {"learning_rate": None}, 422, "learning_rate should be a valid number"),
        ("PUT", "{}/lanes/0/learning-rate", {}, 422, "learning_rate is missing"),
        ("PUT", "{}/pace", {"batches_per_s": 0.1}, 422, "batches_per_s should be greater than or equal to 0.5"),
        ("PUT", "{}/pace", {"batches_per_s": 1001}, 422, "batches_per_s should be less than or equal to 1000"),
        ("PUT", "{}/pace", {"batches_per_s": "10"}, 422, "batches_per_s should be a valid number; got '10'."),
        ("PUT", "{}/pace", {}, 422, "batches_per_s is missing"),
        ("PUT", "{}/pace", {"pace": 10}, 422, "batches_per_s is missing"),
        ("PUT", "{}/pace", None, 422, "the body is missing"),
    ],
)  # fmt: skip
async def test_a_command_that_cannot_be_is_refused_with_a_sentence(http, method, path, body, status, message):
    run_id = await start(http, ENDLESS)

    answer = await http.request(method, f"/api/runs/{path.format(run_id)}", json=body)

    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("pace=0", "pace should be greater than or equal to 0.5; got '0'."),
        ("pace=nan", "pace should be"),
        ("pace=inf", "pace should be less than or equal to 1000"),
        ("pace=fast", "pace should be a valid number"),
        ("paused=perhaps", "paused should be a valid boolean"),
    ],
)
async def test_a_start_with_a_strange_pace_or_pause_is_refused_with_a_sentence(http, query, message):
    answer = await http.post(f"/api/runs?{query}", json={})

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_request"
    assert answer.json()["error"]["message"].startswith(message)
