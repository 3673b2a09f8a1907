"""The proxies of deploy/ pass on what a race needs, and who the visitor is."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from errno import ECONNREFUSED
from pathlib import Path

import httpx
import pytest

from tests.proxies import caddy, found, nginx
from tests.server_process import free_port, served
from tests.test_package import ROOT
from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer, connect

pytestmark = pytest.mark.slow

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
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=TIMEOUT_S) as http:
        page = await http.get("/")
        # As a browser says it; it has to be the host that the server sees.
        started = await http.post("/api/runs", json=SHORT, headers={"Origin": f"http://{site}"})
    viewer = await Viewer(site, started.json()["id"]).watch()

    assert page.status_code == 200
    assert started.status_code == 201
    assert viewer.steps == [93, 93, 93]
    assert viewer.close_code == 1000


async def test_metrics_are_not_for_everyone(site):
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=TIMEOUT_S) as http:
        assert (await http.get("/metrics")).status_code == 404
        assert (await http.get("/readyz")).status_code == 200


async def test_visitors_are_told_apart_and_cannot_pretend_to_be_others(site):
    async def start(address: str, **headers: str) -> int:
        transport = httpx.AsyncHTTPTransport(local_address=address)
        async with httpx.AsyncClient(base_url=f"http://{site}", transport=transport, timeout=TIMEOUT_S) as http:
            return (await http.post("/api/runs", json=ENDLESS, headers=headers)).status_code

    assert await start("127.0.0.1") == 201
    assert await start("127.0.0.1", **{"X-Forwarded-For": "198.51.100.7"}) == 429
    assert await start("127.0.0.2") == 201


async def test_links_begin_with_the_address_that_the_visitor_used(site):
    async with httpx.AsyncClient(base_url=f"http://{site}", timeout=TIMEOUT_S) as http:
        run_id = (await http.post("/api/runs", json=SHORT)).json()["id"]
        page = (await http.get(f"/runs/{run_id}")).text

    assert f'content="http://{site}/runs/{run_id}"' in page


async def test_an_address_opens_no_more_connections_than_it_may(few_idx_files, tmp_path):
    port = free_port()
    with (
        served(few_idx_files, tmp_path, TRUSTED_PROXY_HEADER="x-forwarded-for") as (_, address),
        nginx(address.removeprefix("http://"), port, tmp_path, connections=3),
    ):
        site = f"127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=f"http://{site}", timeout=TIMEOUT_S) as http:
            run = (await http.post("/api/runs", json=ENDLESS)).json()["id"]
            async with AsyncExitStack() as viewers:
                for _ in range(3):
                    await viewers.enter_async_context(connect(Viewer(site, run).url))
                refused = await http.get("/healthz")
                other = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
                async with httpx.AsyncClient(
                    base_url=f"http://{site}", transport=other, timeout=TIMEOUT_S
                ) as elsewhere:
                    taken = await elsewhere.get("/healthz")

    assert (refused.status_code, taken.status_code) == (429, 200)


# In a network of its own, in which an ordinary user may set up a firewall, too.
CONNECT_FIVE_TIMES = """
import socket, subprocess, sys
subprocess.run([sys.argv[1], "link", "set", "lo", "up"], check=True)
subprocess.run([sys.argv[2], "-f", sys.argv[3]], check=True)
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with socket.create_server((address, 443), family=family):
        clients = [socket.socket(family) for _ in range(5)]
        print([client.connect_ex((address, 443)) for client in clients])
"""


# A visitor at the other end of a cable, and a port that is forwarded as to a container.
CONNECT_FROM_ELSEWHERE = """
import socket, subprocess, sys
ip, nft, rules, unshare = sys.argv[1:]
VISITOR = '''
import socket, subprocess, sys
print("ready", flush=True)
sys.stdin.read()
for words in (("addr", "add", "10.0.0.2/24", "dev", "there"), ("link", "set", "there", "up")):
    subprocess.run([sys.argv[1], *words], check=True)
clients = [socket.socket() for _ in range(5)]
print([client.connect_ex(("10.0.0.1", 443)) for client in clients])
'''
forward = "type nat hook prerouting priority dstnat; tcp dport 443 redirect to :8443;"
subprocess.run([nft, "table ip nat { chain prerouting { " + forward + " }; }"], check=True)
subprocess.run([nft, "-f", rules], check=True)
command = [unshare, "--net", sys.executable, "-c", VISITOR, ip]
with (
    subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as visitor,
    socket.create_server(("0.0.0.0", 8443)),
):
    visitor.stdout.readline()
    for words in (
        ("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(visitor.pid)),
        ("addr", "add", "10.0.0.1/24", "dev", "here"),
        ("link", "set", "here", "up"),
    ):
        subprocess.run([ip, *words], check=True)
    print(visitor.communicate()[0], end="")
"""


@pytest.mark.parametrize(("script", "addresses"), [(CONNECT_FIVE_TIMES, 2), (CONNECT_FROM_ELSEWHERE, 1)])
def test_the_firewall_for_caddy_counts_by_address(tmp_path, script, addresses):
    unshare, ip, nft = found("unshare"), found("ip"), found("nft")
    rules = (ROOT / "deploy" / "nftables.conf").read_text(encoding="utf-8")
    (tmp_path / "rules").write_text(rules.replace("count over 250", "count over 3"))
    command = [sys.executable, "-c", script, ip, nft, str(tmp_path / "rules"), unshare]

    told = subprocess.run([unshare, "--map-root-user", "--net", *command], capture_output=True, text=True)

    assert told.stdout.splitlines() == [str([0, 0, 0, ECONNREFUSED, ECONNREFUSED])] * addresses, told.stderr
