"""While a race goes on the page says what races, and in what the networks differ."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.fitting import misfits
from tests.browser.layout.test_nothing_moves import LONGEST_STORY
from tests.browser.layout.test_presenting import TELL
from tests.browser.reading import LONG, drawn, pause, play, settled, state


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (768, 1024), (390, 844), (360, 740)])
def test_while_a_race_goes_on_the_page_says_what_races(open_page, width, height):
    page = open_page(f"{LONG}&learning_rate=0.001", instruments=False, viewport={"width": width, "height": height})
    landing = page.locator(".landing").filter(visible=True)
    expect(landing).to_have_count(0)
    play(page)
    state(page, "racing")

    expect(landing).to_have_text(
        re.compile(r"^Three small networks learn to read handwritten digits; only the update rule differs\.")
    )
    expect(page.get_by_text("Press play to run your own.").filter(visible=True)).to_have_count(0)
    pause(page)
    drawn(page)
    parts = [landing, page.locator(".story"), page.locator("[data-part=play]")]
    said, story, button = (part.bounding_box() for part in parts)
    assert said["x"] >= 0 and said["x"] + said["width"] <= width
    assert said["y"] + said["height"] <= (story["y"] if width >= 1100 else page.locator(".walls").bounding_box()["y"])
    assert said["y"] >= story["y"] + story["height"] - 1 or width >= 1100
    assert width > 719 or said["y"] + said["height"] <= button["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_else_differs_is_left_to_the_names(open_page):
    page = open_page("/?epochs=100&lanes=sgd,adam&sgd.learning_rate=0.1")
    play(page)
    state(page, "racing")

    expect(page.locator(".landing").filter(visible=True)).to_have_text(
        re.compile(r"^Two small networks learn to read handwritten digits\.")
    )


def test_six_names_are_read_whole_on_a_phone(open_page):
    page = open_page("/?lanes=sgd,momentum,adam,rmsprop,nesterov,lion", viewport={"width": 360, "height": 740})
    names = page.locator(".wall h2")
    expect(names).to_have_count(6)
    expect(names.nth(1)).to_have_text("Momentum")

    assert (
        names.evaluate_all(
            "all => all.filter(node => node.scrollWidth > node.clientWidth).map(node => node.textContent)"
        )
        == []
    )


def test_beside_a_race_of_somebody_else_what_races_is_clear_of_the_sentences(open_page, over):
    page = open_page(over, instruments=False, viewport={"width": 768, "height": 900})
    settled(page)
    expect(page.locator("[data-part=yours]")).to_be_visible()
    # The second in two lines.
    failed = "Adam failed at batch 120. The lane's worker process was killed by SIGKILL. "
    leads = "Momentum leads with 91.21 % correct on unseen digits, 7.9 points ahead of SGD. "
    for sentences in ([leads, failed], LONGEST_STORY):
        page.evaluate(TELL, sentences)
        for width in (720, 768, 850, 899, 900, 1099):
            page.set_viewport_size({"width": width, "height": 900})
            drawn(page)

            assert misfits(page).get("overlaps") is None, (width, sentences)
