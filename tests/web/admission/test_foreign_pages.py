"""Pages of other sites start and command nothing, and every answer has headers that restrict pages."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving
from tests.web.viewer import Viewer, connect

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
SHORT = {"epochs": 1, "hidden": [16]}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"])
async def test_a_page_of_another_site_starts_and_commands_nothing(http, origin):
    run = (await http.post("/api/runs", json=ENDLESS)).json()["id"]

    for method, path in [("POST", "/api/runs"), ("POST", f"/api/runs/{run}/stop"), ("PUT", f"/api/runs/{run}/pace")]:
        answer = await http.request(method, path, json={}, headers={"Origin": origin})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "foreign_origin"
        assert origin in answer.json()["error"]["message"]

    assert (await http.get(f"/api/runs/{run}", headers={"Origin": origin})).json()["status"] == "running"
    assert (await http.get("/api/capacity")).json()["queued"] == 0


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


async def test_allowed_origins_may_start_runs_and_get_cors_headers(open_server):
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


@pytest.mark.parametrize("path", ["/", "/docs", "/api/capacity", "/static/favicon.svg", "/nowhere", "/runs/nosuchrun"])
async def test_every_answer_has_the_security_headers(http, address, path):
    headers = (await http.get(path)).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert policy["connect-src"] == f"'self' ws://{address} wss://{address}"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "referrer-policy" in headers
    assert "permissions-policy" in headers


async def test_every_site_may_frame_what_is_made_for_it_and_nothing_else(http):
    run = (await http.post("/api/runs", json=SHORT)).json()["id"]

    assert "frame-ancestors *" in (await http.get(f"/embed/{run}")).headers["content-security-policy"]
    assert "frame-ancestors 'self'" in (await http.get(f"/runs/{run}")).headers["content-security-policy"]


async def test_who_may_frame_pages_is_a_setting(open_server):
    async with open_server(frame_ancestors="'self' https://dev.to") as (http, _):
        assert "frame-ancestors 'self' https://dev.to" in (await http.get("/")).headers["content-security-policy"]


async def test_a_fault_has_the_headers_too(few_digits):
    app = create_app(Settings(), InlineEngine(few_digits), few_digits)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("a fault")

    async with serving(app) as address, httpx.AsyncClient(timeout=TIMEOUT_S) as http:
        answer = await http.get(f"http://{address}/fault")

    assert answer.status_code == 500
    assert "content-security-policy" in answer.headers
