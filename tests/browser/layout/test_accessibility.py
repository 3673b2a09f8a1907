"""axe finds no violation in any state, in either theme, and the page fits every width."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import violations, violations_in_both_themes
from tests.browser.conftest import DIVERGED, SERVER_GONE
from tests.browser.reading import LONG, SIX, choose_action, finished, legend, open_settings, play, settled, state
from tests.waiting import until

HEIGHT = 900


def test_idle_is_accessible(open_page):
    assert violations_in_both_themes(open_page("/")) == []


def test_racing_is_accessible(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")

    assert violations_in_both_themes(page) == []


def test_a_result_with_a_diverged_lane_is_accessible(open_page, raced):
    page = open_page(raced(**DIVERGED))
    settled(page)
    expect(page.locator(".standings [data-status=diverged]")).to_have_count(1)

    assert violations_in_both_themes(page) == []


def test_a_lost_connection_is_accessible(open_page, server):
    page = open_page(LONG, tolerate=SERVER_GONE)
    play(page)
    state(page, "racing")
    server[0].kill()
    state(page, "lost")

    assert violations_in_both_themes(page) == []


def test_wrong_entries_and_the_help_are_accessible(open_page):
    page = open_page("/")
    open_settings(page)
    page.get_by_label("Epochs", exact=True).fill("many")
    play(page)

    assert violations_in_both_themes(page) == []
    choose_action(page, "Keys and gestures")
    page.get_by_role("dialog", name="Keys and gestures").wait_for()
    assert violations_in_both_themes(page) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_lane_editor_and_six_lanes_are_accessible(open_page, width):
    page = open_page(SIX, viewport={"width": width, "height": HEIGHT})
    open_settings(page)
    page.get_by_role("button", name="More settings").click()

    assert violations_in_both_themes(page) == []
    page.get_by_role("button", name="Change Adam 0.001").click()
    page.get_by_label("Decay rate β₁", exact=True).fill("2")
    page.get_by_role("button", name="Done").click()
    assert violations_in_both_themes(page) == []


def test_the_page_of_an_unknown_run_is_accessible(open_page):
    page = open_page("/runs/nosuchrun", tolerate=("Failed to load resource",))

    assert violations(page) == []


def test_no_width_needs_to_be_scrolled_sideways_with_all_settings_open(open_page):
    page = open_page(SIX)
    finished(page)
    open_settings(page)
    page.get_by_role("button", name="More settings").click()

    def too_wide(width: int) -> bool:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        return page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert [width for width in (360, 390, 768, 1024, 1440, 2560) if too_wide(width)] == []


def test_charts_can_be_read_with_the_arrow_keys(open_page, over):
    page = open_page(over)
    settled(page)
    chart = page.get_by_role("img", name="Training loss")
    before = legend(page, "test-loss")

    chart.focus()
    page.keyboard.press("Home")

    until(lambda: legend(page, "test-loss") != before, "every chart reads the place of the cursor")
