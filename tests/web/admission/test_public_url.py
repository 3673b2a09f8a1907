"""Which address a server goes by: PUBLIC_URL, whatever a request says; also below a path of another server."""

import re

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer, connect

SHORT = {"epochs": 1, "hidden": [16]}
EVIL = {"Host": "evil.example", "Origin": "http://evil.example"}
PUBLIC = "https://race.example"
BEHIND_A_PATH = "https://race.example/teaching/playground"


def og_url(page: str) -> str:
    return re.search(r'property="og:url" content="(.*?)"', page)[1]


@pytest.mark.parametrize(
    ("headers", "settings", "url"),
    [
        ({"Host": "race.example"}, {}, "http://race.example/"),
        ({"Host": "[2001:db8::7]:8000"}, {}, "http://[2001:db8::7]:8000/"),
        ({"Host": "race.example", "X-Forwarded-Proto": "https"}, {}, "http://race.example/"),
        (
            {"Host": "race.example", "X-Forwarded-Proto": "http, https"},
            {"trusted_proxy_header": "x-forwarded-for"},
            "https://race.example/",
        ),
        (
            {"Host": "race.example", "X-Forwarded-Proto": "javascript"},
            {"trusted_proxy_header": "x-forwarded-for"},
            "http://race.example/",
        ),
        ({"Host": "evil.example"}, {"public_url": PUBLIC}, "https://race.example/"),
        ({"Host": "evil example/"}, {"public_url": PUBLIC}, "https://race.example/"),
        (
            {"Host": "evil.example", "X-Forwarded-Proto": "http"},
            {"public_url": PUBLIC, "trusted_proxy_header": "x-forwarded-for"},
            "https://race.example/",
        ),
    ],
)
async def test_the_address_in_a_page(open_server, headers, settings, url):
    async with open_server(**settings) as (http, _):
        assert og_url((await http.get("/", headers=headers)).text) == url


@pytest.mark.parametrize("settings", [{"public_url": PUBLIC}, {}], ids=["public_url", "on the loopback"])
async def test_a_name_that_another_site_points_here_starts_and_watches_nothing(open_server, settings):
    async with open_server(**settings) as (http, address):
        run = (await http.post("/api/runs", json=SHORT)).json()["id"]
        refused = await http.post("/api/runs", json=SHORT, headers=EVIL)
        with pytest.raises(InvalidStatus) as refusal:
            server, port = address.split(":")
            stream = Viewer("evil.example", run).url
            await connect(stream, origin=EVIL["Origin"], host=server, port=int(port))

    assert refused.json()["error"]["code"] == "foreign_origin"
    assert "PUBLIC_URL" in refused.json()["error"]["message"]
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0"}, {"trusted_proxy_header": "x-forwarded-for"}], ids=["everywhere", "behind a proxy"]
)
async def test_a_server_that_others_reach_goes_by_any_name_unless_it_has_one(open_server, settings):
    page = {"Host": "lab.example:8000", "Origin": "http://lab.example:8000"}
    async with open_server(**settings) as (http, _):
        assert (await http.post("/api/runs", json=SHORT, headers=page)).status_code == 201


@pytest.mark.parametrize("host", ["x" * 8000, "race.example/path", "a b", "race.example:80:80", "user@race.example"])
async def test_what_is_no_host_is_refused(http, host):
    for path in ("/", "/api/qr.svg?path=/", "/oembed?url=x", "/api/capacity"):
        refused = await http.get(path, headers={"Host": host})

        assert refused.status_code == 400
        assert "Host should be a name or an address" in refused.json()["error"]["message"]
        assert len(refused.text) < 300


@pytest.mark.parametrize(
    ("settings", "asked", "told"),
    [
        ({}, "/docs/", "/docs"),
        ({}, "/runs/recorded/?theme=dark&x=1", "/runs/recorded?theme=dark&x=1"),
        ({}, "//evil.example/", "/evil.example"),
        ({"public_url": PUBLIC}, "/docs/", "/docs"),
        ({"public_url": BEHIND_A_PATH}, "/docs/", "/teaching/playground/docs"),
        ({"public_url": BEHIND_A_PATH}, "/teaching/playground/docs/", "/teaching/playground/docs"),
    ],
)
async def test_a_slash_too_many_leads_to_the_same_server(open_server, settings, asked, told):
    async with open_server(**settings) as (_, address), httpx.AsyncClient(timeout=TIMEOUT_S) as http:
        answer = await http.get(f"http://{address}{asked}", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (307, told)


async def test_a_code_is_shared_only_when_no_visitor_decides_what_is_in_it(open_server):
    async with open_server() as (http, _):
        theirs = await http.get("/api/qr.svg?path=/")
    async with open_server(public_url=PUBLIC) as (http, _):
        ours = await http.get("/api/qr.svg?path=/")
        forged = await http.get("/api/qr.svg?path=/", headers={"Host": "evil.example"})

    assert theirs.headers["cache-control"] == "private, max-age=86400"
    assert ours.headers["cache-control"] == "public, max-age=86400"
    assert forged.content == ours.content != theirs.content


async def test_an_address_too_long_for_a_qr_code_is_refused(http):
    longest = {"path": "/" + "x" * 1199}
    host, passphrase = {"Host": "x" * 253}, {"X-Passphrase": '"' * 300}

    assert (await http.get("/api/qr.svg", params=longest, headers=host)).status_code == 200
    answer = await http.get("/api/qr.svg", params=longest, headers=host | passphrase)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "This address is too long for a QR code."


async def test_metrics_are_not_for_those_who_come_through_the_proxy(open_server):
    async with open_server(trusted_proxy_header="fly-client-ip") as (http, _):
        assert (await http.get("/metrics")).status_code == 200
        assert (await http.get("/metrics", headers={"Fly-Client-IP": "192.0.2.7"})).status_code == 404


@pytest.mark.parametrize("passed_on", [True, False], ids=["path passed on", "path taken away"])
@pytest.mark.slow
async def test_behind_a_path_every_address_begins_with_it(open_server, passed_on):
    root = "/teaching/playground"
    inside = root if passed_on else ""
    own = {"Host": "race.example", "Origin": PUBLIC}
    async with open_server(public_url=BEHIND_A_PATH) as (http, address):
        page = (await http.get(f"{inside}/", headers=own)).text
        started = await http.post(f"{inside}/api/runs", json=SHORT, headers=own)
        run = started.json()["id"]
        viewer = await Viewer(f"{address}{inside}", run).watch()
        run_page = (await http.get(f"{inside}/runs/{run}", headers=own)).text
        embed = (await http.get(f"{inside}/embed/{run}", headers=own)).text
        embedding = (await http.get(f"{inside}/oembed", params={"url": f"{BEHIND_A_PATH}/runs/{run}"})).json()
        gone = await http.get(f"{inside}/nowhere", headers={"Accept": "text/html"})
        schema = (await http.get(f"{inside}/openapi.json")).json()
        loaded = [address for address in re.findall(r'(?:src|href)="(.*?)"', page + run_page + embed + gone.text)]
        files = [await http.get(inside + path.removeprefix(root)) for path in loaded if "/static/" in path]

    assert started.headers["location"] == f"{root}/api/runs/{run}"
    assert viewer.close_code == 1000
    assert og_url(page) == f"{BEHIND_A_PATH}/"
    assert og_url(run_page) == f"{BEHIND_A_PATH}/runs/{run}"
    assert f'src="{BEHIND_A_PATH}/embed/{run}"' in embedding["html"]
    assert gone.status_code == 404
    assert {"url": root} in schema["servers"]
    assert files
    assert {file.status_code for file in files} == {200}
    assert [path for path in loaded if not path.startswith((f"{root}/", BEHIND_A_PATH, "#"))] == []


async def test_a_health_check_need_not_know_the_path(open_server):
    async with open_server(public_url=BEHIND_A_PATH) as (http, _):
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 200
