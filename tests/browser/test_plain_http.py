"""The page on plain http, as in a classroom's network: without what browsers reserve for https."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PLAIN_HOST
from tests.browser.reading import SHORT, finished
from tests.proxies import free_port
from tests.server_process import served

# Chromium's word on a header that is for https.
ONLY_FOR_HTTPS = "The Cross-Origin-Opener-Policy header has been ignored"


@pytest.fixture
def address(few_idx_files: Path, tmp_path: Path) -> Iterator[str]:
    """Of a server that knows by which name it is reached."""
    port = free_port()
    site = f"http://{PLAIN_HOST}:{port}"
    with served(few_idx_files, tmp_path, port=port, PUBLIC_URL=site, MAX_RUNNING="1"):
        yield site


@pytest.fixture
def page(open_page) -> Page:
    page = open_page(SHORT, tolerate=(ONLY_FOR_HTTPS,))
    assert not page.evaluate("isSecureContext")
    return page


def draw_a_one(page: Page) -> None:
    pad = page.locator("[data-part=pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20, steps=8)
    page.mouse.up()


def test_a_digit_can_be_drawn_and_every_network_answers(page):
    finished(page)
    draw_a_one(page)

    answers = page.locator("[data-part=answers] li")
    expect(answers).to_have_count(3)
    for answer in answers.all():
        expect(answer.locator("[data-best]")).to_have_count(1)


def test_a_link_can_be_copied_and_what_needs_https_is_not_offered(page):
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Copy: ").first.click()
    expect(page.get_by_role("button", name="Copy: ").first).to_have_text("Copied")
    expect(page.locator("[data-part=send]")).to_be_hidden()
