"""Generated addresses, and generated values in the browser's storage, in Chromium: the page is there, and races."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout.test_loading import INTERACTIVE
from tests.browser.reading import SHORT
from tests.fuzz.kept import NAMES, PREFIX, values
from tests.fuzz.kind import for_each
from tests.fuzz.queries import queries

# Of runs that a link names as earlier ones, and that are not there.
GONE = ("Failed to load resource: the server responded with a status of 404", "WebSocket connection to")
QUERIES = 24
PRESSES = 4


def press_play(page: Page) -> None:
    """However it is shown: presented pages hide the button."""
    page.locator("[data-part=play]").dispatch_event("click")
    page.wait_for_url("**/runs/*")


@pytest.mark.slow
def test_pages_of_generated_addresses_open_and_race(open_page):
    page = open_page("/healthz", tolerate=GONE)
    seen: list[str] = []

    def look(query: str) -> None:
        seen.append(query)
        # First, and so these count: whatever else is chosen, such a race is short.
        page.goto(f"/?epochs=1&hidden=4&{query}")
        page.wait_for_selector(INTERACTIVE, state="attached")
        expect(page.locator("body")).to_have_attribute("data-state", "idle")
        if len(seen) % (QUERIES // PRESSES) == 0:
            press_play(page)

    for_each(queries(), QUERIES, 2, look)
    assert len(seen) == QUERIES


@pytest.mark.slow
def test_pages_open_race_and_heal_whatever_the_browser_keeps(open_page):
    page = open_page("/healthz", instruments=False)
    seen: list[str] = []

    def look(text: str) -> None:
        seen.append(text)
        page.goto("/healthz")
        page.evaluate(
            "([names, text]) => names.forEach(name => localStorage.setItem(name, text))",
            [[PREFIX + name for name in NAMES], text],
        )
        page.goto(SHORT)
        page.wait_for_selector(INTERACTIVE, state="attached")
        press_play(page)
        kept = page.evaluate("prefix => Object.fromEntries(Object.entries(localStorage))", PREFIX)
        assert kept.get(f"{PREFIX}theme") in (None, "system", "light", "dark")
        assert kept.get(f"{PREFIX}instruments") in (None, "open", "closed")
        assert PREFIX + "browser" not in kept, "this server is no classroom"
        assert len(kept.get(f"{PREFIX}passphrase", "")) <= 500
        run = page.url.rpartition("/")[2].partition("?")[0]
        assert run in json.loads(kept[f"{PREFIX}owner-keys"])
        assert json.loads(kept[f"{PREFIX}runs"])[0]["id"] == run

    for_each(values(), 12, 3, look)
    assert len(seen) == 12
