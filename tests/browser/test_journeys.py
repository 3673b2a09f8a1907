"""What people come for, from the front page on as a first visitor finds it, with every click counted."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from app.settings import Settings
from tests.browser.reading import another, batch, chart, choose_action, earlier, open_settings, play, state
from tests.browser.shared_server import SharedServer
from tests.waiting import until


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    """With the digits on board, and so with the recorded race."""
    server = SharedServer(Settings.model_fields["data_dir"].default, tmp_path_factory.mktemp("journeys"))
    yield server
    server.close()


class Visitor:
    """Counts what they click; a value that is chosen from a menu counts once, as one that is clicked does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        expect(page.locator("[data-part=status]")).to_have_text("A recorded race")

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def choose(self, menu: Locator, option: str) -> None:
        self.clicks += 1
        menu.select_option(option)


def test_a_slow_race_to_follow_batch_by_batch_takes_one_click(open_page):
    visitor = Visitor(open_page("/", instruments=False))
    page = visitor.page

    visitor.choose(page.get_by_label("Pace"), "10 batches/s")

    state(page, "racing")
    expect(page.locator("[data-part=speed]")).to_have_text("10 batches/s")
    until(lambda: batch(page) >= 3, "every network makes one step after the other")
    assert visitor.clicks == 1


def test_comparing_with_the_run_before_takes_none(open_page):
    page = Visitor(open_page("/", instruments=False)).page
    play(page)
    # Until then the batches are the recorded race's.
    page.wait_for_url("**/runs/*")
    state(page, "racing")
    until(lambda: batch(page) >= 30, "there is something to compare with")
    page.get_by_role("button", name="Stop", exact=True).click()
    state(page, "stopped")
    open_settings(page)
    page.get_by_label("Learning rate", exact=True).fill("0.1")
    page.keyboard.press("Tab")
    address = page.url
    page.get_by_role("button", name="Run now").click()
    another(page, address)

    # Without another click.
    until(lambda: earlier(page)[0] and earlier(page)[2], "the run before lies under this one in both charts on show")
    told = re.compile(r"(points? against|level with) lr 0\.01$")
    expect(page.locator(".standings .against").first).to_have_text(told)


def test_memorizing_is_seen_after_two_clicks(open_page):
    visitor = Visitor(open_page("/", instruments=False))
    page = visitor.page

    visitor.click(page.locator("[data-part=instruments] summary"))
    visitor.click(page.locator("[data-part=gap-panel]").get_by_text("Adam", exact=True))

    gap = chart(page, "gap-accuracy")
    expect(gap).to_be_visible()
    expect(gap.locator("[data-part=gap]")).to_have_text(re.compile(r"^gap [1-9]\.\d points$"))
    assert visitor.clicks == 2


def test_a_lane_is_removed_with_two_clicks(open_page):
    visitor = Visitor(open_page("/", instruments=False))
    page = visitor.page

    visitor.click(page.get_by_role("button", name="Change settings"))
    visitor.click(page.get_by_role("button", name="Remove Momentum"))

    lanes = page.get_by_role("list", name="Lanes of the next race").get_by_role("listitem")
    expect(lanes).to_have_count(2)
    expect(page.get_by_role("button", name="Change Adam")).to_be_focused()
    page.wait_for_url(re.compile("lanes=sgd,adam$"))
    assert visitor.clicks == 2


def test_start_over_leads_back_to_the_recorded_race(open_page):
    page = Visitor(open_page("/?utm_source=mail", instruments=False)).page
    play(page)
    page.wait_for_url("**/runs/*")

    choose_action(page, "Start over")

    expect(page.locator("[data-part=status]")).to_have_text("A recorded race")
    assert page.url.endswith("/")
