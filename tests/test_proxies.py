"""The proxies of deploy/ pass on what a race needs, and who the visitor is."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.proxies import caddy, free_port, nginx
from tests.server_process import served
from tests.web.viewer import Viewer

SHORT = {"epochs": 3, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


@pytest.fixture(params=[nginx, caddy])
def site(request, few_idx_files: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a proxy before a server."""
    port = free_port()
    settings = {"TRUSTED_PROXY_HEADER": "x-forwarded-for", "MAX_RUNS_PER_VISITOR": "1", "MAX_QUEUED": "5"}
    with (
        served(few_idx_files, tmp_path, **settings) as (_, address),
        request.param(address.removeprefix("http://"), port, tmp_path),
    ):
        yield f"127.0.0.1:{port}"


async def test_a_race_is_started_and_watched_to_its_end(site):
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=30) as http:
        page = await http.get("/")
        # As a browser says it; it has to be the host that the server sees.
        started = await http.post("/api/runs", json=SHORT, headers={"Origin": f"http://{site}"})
    viewer = await Viewer(site, started.json()["id"]).watch()

    assert page.status_code == 200
    assert started.status_code == 201
    assert viewer.steps == [93, 93, 93]
    assert viewer.close_code == 1000


async def test_metrics_are_not_for_everybody(site):
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=30) as http:
        assert (await http.get("/metrics")).status_code == 404
        assert (await http.get("/readyz")).status_code == 200


async def test_visitors_are_told_apart_and_cannot_pretend_to_be_others(site):
    async def start(address: str, **headers: str) -> int:
        transport = httpx.AsyncHTTPTransport(local_address=address)
        async with httpx.AsyncClient(base_url=f"http://{site}", transport=transport, timeout=30) as http:
            return (await http.post("/api/runs", json=ENDLESS, headers=headers)).status_code

    assert await start("127.0.0.1") == 201
    assert await start("127.0.0.1", **{"X-Forwarded-For": "198.51.100.7"}) == 429
    assert await start("127.0.0.2") == 201


async def test_links_begin_with_the_address_that_the_visitor_asked_for(site):
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=30) as http:
        run_id = (await http.post("/api/runs", json=SHORT)).json()["id"]
        page = (await http.get(f"/runs/{run_id}")).text

    assert f'content="http://{site}/runs/{run_id}"' in page
