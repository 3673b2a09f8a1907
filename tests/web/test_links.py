"""What other sites make of a link: its tags, its card, what may be embedded of it."""

import re
from html import unescape
from io import BytesIO

import httpx
import pytest
from PIL import Image

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from tests.web.conftest import serving


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
    assert re.match(r"\w+ wins with \d+\.\d\d\u202f% of unseen digits right", told["og:title"])
    assert f"<title>{told['og:title']} · Optimizer Playground</title>" in unescape(page)
    assert "learning rate 0.01 · batch 64 · 1 epoch" in told["og:description"]
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
    run = (await http.post("/api/runs", json={"epochs": 100})).json()
    live = await http.get(f"/runs/{run['id']}/card.png")
    again = await http.get(f"/runs/{run['id']}/card.png")

    assert live.headers["cache-control"] == "public, max-age=30"
    assert again.content == live.content


async def test_a_run_in_the_queue_has_a_card_and_an_unknown_one_has_none(http):
    await http.post("/api/runs", json={"epochs": 100})
    queued = (await http.post("/api/runs", json={})).json()

    assert (await http.get(f"/runs/{queued['id']}/card.png")).status_code == 200
    assert (await http.get("/runs/nosuchrun/card.png")).status_code == 404


async def test_the_front_page_unfurls_with_a_card_of_its_own(http, address):
    told = tags((await http.get("/")).text)

    assert told["og:image"] == f"http://{address}/static/card.png"
    card = await http.get(told["og:image"])
    assert Image.open(BytesIO(card.content)).size == (1200, 630)


async def test_links_are_told_as_the_operator_calls_the_server(few_digits):
    settings = Settings(public_url="https://race.example/")
    app = create_app(settings, InlineEngine(few_digits), few_digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:
        assert tags((await http.get("/")).text)["og:url"] == "https://race.example/"
