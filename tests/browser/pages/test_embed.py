"""A run embedded in another page is the stage, as far as the frame has room: curves first, then walls."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import drawn, settled

WIDTHS = (360, 479, 480, 599, 600, 719, 720, 1049, 1050, 1200)
HEIGHTS = (300, 400, 519, 520, 559, 560, 700)
LANES = [{"optimizer": name} for name in ("sgd", "momentum", "momentum", "adam", "schedulefree", "lion")]
# Texts of the walls that are cut at the edge of theirs, other than names.
CUT = """() => [...document.querySelectorAll('.wall')].flatMap((wall) => {
  const { right, bottom } = wall.getBoundingClientRect();
  const range = document.createRange();
  const shown = [...wall.querySelectorAll('p, canvas')].filter((node) => node.offsetWidth > 0);
  return shown.filter((node) => {
    range.selectNode(node);
    const box = range.getBoundingClientRect();
    return box.right > right + 1 || box.bottom > bottom + 1;
  }).map((node) => node.className || node.tagName);
})"""
SCROLLED = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"


def embedded(open_page, path: str) -> Page:
    page = open_page(path.replace("/runs/", "/embed/"))
    settled(page)
    return page


@pytest.mark.parametrize("lanes", [LANES[:1], LANES[:3], LANES], ids=len)
def test_in_frames_of_every_size_nothing_is_cut_and_the_curve_is_there(open_page, raced, lanes):
    page = embedded(open_page, raced(epochs=1, hidden=[16], lanes=lanes))
    accuracy = page.get_by_role("img", name="Test accuracy")
    for width in WIDTHS:
        for height in HEIGHTS:
            page.set_viewport_size({"width": width, "height": height})
            drawn(page)

            where = (width, height)
            assert page.evaluate(SCROLLED) == [width, height], where
            assert page.evaluate(CUT) == [], where
            box = accuracy.bounding_box()
            assert box["height"] >= 120 and box["y"] + box["height"] <= height, where
            if page.locator(".wall").first.is_visible():
                assert page.locator(".walls canvas").count() == len(lanes)
                assert all(wall.bounding_box()["width"] >= 40 for wall in page.locator(".walls canvas").all()), where


def test_walls_and_the_sentence_are_shown_where_there_is_room_and_work_as_on_the_page(open_page, over):
    page = embedded(open_page, over)
    for width, height, room in (
        (1200, 700, True),
        (800, 600, True),
        (360, 640, True),
        (700, 400, False),
        (360, 320, False),
    ):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("[data-part=walls]")).to_be_visible(visible=room)
    page.set_viewport_size({"width": 800, "height": 600})

    expect(page.locator("[data-part=story]")).to_contain_text("correct on unseen digits")
    expect(page.get_by_role("img", name="Training loss")).to_be_visible()
    expect(page.locator(".wall .right")).to_contain_text(["of these 100"] * 3)
    page.get_by_role("img", name="Adam reads").click()
    expect(page.get_by_role("group", name="One digit")).to_contain_text("What each network takes it for:")


@pytest.mark.parametrize(("width", "height"), [(1200, 700), (720, 520), (480, 560), (360, 560)])
def test_a_sentence_is_there_as_a_whole_or_not_at_all(open_page, over, width, height):
    page = embedded(open_page, over)
    page.set_viewport_size({"width": width, "height": height})
    drawn(page)

    story = page.locator("[data-part=story]").bounding_box()
    boxes = [sentence.bounding_box() for sentence in page.locator("[data-part=story] .sentence").all()]
    right, bottom = story["x"] + story["width"], story["y"] + story["height"]
    shown = [box for box in boxes if box["x"] < right]
    assert shown[0] == boxes[0]
    assert [box for box in shown if box["y"] + box["height"] > bottom + 1] == []
    cut = "[...document.querySelectorAll('.what p, .where')].filter(node => node.scrollWidth > node.clientWidth).length"
    assert width < 720 or page.evaluate(cut) == 0
