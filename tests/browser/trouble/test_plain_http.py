"""The page on plain http, as in a classroom's network: without what browsers reserve for https."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PLAIN_HOST
from tests.browser.reading import KEEP_TEXTS, SHORT, draw_a_one, finished
from tests.server_process import free_port, served
from tests.waiting import until

# Chromium's word on a header that is for https.
ONLY_FOR_HTTPS = "The Cross-Origin-Opener-Policy header has been ignored"


@pytest.fixture
def address(few_idx_files: Path, tmp_path: Path) -> Iterator[str]:
    """Of a server that knows by which name it is reached."""
    port = free_port()
    site = f"http://{PLAIN_HOST}:{port}"
    with served(few_idx_files, tmp_path, port=port, PUBLIC_URL=site, MAX_RUNNING="1"):
        yield site


def test_a_link_is_copied_a_drawn_digit_answered_and_what_needs_https_is_not_offered(open_page):
    page = open_page(SHORT, tolerate=(ONLY_FOR_HTTPS,))
    assert not page.evaluate("isSecureContext")
    page.get_by_role("button", name="Share").click()
    copy = page.get_by_role("button", name="Copy: ").first
    copy.evaluate(KEEP_TEXTS)
    copy.click()
    until(lambda: "Copied" in page.evaluate("window.texts"), "the button says so for a while")
    expect(page.locator("[data-part=send]")).to_be_hidden()
    page.keyboard.press("Escape")

    finished(page)
    draw_a_one(page)
    answers = page.locator("[data-part=answers] li")
    expect(answers).to_have_count(3)
    for answer in answers.all():
        expect(answer.locator("[data-best]")).to_have_count(1)
