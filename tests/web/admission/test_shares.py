"""What one visitor may use: slots, starts, viewers, work. Above that a refusal says when to retry."""

import time

from tests.web.conftest import capacity
from tests.web.viewer import Viewer, connect

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
SHORT = {"epochs": 1, "hidden": [16]}


async def test_one_visitor_cannot_fill_the_queue(open_server):
    proxied = {"trusted_proxy_header": "x-forwarded-for", "max_runs_per_visitor": 3}
    async with open_server(**proxied) as (http, _):
        mine, theirs = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        started = [await http.post("/api/runs", json=ENDLESS, headers=mine) for _ in range(3)]
        refused = await http.post("/api/runs", json=ENDLESS, headers=mine)

        assert [answer.status_code for answer in started] == [201] * 3
        assert refused.status_code == 429
        assert (refused.json()["error"]["code"], refused.json()["error"]["limit"]) == ("too_many", "runs")
        assert (
            "Races and sweeps from your address that are running or queued: 3, the most allowed at once."
            in _message(refused)
        )
        assert int(refused.headers["retry-after"]) >= 1
        assert (await capacity(http, **mine))["can_start"] is False
        assert (await capacity(http, **theirs))["can_start"] is True
        assert (await http.post("/api/runs", json=ENDLESS, headers=theirs)).status_code == 201
        await http.post(f"/api/runs/{started[2].json()['id']}/stop")
        assert (await http.post("/api/runs", json=ENDLESS, headers=mine)).status_code == 201


async def test_capacity_and_refusal_name_the_visitors_own_limit(open_server):
    async with open_server(max_queued=1, max_runs_per_visitor=2) as (http, _):
        for _ in range(2):
            await http.post("/api/runs", json=ENDLESS)
        told = await capacity(http)
        refused = (await http.post("/api/runs", json=ENDLESS)).json()["error"]

    assert (refused["code"], refused["limit"]) == ("too_many", "runs")
    assert told["reason"] == refused["message"]


async def test_starts_within_a_minute_are_limited_and_the_next_is_announced(open_server, monkeypatch):
    # All within one moment, however long it takes.
    now = time.monotonic()
    monkeypatch.setattr("app.quotas.monotonic", lambda: now)
    async with open_server(starts_per_minute=2, max_queued=50) as (http, _):
        for _ in range(2):
            assert (await http.post("/api/runs", json=SHORT)).status_code == 201
        assert (await capacity(http))["can_start"] is False
        refused = await http.post("/api/runs", json=SHORT)

        assert refused.status_code == 429
        assert refused.json()["error"]["limit"] == "starts"
        assert int(refused.headers["retry-after"]) == 60
        message = _message(refused)
        assert "Races and sweeps started from your address within a minute: 2, the most allowed." in message
        told = await capacity(http)
        assert told["reason"] == refused.json()["error"]["message"]
        assert told["retry_after_s"] == 60


async def test_presses_that_are_refused_are_no_starts(open_server):
    limits = {"starts_per_minute": 3, "max_runs_per_visitor": 1, "max_queued": 0, "passphrase": "open sesame"}
    async with open_server(**limits, trusted_proxy_header="x-forwarded-for", max_work=1e9) as (http, _):

        async def press(config=SHORT, words="open sesame", visitor=1) -> int:
            told = {"X-Passphrase": words, "X-Forwarded-For": f"192.0.2.{visitor}"}
            answer = await http.post("/api/runs", json=config, params={"paused": True}, headers=told)
            return answer.status_code

        # The passphrase, the config, the work, all places, one's own share.
        assert await press(words="another") == 403
        assert await press({**SHORT, "epochs": 0}) == 422
        assert await press({**SHORT, "epochs": 50}) == 422
        assert await press(visitor=2) == 201
        assert await press() == 503
        assert await press(visitor=2) == 429
        for _ in range(30):
            assert await press() == 503
        assert "within a minute" not in str(await capacity(http, **{"X-Forwarded-For": "192.0.2.1"}))


async def test_when_all_slots_are_in_use_everyone_is_refused(open_server):
    async with open_server(max_queued=1) as (http, _):
        for _ in range(2):
            await http.post("/api/runs", json=ENDLESS)
        refused = await http.post("/api/runs", json=ENDLESS)
        told = await capacity(http)

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "too_many_runs"
    assert int(refused.headers["retry-after"]) >= 1
    assert (told["running"], told["queued"], told["max_running"], told["max_queued"]) == (1, 1, 1, 1)
    assert (told["can_start"], told["reason"]) == (False, "All slots are in use.")
    assert told["retry_after_s"] >= 1


async def test_viewers_are_limited_for_each_and_for_all(open_server):
    limits = {"max_viewers": 2, "max_viewers_per_visitor": 1, "trusted_proxy_header": "x-forwarded-for"}
    async with open_server(**limits) as (http, address):
        run = (await http.post("/api/runs", json=ENDLESS)).json()["id"]

        async def refused(visitor: str) -> tuple[int, str]:
            viewer = Viewer(address, run)
            async with connect(viewer.url, additional_headers={"X-Forwarded-For": visitor}) as socket:
                while await viewer.receive(socket):
                    pass
            return viewer.close_code, viewer.error["code"]

        async with connect(Viewer(address, run).url, additional_headers={"X-Forwarded-For": "192.0.2.1"}):
            assert await refused("192.0.2.1") == (1013, "too_many")
            async with connect(Viewer(address, run).url, additional_headers={"X-Forwarded-For": "192.0.2.2"}):
                assert await refused("192.0.2.3") == (1013, "too_many_viewers")
        viewer = Viewer(address, run)
        async with viewer.connect() as socket:
            assert await viewer.receive(socket)
            assert viewer.error is None


async def test_a_run_that_is_too_much_work_is_refused_with_a_sentence(open_server):
    async with open_server(max_work=1e9) as (http, _):
        assert (await http.post("/api/runs", json=SHORT)).status_code == 201
        answer = await http.post("/api/runs", json={**SHORT, "epochs": 50})

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_config"
    assert "multiply-adds; this server does at most 1,000,000,000 for one run" in answer.json()["error"]["message"]


def _message(answer) -> str:
    return answer.json()["error"]["message"]
