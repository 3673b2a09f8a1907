"""The menu Export saves the charts as they are on show, as lines and as pixels."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, expect

from tests.browser.accessible import choose_theme
from tests.browser.reading import choose_action, settled
from tests.browser.saved import SVG, Picture, saved_file, told_of

LANES, COLOURS = ("SGD", "Momentum", "Adam"), ("orange", "green", "blue")


def colour(page: Page, name: str) -> str:
    return page.evaluate(f"getComputedStyle(document.body).getPropertyValue('--{name}').trim()")


def test_a_chart_is_saved_as_lines_that_lie_where_the_values_are(open_page, over, tmp_path):
    page = open_page(f"{over}?x=epoch")
    told = told_of(page)

    for theme in ("light", "dark"):
        choose_theme(page, theme)
        picture = Picture(saved_file(page, "Test accuracy as SVG", tmp_path))

        assert {"Test accuracy", "accuracy", "epochs", *LANES} <= set(picture.words)
        assert page.url in picture.words
        # In the key, and at the lines' ends with the values there.
        assert [picture.words.count(lane) for lane in LANES] == [2, 2, 2]
        assert picture.root.find(f"{SVG}rect").get("fill") == colour(page, "panel")
        for lane, lane_colour in enumerate(COLOURS):
            (rows,) = (piece for piece in told["evaluations"] if piece["lane"] == lane)
            line = picture.line(colour(page, lane_colour))
            assert len(line) > 5
            for x, y in line:
                nearest = np.argmin(np.abs(np.array(rows["epoch"]) - x))
                assert (x, y) == pytest.approx((rows["epoch"][nearest], 100 * rows["test_accuracy"][nearest]), abs=0.2)
            assert line[-1] == pytest.approx([3, 100 * rows["test_accuracy"][-1]], abs=0.2)


def test_a_picture_shows_the_part_and_the_smoothing_that_are_on_show(open_page, over, tmp_path):
    page = open_page(f"{over}?smoothing=0&loss_scale=linear&x=step")
    told = told_of(page)
    plot = page.locator("[data-chart=train-loss] [data-part=plot]")
    plot.focus()
    for _ in range(3):
        plot.press("+")
    settled(page)

    picture = Picture(saved_file(page, "Training loss as SVG", tmp_path))

    steps = told["run"]["total_steps"]
    ticks = [float(text) for anchor, text, _ in picture.texts if anchor == "middle" and text != "batches"]
    plot.press("Escape")
    picture = Picture(saved_file(page, "Training loss as SVG", tmp_path))
    assert "every batch, values at the end of the race" in picture.words
    assert "learning rate 0.01 · batch size 64 · 3 epochs · 16 hidden units · seed 42" in " ".join(picture.words)
    assert max(ticks) - min(ticks) <= steps / 8
    assert {"loss", "batches"} <= set(picture.words)
    raw = [node for node in picture.root.iter(f"{SVG}path") if node.get("stroke-opacity") == "0.7"]
    assert [node.get("stroke") for node in raw] == [colour(page, lane_colour) for lane_colour in COLOURS]


def test_the_picture_in_pixels_is_twice_as_large_and_has_every_colour(open_page, over, tmp_path):
    page = open_page(over)
    settled(page)

    for name in ("Training loss", "Push per weight"):
        root = ElementTree.parse(saved_file(page, f"{name} as SVG", tmp_path)).getroot()
        pixels = imread(saved_file(page, f"{name} as PNG", tmp_path))

        assert pixels.shape[:2] == (2 * round(float(root.get("height"))), 2 * round(float(root.get("width"))))
        seen = {tuple(each) for each in np.unique((pixels[..., :3] * 255).round().astype(int).reshape(-1, 3), axis=0)}
        for lane_colour in (*COLOURS, "panel"):
            assert tuple(bytes.fromhex(colour(page, lane_colour)[1:])) in seen, (name, lane_colour)
        references = re.findall(r'(?:href|src|url)[=(]"?(?!#)', ElementTree.tostring(root, encoding="unicode"))
        assert references == []


def test_a_chart_in_a_closed_section_is_saved_as_well(open_page, over, tmp_path):
    page = open_page(over, instruments=False)
    settled(page)
    expect(page.locator("[data-part=push] svg.push")).to_be_hidden()

    for name in ("Training accuracy", "Test loss", "Push per weight"):
        picture = Picture(saved_file(page, f"{name} as SVG", tmp_path))

        drawn = {path.get("stroke") for path in picture.root.iter(f"{SVG}path")}
        for lane_colour in COLOURS:
            hexadecimal = colour(page, lane_colour)
            red, green, blue = bytes.fromhex(hexadecimal[1:])
            assert drawn & {hexadecimal, f"rgb({red}, {green}, {blue})"}, (name, lane_colour)


def test_a_chart_that_is_closed_has_no_picture_in_the_menu(open_page, over):
    page = open_page(f"{over}?hide=test-loss")
    settled(page)

    choose_action(page, "Export")

    expect(page.get_by_role("button", name="Training loss as PNG")).to_be_visible()
    expect(page.get_by_role("button", name="Test loss as PNG")).to_be_hidden()
