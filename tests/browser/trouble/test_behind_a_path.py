"""The page below a path of another site, behind the proxies of deploy/."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pages.test_sharing import open_share, value
from tests.browser.reading import SHORT, loaded, play, state
from tests.proxies import caddy, nginx
from tests.server_process import free_port, served

ROOT = "/teaching/playground"
NOT_FOUND = "Failed to load resource: the server responded with a status of 404"


@pytest.fixture(params=[nginx, caddy])
def address(request, few_idx_files: Path, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    # In place of the header of visitors' addresses, which the files set: all of them are one visitor here.
    settings = {"PUBLIC_URL": site + ROOT, "MAX_RUNNING": "1"}
    with (
        served(few_idx_files, tmp_path, **settings) as (_, upstream),
        request.param(upstream.removeprefix("http://"), port, tmp_path, below=f"{ROOT}/"),
    ):
        yield site


def test_a_race_is_run_shared_opened_again_and_embedded_and_what_is_not_there_leads_to_it(open_page, address):
    page = open_page(f"{ROOT}{SHORT}", tolerate=(NOT_FOUND,))
    play(page)
    state(page, "finished")
    run = page.url.split("?")[0]
    assert run.startswith(f"{address}{ROOT}/runs/")

    shared = open_share(page)
    assert value(shared, "This run") == run
    assert value(shared, "These settings").startswith(f"{address}{ROOT}/?")
    assert f'src="{run.replace("runs", "embed")}"' in value(shared, "Embed code")
    image = shared.get_by_role("img", name="QR code of the link to this run")
    expect(image).to_be_visible()
    loaded(image)
    page.keyboard.press("Escape")

    page.go_back()
    state(page, "idle")
    page.go_forward()
    state(page, "finished")
    state(open_page(run.removeprefix(address)), "finished")
    state(open_page(run.removeprefix(address).replace("runs", "embed")), "finished")

    page.goto(f"{ROOT}/nowhere")
    page.get_by_role("link", name="Start a new race").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.goto(f"{ROOT}/docs")
    expect(page.get_by_text("Start Run")).to_be_visible()
