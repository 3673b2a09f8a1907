"""What the front page shows before a visitor has done anything, on a server with the digits on board."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.main import create_app
from app.settings import Settings
from app.web.pages import VIEW
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving
from tests.web.pages.test_pages import bootstrap
from tests.web.viewer import Viewer, connect


@pytest.fixture
async def http(digits) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(max_running=1), InlineEngine(digits), digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as client:
        yield client


async def test_the_front_page_names_the_recorded_race_to_those_who_bring_no_settings(http):
    assert bootstrap((await http.get("/")).text)["recorded"] == "recorded"
    for name in ("epochs", "lanes", "adam2.beta1", *VIEW):
        assert bootstrap((await http.get(f"/?utm_source=mail&{name}=3")).text)["recorded"] is None
    tracked = "/?utm_source=mail&utm.medium=x&fbclid=a.b&gclid=1&mc_eid=2&ref=news"
    assert bootstrap((await http.get(tracked)).text)["recorded"] == "recorded"
    assert bootstrap((await http.get("/runs/recorded")).text)["recorded"] is None


@pytest.mark.parametrize("path", ["", "/story", "/story/moments", "/weights", "/lanes/0/confusion"])
async def test_the_recorded_race_can_be_looked_at_as_any_run(http, path):
    assert (await http.get(f"/api/runs/recorded{path}")).status_code == 200


@pytest.mark.parametrize("path", ["/runs/recorded", "/runs/recorded/card.png", "/embed/recorded"])
async def test_the_recorded_race_has_a_page_a_card_and_can_be_embedded(http, path):
    assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize("command", ["stop", "pause", "resume", "step"])
async def test_no_one_commands_the_recorded_race(http, command):
    answer = await http.post(f"/api/runs/recorded/{command}", headers={"X-Owner-Key": ""})

    assert answer.status_code == 403
    assert (await http.get("/api/runs/recorded")).json()["status"] == "finished"


async def test_the_recorded_race_is_there_for_everyone_when_no_more_may_watch(digits):
    app = create_app(Settings(max_running=1, max_viewers=1), InlineEngine(digits), digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        live = (await http.post("/api/runs", json={"epochs": 100})).json()["id"]
        async with connect(Viewer(address, live).url):
            recorded, refused = Viewer(address, "recorded"), Viewer(address, live)
            for viewer in (recorded, refused):
                async with viewer.connect() as socket:
                    while await viewer.receive(socket):
                        pass
    assert (recorded.close_code, recorded.run["status"]) == (1000, "finished")
    assert (refused.close_code, refused.error["code"]) == (1013, "too_many_viewers")
