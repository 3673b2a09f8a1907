"""axe finds no violation in any state, and the page fits every width."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SERVER_GONE
from tests.browser.reading import DIVERGING, LONG, SHORT, SIX, legend, play, state
from tests.waiting import until

THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


def violations(page: Page) -> list[str]:
    return [f"{problem['id']}: {problem['nodes'][0]['html']}" for problem in Axe().run(page).response["violations"]]


@THEMES
def test_idle_is_accessible(open_page, theme):
    assert violations(open_page("/", color_scheme=theme)) == []


@THEMES
def test_racing_is_accessible(open_page, theme):
    page = open_page(LONG, color_scheme=theme)
    play(page)
    state(page, "racing")

    assert violations(page) == []


@THEMES
def test_a_result_with_a_diverged_lane_is_accessible(open_page, theme):
    page = open_page(DIVERGING, color_scheme=theme)
    play(page)
    state(page, "finished")

    assert violations(page) == []


@THEMES
def test_a_lost_connection_is_accessible(open_page, server, theme):
    page = open_page(LONG, color_scheme=theme, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    server[0].kill()
    state(page, "lost")

    assert violations(page) == []


@THEMES
def test_wrong_entries_and_the_help_are_accessible(open_page, theme):
    page = open_page("/", color_scheme=theme)
    page.get_by_label("Epochs", exact=True).fill("many")
    play(page)

    assert violations(page) == []
    page.get_by_role("button", name="How it works").click()
    assert violations(page) == []


@THEMES
@pytest.mark.parametrize("width", [390, 1440])
def test_the_lane_editor_and_six_lanes_are_accessible(open_page, theme, width):
    page = open_page(SIX, color_scheme=theme, viewport={"width": width, "height": 900})
    if width < 720:
        page.locator("[data-part=settings-toggle]").click()
    page.get_by_role("button", name="More settings").click()

    assert violations(page) == []
    page.get_by_role("button", name="Change Adam 2").click()
    page.get_by_label("Memory β₁", exact=True).fill("2")
    page.get_by_role("button", name="Done").click()
    assert violations(page) == []


def test_the_page_of_an_unknown_run_is_accessible(open_page):
    page = open_page("/runs/nosuchrun", tolerate=("Failed to load resource",))

    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440, 2560])
def test_no_width_needs_to_be_scrolled_sideways(open_page, width):
    page = open_page(SIX, viewport={"width": width, "height": 800})
    play(page)
    state(page, "finished")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    toggle = page.locator("[data-part=settings-toggle]")
    if toggle.is_visible():
        toggle.click()
    page.get_by_role("button", name="More settings").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_can_be_read_with_the_arrow_keys(open_page):
    page = open_page(SHORT)
    play(page)
    state(page, "finished")
    chart = page.get_by_role("img", name="Training loss")
    before = legend(page, "test-loss")

    chart.focus()
    page.keyboard.press("Home")

    until(lambda: legend(page, "test-loss") != before, "every chart reads the place of the cursor")
