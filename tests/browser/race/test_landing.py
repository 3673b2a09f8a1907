"""The front page of a server with the included digits: a recorded race, replayed once, until play is pressed."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from app.settings import Settings
from tests.browser.accessible import violations_in_both_themes
from tests.browser.fitting import misfits
from tests.browser.layout.test_loading import INTERACTIVE, JUMPS, jumps
from tests.browser.layout.test_stage import CONTROLS
from tests.browser.reading import KEEP_STATES, at_rest, drawn, open_settings, play, state
from tests.browser.shared_server import SharedServer
from tests.waiting import until


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    server = SharedServer(Settings.model_fields["data_dir"].default, tmp_path_factory.mktemp("landing"))
    yield server
    server.close()


# Each as narrow or as wide as its arrangement gets.
WIDTHS = (320, 359, 360, 379, 380, 390, 430, 719, 720, 768, 819, 820, 1099, 1100, 1199, 1200, 1379, 1380)

# Whether an earlier moment of a race has been on show, however few frames a busy machine draws of it.
KEEP_REPLAY = """() => {
  window.replayed = false;
  const note = () => { window.replayed ||= document.body?.hasAttribute('data-replaying') ?? false; };
  new MutationObserver(note).observe(document, { subtree: true, attributeFilter: ['data-replaying'] });
}"""


def at_its_end(page: Page) -> None:
    expect(page.locator("[data-part=detail]")).to_have_text(re.compile("^batch 4,685 of 4,685"))


def test_a_first_visitor_sees_a_race_that_plays_itself_and_how_to_start_one(open_page):
    page = open_page("/healthz")
    page.add_init_script(f"({KEEP_REPLAY})()")
    page.goto("/")

    expect(page.locator("[data-part=status]")).to_have_text("A recorded race")
    said = page.get_by_text("Press play to run your own.").filter(visible=True)
    expect(said).to_have_count(1)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()
    at_its_end(page)
    expect(page.locator("body")).not_to_have_attribute("data-replaying", "")
    assert page.evaluate("window.replayed"), "the race went on by itself"
    assert page.url.endswith("/")


def test_where_networks_are_at_different_batches_the_page_says_so_and_compares_them_at_one(open_page):
    page = open_page("/", reduced_motion="reduce")
    state(page, "finished")
    at_its_end(page)
    expect(page.locator(".wall")).to_have_count(3)

    slider = page.get_by_role("slider", name="Moment of the run")
    slider.fill(str(round(int(slider.get_attribute("max")) / 4)))

    headline, why = (page.locator("[data-part=story] .sentence").nth(i) for i in range(2))
    expect(headline).to_have_text(re.compile(r"^Compared at batch [\d,]+, Adam leads with "))
    expect(why).to_have_text(re.compile("^(Adam moves weights with small gradients over|Momentum is catching up: )"))
    expect(page.locator("[data-part=whole-detail]")).to_have_text(
        re.compile(r"^batch [\d,]+ to [\d,]+ of 4,685 · [\d,]+ examples seen · ")
    )
    page.get_by_text("All instruments").click()
    for width in (720, 768, 1100, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("scrollTo(0, 0)")
        at_rest(page)
        assert misfits(page) == {}, width


def test_a_link_that_someone_follows_opens_as_without(open_page):
    page = open_page("/?utm_source=mail&utm.medium=x&fbclid=IwAR.x&gclid=1&mc_eid=2&ref=news")

    expect(page.locator("[data-part=status]")).to_have_text("A recorded race")
    expect(page.locator("[data-notice]")).to_have_count(0)


def test_play_starts_a_real_race_and_back_leads_to_the_recorded_one(open_page):
    page = open_page("/")
    page.evaluate(KEEP_STATES)
    play(page)

    page.wait_for_url("**/runs/*")
    until(lambda: "racing" in page.evaluate("window.states"), "it races")
    expect(page.get_by_text("Press play to run your own").filter(visible=True)).to_have_count(0)
    page.go_back()
    expect(page.locator("[data-part=status]")).to_have_text("A recorded race")


def test_a_press_of_play_before_the_recording_is_there_starts_a_race(open_page):
    page = open_page("/healthz")
    page.route_web_socket("**/stream", lambda socket: None)
    page.goto("/")
    page.wait_for_selector(INTERACTIVE, state="attached")
    # Playwright's own click would wait for the recording.
    page.locator("[data-part=play]").dispatch_event("click")

    page.wait_for_url("**/runs/*")


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("path", ["/", "/embed/recorded"])
def test_nothing_jumps_while_the_recorded_race_comes(open_page, path, width):
    assert jumps(open_page("/healthz", viewport={"width": width, "height": 900}), path) <= JUMPS


def test_the_sentence_of_the_recorded_race_overlaps_nothing(open_page):
    page = open_page("/", reduced_motion="reduce")
    state(page, "finished")

    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
        if overlaps := misfits(page).get("overlaps"):
            found[width] = overlaps
    assert found == {}


def test_settings_in_the_address_show_no_recorded_race(open_page):
    page = open_page("/?epochs=3")

    state(page, "idle")
    expect(page.get_by_text("Press play to run your own").filter(visible=True)).to_have_count(0)


def test_a_changed_setting_is_in_the_address_of_the_front_page(open_page):
    page = open_page("/", reduced_motion="reduce")
    state(page, "finished")
    open_settings(page)
    page.get_by_label("Epochs", exact=True).fill("2")
    page.keyboard.press("Tab")

    page.wait_for_url("**/?epochs=2")


def test_the_landing_is_accessible_still_for_those_who_want_it_and_fits(open_page):
    page = open_page("/", reduced_motion="reduce")
    state(page, "finished")
    at_its_end(page)

    for width in (360, 390, 768, 1100, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_text("Press play to run your own.").filter(visible=True)).to_have_count(1)
        landing = page.locator(".landing").filter(visible=True)
        expect(landing).to_have_count(1)
        parts = [page.locator(".story"), landing, page.locator(".progress")]
        # In the header, or below the sentence.
        boxes = sorted((part.bounding_box() for part in parts), key=lambda box: box["y"])
        assert all(above["y"] + above["height"] <= below["y"] for above, below in pairwise(boxes)), (width, boxes)
        # What has no room lies in a column out of sight.
        reason, story = (page.locator(where).bounding_box() for where in (".story .sentence:nth-child(2)", ".story"))
        assert reason["x"] + reason["width"] <= story["x"] + story["width"] + 1, width
    for width in (390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations_in_both_themes(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height", "most"), [(360, 740, 10), (390, 844, 10), (430, 932, 10), (768, 1024, 14)])
def test_the_first_view_of_a_small_screen_has_sentence_reason_play_walls_and_a_curve(open_page, width, height, most):
    page = open_page("/", reduced_motion="reduce", instruments=False, viewport={"width": width, "height": height})
    state(page, "finished")
    at_its_end(page)

    where = (".story .sentence:nth-child(1)", ".story .sentence:nth-child(2)", ".landing >> visible=true")
    parts = (*where, "[data-part=play]", ".walls", "[data-chart=train-loss]")
    boxes = [page.locator(part).bounding_box() for part in parts]
    cut = [
        part
        for part, box in zip(parts, boxes, strict=True)
        if box["x"] < 0 or box["x"] + box["width"] > width or box["y"] + box["height"] > height
    ]
    assert cut == []
    assert len(page.evaluate(CONTROLS)) <= most, page.evaluate(CONTROLS)
    # Nothing clips the reason.
    assert boxes[1]["y"] + boxes[1]["height"] <= boxes[2]["y"] + 1
