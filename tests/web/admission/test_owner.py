"""Only the visitor who started a run commands it."""

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
COMMANDS = [
    ("POST", "stop", None),
    ("POST", "pause", None),
    ("POST", "resume", None),
    ("POST", "step", None),
    ("PUT", "pace", {"batches_per_s": 5}),
    ("PUT", "lanes/0/learning-rate", {"learning_rate": 0.5}),
]


async def start(http, **query) -> tuple[str, str]:
    answer = await http.post("/api/runs", json=ENDLESS, params=query)
    return f"/api/runs/{answer.json()['id']}", answer.headers["X-Owner-Key"]


def settled(run: dict) -> dict:
    """What a command would change."""
    lanes = [{key: lane[key] for key in ("status", "steps", "learning_rate")} for lane in run["lanes"]]
    return {"status": run["status"], "pace": run["pace"], "lanes": lanes}


@pytest.mark.parametrize("paused", [True, False])
@pytest.mark.parametrize("key", [None, "", "another", "schlüssel", "x" * 500])
async def test_a_command_without_the_key_is_refused_and_changes_nothing(http, stranger, key, paused):
    # So slow that no batch comes in between.
    run, _ = await start(http, paused=paused, pace=0.5)
    if not paused:
        await http.post(f"{run}/pause")
        await http.post(f"{run}/resume")
    before = settled((await http.get(run)).json())
    headers = {} if key is None else {"X-Owner-Key": key.encode()}

    for method, command, body in COMMANDS:
        answer = await stranger.request(method, f"{run}/{command}", json=body, headers=headers)

        assert answer.status_code == 403, command
        assert answer.json()["error"]["code"] == "not_yours"
        assert answer.json()["error"]["message"].startswith(
            f"Only the visitor who started run {run.split('/')[-1]} can command it"
        )
        after = settled((await http.get(run)).json())
        assert after["status"] == before["status"] == ("paused" if paused else "running"), command
        assert after["pace"] == 0.5
        assert [lane["learning_rate"] for lane in after["lanes"]] == [0.01] * 3
        if paused:
            assert after == before, command


async def test_the_key_of_one_run_does_not_command_another(http, stranger):
    mine, key = await start(http, paused=True)
    theirs, _ = await start(http)

    assert (await stranger.post(f"{theirs}/stop", headers={"X-Owner-Key": key})).status_code == 403
    assert (await stranger.post(f"{mine}/stop", headers={"X-Owner-Key": key})).status_code == 202


async def test_a_run_that_waits_or_is_over_is_not_a_strangers_either(http, stranger):
    await start(http)
    queued, _ = await start(http)
    for _ in range(2):
        for method, command, body in COMMANDS:
            assert (await stranger.request(method, f"{queued}/{command}", json=body)).status_code == 403
        assert (await http.post(f"{queued}/stop")).is_success


async def test_everyone_may_look(http, stranger):
    run, _ = await start(http, paused=True)

    for path in ("", "/story", "/story/moments"):
        assert (await stranger.get(f"{run}{path}")).status_code == 200


async def test_the_key_is_sent_once_and_hard_to_guess(http, address):
    run, key = await start(http)
    _, other = await start(http)

    assert len(key) == len(other) == 32
    assert key != other
    for answer in [await http.get(run), await http.post(f"{run}/pause")]:
        assert "X-Owner-Key" not in answer.headers
        assert key not in answer.text
        assert "owner" not in answer.json()


async def test_what_is_kept_is_not_the_key(few_digits):
    app = create_app(Settings(), InlineEngine(few_digits), few_digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        run, key = await start(http)
        kept = app.state.manager.get(run.split("/")[-1])

    assert len(kept.owner) == 64
    assert key not in repr(vars(kept))


async def test_only_its_owners_requests_keep_a_queued_run_in_its_place(app, http, stranger, monkeypatch):
    # Ahead of every other clock, by which no one has waited for long.
    now = [1e9]
    monkeypatch.setattr("app.scheduling.run_queue.GRACE_S", 5)
    monkeypatch.setattr("app.scheduling.run_queue._now", lambda: now[0])
    await http.post("/api/runs", json=ENDLESS, params={"pace": 1})
    run_id = (await http.post("/api/runs", json=ENDLESS)).json()["id"]
    queue = app.state.manager.queue
    now[0] += 5

    await stranger.get(f"/api/runs/{run_id}")
    await stranger.get(f"/api/runs/{run_id}", headers={"X-Owner-Key": "another"})
    assert [run.id for run in queue.passed_over] == [run_id]
    await http.get(f"/api/runs/{run_id}")
    assert queue.passed_over == []
