"""The playground behind real proxies, with the very files of deploy/: pages, streams, and who the visitor is."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server_process import served
from tests.test_package import ROOT
from tests.waiting import until
from tests.web.viewer import Viewer

SHORT = {"epochs": 3, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}


@contextmanager
def nginx(upstream: str, port: int, folder: Path) -> Iterator[None]:
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    (folder / "playground.conf").write_text(text.replace("127.0.0.1:8000", upstream))
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary} include playground.conf; }}\n"
    )
    # Its log in memory is in a fixed place until it has read where it should be.
    yield from _running([_found("nginx"), "-e", "stderr", "-p", str(folder), "-c", "nginx.conf"], port, {})


@contextmanager
def caddy(upstream: str, port: int, folder: Path) -> Iterator[None]:
    config = folder / "Caddyfile"
    # Without its own control port, and without a certificate for a name that is not there.
    own = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    config.write_text("{\n\tadmin off\n}\n" + own)
    environment = {"SITE": f"http://127.0.0.1:{port}", "UPSTREAM": upstream, "HOME": str(folder)}
    command = [_found("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)]
    yield from _running(command, port, environment)


def _found(name: str) -> str:
    # As a service it may lie where only root looks.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") or pytest.skip(f"no {name} on this machine")


def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    def answers() -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0

    with subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL) as process:
        try:
            until(answers, "the proxy answers")
            yield
        finally:
            process.terminate()


@pytest.fixture(params=[nginx, caddy])
def site(request, few_idx_files: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a proxy before a server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
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
