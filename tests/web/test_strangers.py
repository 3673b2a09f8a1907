"""What strangers can't do: ask from another site's page, pose as others, take all places, start what is too much."""

from contextlib import asynccontextmanager

import httpx
import pytest
from limits import RateLimitItemPerHour
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.owner import keeping_keys
from tests.web.conftest import serving
from tests.web.viewer import Viewer

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
SHORT = {"epochs": 1, "hidden": [16]}


@pytest.fixture
def open_server(few_digits):
    """A server with these settings; yields a client and its address."""

    @asynccontextmanager
    async def open_server(**settings):
        chosen = Settings(**{"max_running": 1, "max_queued": 5, **settings})
        async with (
            serving(create_app(chosen, InlineEngine(few_digits), few_digits)) as address,
            httpx.AsyncClient(base_url=f"http://{address}", timeout=30, event_hooks=keeping_keys()) as http,
        ):
            yield http, address

    return open_server


async def capacity(http, **headers) -> dict:
    return (await http.get("/api/capacity", headers=headers)).json()


# Origins


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"])
async def test_a_page_of_another_site_starts_and_commands_nothing(http, origin):
    run = (await http.post("/api/runs", json=ENDLESS)).json()["id"]

    for method, path in [("POST", "/api/runs"), ("POST", f"/api/runs/{run}/stop"), ("PUT", f"/api/runs/{run}/pace")]:
        answer = await http.request(method, path, json={}, headers={"Origin": origin})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "foreign_origin"
        assert origin in answer.json()["error"]["message"]

    assert (await http.get(f"/api/runs/{run}", headers={"Origin": origin})).json()["status"] == "running"
    assert (await capacity(http))["queued"] == 0


async def test_a_socket_of_another_site_is_refused_before_it_is_accepted(http, address):
    run = (await http.post("/api/runs", json=SHORT)).json()["id"]

    with pytest.raises(InvalidStatus) as refusal:
        await connect(Viewer(address, run).url, origin="https://evil.example")

    assert refusal.value.response.status_code == 403
    assert b"foreign_origin" in refusal.value.response.body


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_own_page_and_programs_are_no_strangers(http, address, scheme):
    for headers in ({}, {"Origin": f"{scheme}://{address}"}):
        assert (await http.post("/api/runs", json=SHORT, headers=headers)).status_code == 201
    run = (await http.post("/api/runs", json=SHORT)).json()["id"]
    async with connect(Viewer(address, run).url, origin=f"{scheme}://{address}") as socket:
        await socket.recv()


async def test_sites_that_the_settings_name_may_and_their_browsers_are_told(open_server):
    named = {"public_url": "https://race.example/", "allowed_origins": "https://one.example, https://Two.example/"}
    async with open_server(**named) as (http, address):
        for origin in ("https://race.example", "https://one.example", "https://two.example"):
            answer = await http.post("/api/runs", json=SHORT, headers={"Origin": origin})
            assert answer.status_code == 201
            async with connect(Viewer(address, answer.json()["id"]).url, origin=origin):
                pass
        asked = {"Origin": "https://one.example", "Access-Control-Request-Method": "POST"}
        told = await http.options("/api/runs", headers={**asked, "Access-Control-Request-Headers": "x-owner-key"})
        assert told.headers["access-control-allow-origin"] == "https://one.example"
        foreign = await http.post("/api/runs", json=SHORT, headers={"Origin": "https://one.example.evil"})
        assert foreign.status_code == 403


# Headers


@pytest.mark.parametrize("path", ["/", "/docs", "/api/capacity", "/static/js/main.js", "/nowhere", "/runs/nosuchrun"])
async def test_every_answer_tells_browsers_what_pages_may(http, address, path):
    headers = (await http.get(path)).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert policy["connect-src"] == f"'self' ws://{address} wss://{address}"
    assert policy["frame-ancestors"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "referrer-policy" in headers
    assert "permissions-policy" in headers


async def test_who_may_frame_pages_is_a_setting(open_server):
    async with open_server(frame_ancestors="'self' https://dev.to") as (http, _):
        assert "frame-ancestors 'self' https://dev.to" in (await http.get("/")).headers["content-security-policy"]


async def test_a_fault_has_the_headers_too(few_digits):
    app = create_app(Settings(), InlineEngine(few_digits), few_digits)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("a fault")

    async with serving(app) as address, httpx.AsyncClient() as http:
        answer = await http.get(f"http://{address}/fault")

    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers


# Shares


async def test_one_visitor_cannot_fill_the_queue(open_server):
    proxied = {"trusted_proxy_header": "x-forwarded-for", "max_runs_per_visitor": 3}
    async with open_server(**proxied) as (http, _):
        mine, theirs = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        started = [await http.post("/api/runs", json=ENDLESS, headers=mine) for _ in range(3)]
        refused = await http.post("/api/runs", json=ENDLESS, headers=mine)

        assert [answer.status_code for answer in started] == [201] * 3
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "too_many"
        assert "3 races from your address" in refused.json()["error"]["message"]
        assert int(refused.headers["retry-after"]) >= 1
        assert (await capacity(http, **mine))["can_start"] is False
        assert (await capacity(http, **theirs))["can_start"] is True
        assert (await http.post("/api/runs", json=ENDLESS, headers=theirs)).status_code == 201
        await http.post(f"/api/runs/{started[2].json()['id']}/stop")
        assert (await http.post("/api/runs", json=ENDLESS, headers=mine)).status_code == 201


async def test_a_visitor_is_told_of_the_own_limit_before_and_after_asking(open_server):
    async with open_server(max_queued=1, max_runs_per_visitor=2) as (http, _):
        for _ in range(2):
            await http.post("/api/runs", json=ENDLESS)
        told = await capacity(http)
        refused = (await http.post("/api/runs", json=ENDLESS)).json()["error"]

    assert refused["code"] == "too_many"
    assert told["reason"] == refused["message"]


async def test_starts_within_a_minute_are_limited_and_the_next_is_announced(open_server):
    async with open_server(starts_per_minute=2, max_queued=50) as (http, _):
        for _ in range(2):
            assert (await http.post("/api/runs", json=SHORT)).status_code == 201
        assert (await capacity(http))["can_start"] is False
        refused = await http.post("/api/runs", json=SHORT)

        assert refused.status_code == 429
        assert 50 <= int(refused.headers["retry-after"]) <= 60
        assert "2 starts within a minute" in refused.json()["error"]["message"]
        told = await capacity(http)
        assert told["reason"] == refused.json()["error"]["message"]
        assert 50 <= told["retry_after_s"] <= 60


async def test_when_all_places_are_taken_everybody_is_told(open_server):
    async with open_server(max_queued=1) as (http, _):
        for _ in range(2):
            await http.post("/api/runs", json=ENDLESS)
        refused = await http.post("/api/runs", json=ENDLESS)
        told = await capacity(http)

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "too_many_runs"
    assert int(refused.headers["retry-after"]) >= 1
    assert (told["running"], told["queued"], told["max_running"], told["max_queued"]) == (1, 1, 1, 1)
    assert (told["can_start"], told["reason"]) == (False, "All places are taken.")
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
    assert "are 3.8e+09 multiply-adds; this server does at most 1e+09 for one run" in answer.json()["error"]["message"]


# Commands


async def test_a_key_that_is_held_down_steps_and_a_flood_is_refused_but_for_the_stop(open_server):
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS, params={'paused': True})).json()['id']}"
        # Thirty a second, for as long as the window is.
        held = [(await http.post(f"{run}/step")).status_code for _ in range(150)]
        answers = [await http.post(f"{run}/step") for _ in range(300)]
        flood = next(answer for answer in answers if answer.status_code == 429)
        stopped = await http.post(f"{run}/stop")
        metrics = (await http.get("/metrics")).text

    assert set(held) == {202}
    assert flood.json()["error"]["code"] == "too_many"
    assert "200 commands within 5 seconds" in flood.json()["error"]["message"]
    assert 1 <= int(flood.headers["retry-after"]) <= 5
    assert stopped.status_code == 202
    assert "playground_starts_refused_total{" not in metrics


async def test_commands_that_are_kept_with_a_run_have_an_end(open_server, monkeypatch):
    monkeypatch.setattr("app.web.door.KEPT_COMMANDS", RateLimitItemPerHour(3))
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS)).json()['id']}"
        paced = [await http.put(f"{run}/pace", json={"batches_per_s": pace}) for pace in (1, 2, 3, 4)]
        stepped = await http.post(f"{run}/step")

    assert [answer.status_code for answer in paced] == [202, 202, 202, 429]
    assert "3 commands within 60 minutes" in paced[-1].json()["error"]["message"]
    assert stepped.status_code == 202


async def test_strangers_use_up_nobodys_commands(open_server):
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS, params={'paused': True})).json()['id']}"
        for _ in range(250):
            refused = await http.post(f"{run}/step", headers={"X-Owner-Key": "another"})
            assert refused.status_code == 403
        assert (await http.post(f"{run}/step")).status_code == 202


async def test_a_learning_rate_is_changed_a_hundred_times_and_no_more(open_server):
    async with open_server() as (http, _):
        run = f"/api/runs/{(await http.post('/api/runs', json=ENDLESS)).json()['id']}"
        changed, count = f"{run}/lanes/0/learning-rate", 0
        while (answer := await http.put(changed, json={"learning_rate": 0.01 + count / 1e4})).status_code in (202, 429):
            count += answer.status_code == 202
        lanes = (await http.get(run)).json()["lanes"]
        other = await http.put(f"{run}/lanes/1/learning-rate", json={"learning_rate": 0.5})

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "too_many_changes"
    assert "100 times, which is the most" in answer.json()["error"]["message"]
    assert 100 <= len(lanes[0]["learning_rate_changes"]) <= 102
    assert other.status_code in (202, 429)


# Passphrase


async def test_only_those_with_the_passphrase_start_runs(open_server):
    async with open_server(passphrase="grüne Wiese", starts_per_minute=100) as (http, _):
        assert (await capacity(http))["passphrase"] is True
        for given in ({}, {"X-Passphrase": ""}, {"X-Passphrase": "wiese"}, {"X-Passphrase": "gr%C3%BCne"}):
            answer = await http.post("/api/runs", json=SHORT, headers=given)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "passphrase"
            assert "grüne" not in answer.text
        right = await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "gr%C3%BCne%20Wiese"})
        assert right.status_code == 201
        assert (await http.get(f"/api/runs/{right.json()['id']}")).status_code == 200


async def test_nobody_tries_passphrases_one_after_the_other(open_server):
    async with open_server(passphrase="open sesame", starts_per_minute=3) as (http, _):
        tries = [await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": str(n)}) for n in range(4)]
        assert [answer.status_code for answer in tries] == [403, 403, 403, 429]
        assert (await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "open sesame"})).status_code == 429


async def test_visitors_together_do_not_guess_on_and_who_knew_the_words_is_not_kept_out(open_server, monkeypatch):
    monkeypatch.setattr("app.web.door.GUESSES", RateLimitItemPerHour(4))
    async with open_server(passphrase="open sesame", trusted_proxy_header="x-forwarded-for") as (http, _):

        async def start(visitor: int, words: str | None) -> httpx.Response:
            told = {"X-Forwarded-For": f"192.0.2.{visitor}"} | ({} if words is None else {"X-Passphrase": words})
            return await http.post("/api/runs", json=SHORT, headers=told)

        assert (await start(1, "open sesame")).status_code == 201
        assert [(await start(number, None)).status_code for number in range(10, 16)] == [403] * 6
        guesses = [await start(number, f"guess {number}") for number in range(20, 26)]
        assert [answer.status_code for answer in guesses] == [403] * 4 + [429] * 2
        assert "Too many wrong passphrases" in guesses[-1].json()["error"]["message"]
        assert 1 <= int(guesses[-1].headers["retry-after"]) <= 3600
        assert (await start(30, "open sesame")).status_code == 429
        assert (await start(1, "open sesame")).status_code == 201


async def test_the_passphrase_is_in_no_log_and_no_representation(open_server, caplog):
    caplog.set_level("DEBUG")
    async with open_server(passphrase="open sesame") as (http, _):
        answer = await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "open sesame"})
        await http.post("/api/runs", json=SHORT, headers={"X-Passphrase": "wrong words"})

    logged = str([(each.name, vars(each)) for each in caplog.records if not each.name.startswith("http")])
    assert "run started" in logged
    for secret in ("sesame", "wrong words", answer.headers["x-owner-key"]):
        assert secret not in logged
    assert "sesame" not in repr(Settings(passphrase="open sesame"))
