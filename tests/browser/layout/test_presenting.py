"""The page for a projector, and panels that come and go: what a teacher prepares is what a link opens."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.browser.fitting import SHARE, SMALLEST_TYPE, misfits
from tests.browser.layout.test_nothing_moves import LONGEST_STORY
from tests.browser.reading import LONG, SHORT, at_rest, chart, choose_action, ink, play, settled, state
from tests.waiting import until

TELL = """sentences => document.querySelector('.story').replaceChildren(...sentences.map(textContent =>
  Object.assign(document.createElement('span'), { className: 'sentence', textContent })))"""
LINES = "node => Math.round(node.getBoundingClientRect().height / parseFloat(getComputedStyle(node).lineHeight))"


def presenting(page: Page) -> bool:
    return page.locator("body").get_attribute("data-present") is not None


def full_screen(page: Page) -> bool:
    return page.evaluate("document.fullscreenElement !== null")


def test_presenting_leaves_the_stage_and_the_transport(open_page):
    page = open_page(SHORT)
    size = chart(page, "train-loss").bounding_box()["height"]

    choose_action(page, "Present")

    page.wait_for_url(re.compile(r"present=1"))
    for shown in ("SGD", "Momentum", "Adam", "Training loss", "Test accuracy"):
        expect(page.get_by_role("heading", name=shown, exact=True)).to_be_visible()
    for hidden in ("Standings", "Batches to reach", "Hard digits"):
        expect(page.get_by_role("heading", name=hidden)).to_be_hidden()
    expect(page.get_by_label("Epochs", exact=True)).to_be_hidden()
    expect(page.get_by_text(re.compile(r"batch\s.*64\s.*smoothing\s0.95"))).to_be_visible()
    assert chart(page, "train-loss").bounding_box()["height"] > size
    play(page)
    state(page, "finished")
    until(lambda: min(ink(page, "train-loss")) > 0, "the larger charts are drawn")
    page.get_by_role("button", name="Leave presenting").click()
    expect(page.get_by_role("heading", name="Hard digits")).to_be_visible()
    page.wait_for_url(lambda url: "present" not in url)


def test_a_key_presents_and_escape_leaves(open_page):
    page = open_page("/")

    page.keyboard.press("f")
    until(lambda: presenting(page), "f presents")
    until(lambda: full_screen(page), "the screen is full")
    page.keyboard.press("Escape")
    until(lambda: not presenting(page), "Escape leaves")
    until(lambda: not full_screen(page), "the screen is not full any more")


def test_a_link_opens_presenting_with_the_panels_that_were_left_open(open_page):
    page = open_page("/?present=1&hide=test-loss,train-accuracy")

    assert presenting(page)
    expect(page.get_by_role("heading", name="Training loss")).to_be_visible()
    expect(page.get_by_role("heading", name="Test loss")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Hard digits")).to_be_visible()
    expect(page.get_by_role("heading", name="Test loss")).to_be_hidden()


def test_a_panel_can_be_closed_and_opened_again(open_page):
    page = open_page(SHORT)
    for title in ("Training loss", "Batches to reach"):
        page.get_by_role("heading", name=title).hover()
        page.get_by_role("button", name=f"Close {title}").click()
        expect(page.get_by_role("heading", name=title)).to_be_hidden()
        expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()
    page.wait_for_url(re.compile("hide=train-loss,reach"))
    play(page)
    state(page, "finished")
    assert min(ink(page, "test-loss")) > 0

    other = open_page(page.url)
    expect(other.get_by_role("heading", name="Batches to reach")).to_be_hidden()
    choose_action(other, "Panels")
    other.get_by_role("checkbox", name="Batches to reach").check()
    other.get_by_role("checkbox", name="Training loss").check()

    expect(other.get_by_role("heading", name="Batches to reach")).to_be_visible()
    other.wait_for_url(lambda url: "hide" not in url)
    until(lambda: min(ink(other, "train-loss")) > 0, "a chart that is opened again is drawn")


def test_when_all_panels_are_closed_one_button_opens_them(open_page):
    panels = "train-loss,train-accuracy,test-accuracy,test-loss,push,weights,replay,story"
    page = open_page(f"/?hide={panels},gap,followed,standings,reach,digits,draw,confusion")
    expect(page.get_by_text("All panels are closed.")).to_be_visible()
    expect(page.get_by_label("Smoothing")).to_be_hidden()

    page.get_by_role("button", name="Open all").click()

    expect(page.get_by_text("All panels are closed.")).to_be_hidden()
    expect(page.get_by_label("Smoothing")).to_be_visible()
    expect(page.get_by_role("heading", name="Confusion")).to_be_visible()
    page.wait_for_url(lambda url: "hide" not in url)


SIZES = ((1024, 768), (1280, 720), (1440, 900), (1920, 1080))
MANY = "sgd,momentum,adam,adam,lion,nesterov"


@pytest.mark.parametrize("lanes", ["adam", "sgd,momentum,adam", MANY])
def test_what_is_presented_has_its_room_and_is_mostly_curves_and_digits(open_page, lanes):
    page = open_page(f"{SHORT}&lanes={lanes}&present=1", instruments=False)
    state(page, "idle")
    expect(page.locator(".wall")).to_have_count(lanes.count(",") + 1)

    def at_every_size() -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            at_rest(page)
            assert misfits(page) == {}, (width, height)
            assert page.evaluate("document.documentElement.scrollHeight") <= height
            assert page.evaluate(SHARE) >= 0.55, (width, height)
            # What one reads from the last row of a classroom.
            assert page.evaluate(SMALLEST_TYPE) >= 0.014, (width, height)

    at_every_size()
    play(page)
    state(page, "finished")
    at_every_size()


def test_a_long_sentence_is_presented_as_a_whole(open_page):
    page = open_page("/?present=1")
    state(page, "idle")

    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(TELL, LONGEST_STORY)
        assert misfits(page) == {}
        told = page.locator(".story .sentence").first
        assert told.evaluate(LINES) == 2


def test_pace_and_settings_have_keys(open_page):
    page = open_page("/?present=1")
    pace = page.get_by_label("Pace")

    page.keyboard.press(",")
    expect(pace.locator("option:checked")).to_have_text("200 batches/s")
    page.keyboard.press(",")
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(pace.locator("option:checked")).to_have_text("Full speed")
    page.keyboard.press("c")
    expect(page.get_by_label("Epochs", exact=True)).to_be_visible()
    assert misfits(page).get("overlaps") is None
    page.keyboard.press("c")
    expect(page.get_by_label("Epochs", exact=True)).to_be_hidden()


def test_presenting_says_so_where_no_open_panel_is_presented(open_page):
    page = open_page("/?hide=train-loss,test-accuracy&present=1")
    expect(page.get_by_role("heading", name="Push per weight")).to_be_hidden()
    expect(page.get_by_text("All panels are closed.")).to_be_visible()


def test_a_notice_leaves_the_headline_alone_when_presenting(open_page):
    page = open_page("/?present=1&epochs=no")

    notice = page.locator("[data-notice=link]").bounding_box()
    headline = page.locator("[data-part=story]").bounding_box()
    assert notice["y"] > headline["y"] + headline["height"] + 100
    assert misfits(page) == {}


def test_presenting_and_the_menu_of_panels_are_accessible(open_page):
    page = open_page(LONG)
    choose_action(page, "Panels")
    page.get_by_role("checkbox", name="Batches to reach").wait_for()
    assert violations_in_both_themes(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    play(page)
    state(page, "racing")

    assert violations_in_both_themes(page) == []


def test_presenting_fits_every_width(open_page, over):
    page = open_page(f"{over}?present=1")
    settled(page)

    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_values_are_those_under_the_mouse_only_while_it_is_on_a_chart(open_page, over):
    page = open_page(over)
    settled(page)
    hovered = page.locator("[data-hovered]")

    def hover(name: str) -> None:
        # Charts that take another size let go of the mouse.
        at_rest(page)
        over = chart(page, name).locator(".u-over")
        box = over.bounding_box()
        over.hover(position={"x": box["width"] * 0.9, "y": box["height"] * 0.8})
        expect(hovered).to_have_count(6)

    for present in (True, False):
        hover("test-accuracy")
        page.keyboard.press("f")
        until(lambda present=present: presenting(page) == present, "f presents, and leaves")
        until(lambda present=present: full_screen(page) == present, "so does the full screen")
        expect(hovered).to_have_count(0)
    hover("train-loss")
    page.get_by_role("button", name="Close Training loss").evaluate("button => button.click()")
    expect(hovered).to_have_count(0)


def test_an_experiment_is_presented_as_any_race(open_page):
    page = open_page("/experiments/pulls-ahead?present=1", viewport={"width": 1440, "height": 900})
    expect(page.locator("[data-part=question]")).to_be_visible()
    page.locator("[data-guess]").first.click()

    expect(page.locator("[data-part=experiment]")).to_be_hidden()
    expect(page.locator(".wall")).to_have_count(3)
    at_rest(page)
    assert misfits(page) == {}
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    assert page.evaluate(SHARE) >= 0.55
