"""What stands between the page and its server, or is too old: a visitor is told what it is."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import SHORT, finished, play, state

FAILED = ("Failed to load resource",)


def told(page):
    return page.locator("#not-loaded")


@pytest.mark.parametrize(
    ("blocked", "name"),
    [("**/js/buckets.js", "buckets.js"), ("**/js/main.js", "main.js"), ("**/uPlot.esm.js", "uPlot.esm.js")],
)
def test_a_blocked_script_is_named(open_page, blocked, name):
    page = open_page("/healthz", tolerate=FAILED)
    page.route(blocked, lambda route: route.abort("blockedbyclient"))
    page.goto("/")

    expect(told(page)).to_contain_text(f"A part of this page did not load: {name}. Is a content blocker")
    expect(page.locator("[data-part=status]")).to_have_text("Not loaded")


def test_a_blocked_style_sheet_is_named_and_the_page_works(open_page):
    page = open_page("/healthz", tolerate=FAILED)
    page.route("**/css/panels.css", lambda route: route.abort("blockedbyclient"))
    page.goto(SHORT)

    expect(told(page)).to_contain_text("A part of this page did not load: panels.css.")
    finished(page)


def test_a_blocked_script_of_an_embedded_race_is_named(open_page):
    page = open_page(SHORT, tolerate=FAILED)
    play(page)
    state(page, "finished")
    page.route("**/js/standings.js", lambda route: route.fulfill(status=403, body="blocked"))
    page.goto(page.url.split("?")[0].replace("/runs/", "/embed/"))

    expect(told(page)).to_contain_text("A part of this page did not load: standings.js.")


def test_what_loads_when_it_is_wanted_is_named_too(open_page):
    page = open_page("/", tolerate=FAILED)
    page.route("**/js/share-dialog.js", lambda route: route.abort("blockedbyclient"))
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("alert")).to_contain_text("share-dialog.js could not be loaded.")


def test_a_browser_that_is_too_old_is_told_which_ones_are_not(open_page):
    page = open_page("/healthz", tolerate=FAILED)
    page.add_init_script("delete HTMLElement.prototype.popover")
    page.goto("/")

    expect(told(page)).to_contain_text("Safari 17, Firefox 125, Chrome 114")


def test_nothing_is_told_of_a_page_that_is_whole(open_page):
    page = open_page(SHORT)
    finished(page)
    expect(told(page)).to_have_count(0)
