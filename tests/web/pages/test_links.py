"""What other sites make of a link: its tags, its card, what may be embedded of it."""

import re
import xml.etree.ElementTree as ET
from html import unescape
from io import BytesIO

import httpx
import pytest
from PIL import Image

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving

ENDLESS = {"epochs": 100, "batch_size": 1}


async def finished(http, **config) -> str:
    run = (await http.post("/api/runs", json={"epochs": 1, **config})).json()
    while (await http.get(f"/api/runs/{run['id']}")).json()["status"] != "finished":
        pass
    return run["id"]


def tags(html: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="(.*?)">', html)
    return {name: unescape(content) for name, content in found}


async def test_a_run_that_is_over_unfurls_with_its_outcome(http, address):
    run_id = await finished(http)

    page = (await http.get(f"/runs/{run_id}")).text

    told = tags(page)
    assert re.match(r"\w+ wins with \d+\.\d\d\u202f% correct on unseen digits", told["og:title"])
    assert f"<title>{told['og:title']} · Optimizer Playground</title>" in unescape(page)
    assert "learning rate 0.01 · batch size 64 · 1 epoch" in told["og:description"]
    assert told["og:url"] == f"http://{address}/runs/{run_id}"
    assert told["og:image"] == f"http://{address}/runs/{run_id}/card.png"
    assert told["twitter:card"] == "summary_large_image"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_card_of_a_run_is_a_picture_that_may_be_kept(http, method):
    run_id = await finished(http)

    answer = await http.request(method, f"/runs/{run_id}/card.png")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    if method == "GET":
        assert Image.open(BytesIO(answer.content)).size == (1200, 630)


async def test_the_card_of_a_live_run_is_kept_for_a_short_time(http):
    run = (await http.post("/api/runs", json=ENDLESS)).json()
    live = await http.get(f"/runs/{run['id']}/card.png")
    again = await http.get(f"/runs/{run['id']}/card.png")

    assert live.headers["cache-control"] == "public, max-age=30"
    assert again.content == live.content


async def test_a_card_is_drawn_anew_when_a_race_pauses(http):
    run = (await http.post("/api/runs", json=ENDLESS)).json()
    live = await http.get(f"/runs/{run['id']}/card.png")

    assert (await http.post(f"/api/runs/{run['id']}/pause")).is_success

    assert (await http.get(f"/runs/{run['id']}/card.png")).content != live.content


async def test_a_run_in_the_queue_has_a_card_and_an_unknown_one_has_none(http):
    await http.post("/api/runs", json=ENDLESS)
    queued = (await http.post("/api/runs", json={})).json()

    assert (await http.get(f"/runs/{queued['id']}/card.png")).status_code == 200
    assert (await http.get("/runs/nosuchrun/card.png")).status_code == 404


async def test_the_front_page_unfurls_with_a_card_of_its_own(http, address):
    told = tags((await http.get("/")).text)

    assert told["og:image"] == f"http://{address}/static/card.png"
    card = await http.get(told["og:image"])
    assert Image.open(BytesIO(card.content)).size == (1200, 630)


async def test_links_use_the_address_that_the_operator_set(few_digits):
    settings = Settings(public_url="https://race.example/")
    app = create_app(settings, InlineEngine(few_digits), few_digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        assert tags((await http.get("/")).text)["og:url"] == "https://race.example/"


async def test_a_run_links_to_its_oembed_answer_with_an_iframe_of_the_requested_size(http, address):
    run_id = await finished(http)
    page = (await http.get(f"/runs/{run_id}")).text
    discovered = unescape(re.search(r'<link rel="alternate" type="application/json\+oembed" href="(.*?)"', page)[1])

    whole = (await http.get(discovered)).json()
    small = (await http.get(f"{discovered}&maxwidth=360&maxheight=320")).json()

    assert (whole["type"], whole["version"], whole["width"], whole["height"]) == ("rich", "1.0", 800, 600)
    assert whole["thumbnail_url"] == f"http://{address}/runs/{run_id}/card.png"
    assert f'<iframe src="http://{address}/embed/{run_id}" width="360" height="320"' in small["html"]
    assert (small["width"], small["height"]) == (360, 320)
    assert "thumbnail_url" not in small


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"url": "https://elsewhere.example/runs/1"}, 404, "should be the address of a run"),
        ({"url": "{base}/runs/nosuchrun"}, 404, "nosuchrun"),
        ({"url": "{base}/sweeps/nosuchsweep"}, 404, "nosuchsweep"),
        ({"url": "{base}/"}, 404, "should be the address of a run"),
        ({"url": "{base}/runs/nosuchrun", "format": "xml"}, 501, "Only json"),
        ({"url": "{base}/runs/nosuchrun", "maxwidth": "wide"}, 422, "maxwidth"),
    ],
)
async def test_oembed_says_what_it_cannot_answer(http, address, asked, status, words):
    query = {name: value.format(base=f"http://{address}") for name, value in asked.items()}

    answer = await http.get("/oembed", params=query)

    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


async def test_a_qr_code_is_a_picture_of_an_address_of_this_server(http):
    answer = await http.get("/api/qr.svg", params={"path": "/?epochs=3&adam.learning_rate=0.001"})

    assert answer.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert answer.text != (await http.get("/api/qr.svg", params={"path": "/"})).text


async def test_a_head_request_is_answered_without_a_body(http, address):
    run_id = await finished(http)

    for path in (f"/oembed?url=http://{address}/runs/{run_id}", "/api/qr.svg?path=/"):
        told, asked = await http.get(path), await http.head(path)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-type"] == told.headers["content-type"]


async def test_a_qr_code_hands_a_passphrase_on_that_no_log_and_no_cache_has_seen(http):
    plain = await http.get("/api/qr.svg", params={"path": "/"})
    coded = await http.get("/api/qr.svg", params={"path": "/"}, headers={"X-Passphrase": "gr%C3%BCne%20Wiese"})
    same = await http.get("/api/qr.svg", params={"path": "/#token=gr%C3%BCne%20Wiese"})

    assert plain.text != coded.text == same.text
    assert coded.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["//elsewhere.example", "https://elsewhere.example", "runs/1", "/\\elsewhere", "/a b"])
async def test_a_qr_code_of_another_server_is_refused(http, path):
    assert (await http.get("/api/qr.svg", params={"path": path})).status_code == 422


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_run_can_be_embedded_and_an_unknown_one_says_so(http, method):
    run_id = await finished(http)

    assert (await http.request(method, f"/embed/{run_id}")).status_code == 200
    assert (await http.request(method, "/embed/nosuchrun")).status_code == 404


async def test_an_embedded_run_takes_its_theme_from_the_address_and_no_markup(http):
    run_id = await finished(http)

    assert '<html lang="en" data-root="" data-theme="dark">' in (await http.get(f"/embed/{run_id}?theme=dark")).text
    assert "<script>alert" not in (await http.get(f"/embed/{run_id}?theme=<script>alert(1)</script>")).text


async def test_what_an_embedded_run_loads_is_there(http):
    run_id = await finished(http)
    page = (await http.get(f"/embed/{run_id}")).text

    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        assert (await http.get(path)).status_code == 200, path
    assert "/static/bundle/embed-" in page
    assert "/static/bundle/main-" not in page


async def test_modules_loaded_on_demand_are_not_preloaded(http):
    assert "/later-" not in (await http.get("/")).text
