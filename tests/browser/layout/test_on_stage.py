"""Any instrument on the stage in place of a chart: by its button, by the menu, in links, remembered, presented."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.browser.reading import SHORT, at_rest, chart, choose_action, ink, play, settled, state
from tests.waiting import until

INSTRUMENTS = {
    "train-accuracy": "Training accuracy",
    "test-loss": "Test loss",
    "gap": "Trained on / never seen",
    "push": "Push per weight",
    "followed": "Followed weights",
    "weights": "Weights",
    "confusion": "Confusion",
    "digits": "Hard digits",
    "draw": "Draw a digit",
    "standings": "Standings",
    "reach": "Batches to reach",
}

ON_STAGE = "() => [...document.querySelectorAll('.stage > [data-panel]')].map(node => node.dataset.panel)"
# What is drawn with fewer pixels than it has on the screen would be blurred, but where pixels are meant to be seen.
BLURRED = """node => [...node.querySelectorAll('canvas')].filter(canvas => {
  const { width } = canvas.getBoundingClientRect();
  const pixelated = getComputedStyle(canvas).imageRendering === 'pixelated';
  return width > 0 && !pixelated && canvas.width + 1 < width * devicePixelRatio;
}).map(canvas => canvas.outerHTML)"""


def on_stage(page: Page) -> list[str]:
    return page.evaluate(ON_STAGE)


def panel(page: Page, name: str) -> Locator:
    return page.locator(f'[data-panel="{name}"]')


def bring(page: Page, name: str) -> None:
    panel(page, name).get_by_role("button", name=f"Show {INSTRUMENTS[name]} on the stage").click()


def test_every_instrument_comes_onto_the_stage_and_gives_the_chart_its_place_back(open_page, over):
    page = open_page(over)
    settled(page)
    stage, below = page.locator(".stage"), page.locator("[data-part=instruments]")
    size = stage.bounding_box()

    def changed() -> float:
        box = stage.bounding_box()
        return max(abs(box[side] - size[side]) for side in ("width", "height"))

    for name in INSTRUMENTS:
        bring(page, name)

        assert on_stage(page) == ["train-loss", name]
        expect(below.locator('[data-panel="test-accuracy"]')).to_have_count(1)
        expect(panel(page, name).get_by_role("button", name="Bring Test accuracy back to the stage")).to_be_focused()
        box = panel(page, name).bounding_box()
        assert box["width"] > size["width"] * 0.5
        assert changed() <= 1, name
        page.keyboard.press("Enter")
        until(lambda: on_stage(page) == ["train-loss", "test-accuracy"], "the chart is back")
        expect(panel(page, "test-accuracy").locator("[data-part=plot]")).to_be_focused()
        expect(below.locator(f'[data-panel="{name}"]')).to_have_count(1)
    page.wait_for_url(lambda url: "stage" not in url)


def test_a_chart_on_the_stage_is_drawn_anew_and_has_its_values_at_the_lines_ends(open_page, over):
    page = open_page(over)
    settled(page)
    figure, ends = chart(page, "test-loss"), chart(page, "test-loss").locator(".ends p")
    small = figure.locator("canvas.lines").evaluate("canvas => canvas.width")
    expect(ends.first).to_be_hidden()
    values = [text.split("\n")[1] for text in figure.locator("[data-part=legend] li").all_inner_texts()]

    bring(page, "test-loss")

    at_rest(page)
    assert figure.locator("canvas.lines").evaluate("canvas => canvas.width") > small * 1.2
    assert min(ink(page, "test-loss")) > 0
    expect(ends.first).to_be_visible()
    assert [text.split()[-1] for text in ends.all_inner_texts()] == values
    assert min(ink(page, "test-accuracy")) > 0
    expect(chart(page, "test-accuracy").locator(".ends p").first).to_be_hidden()


def test_what_was_chosen_in_an_instrument_stays_when_it_is_moved(open_page, over):
    page = open_page(over)
    settled(page)
    confusion, drawing = panel(page, "confusion"), panel(page, "draw")
    confusion.get_by_role("radio", name="Adam").press("Space")
    confusion.locator("td button").first.click()
    expect(confusion.locator("[data-part=chosen]")).to_contain_text("0 read as 0:")
    chosen = confusion.locator("[data-part=chosen]").inner_text()
    drawing.get_by_role("button", name=re.compile("^Example")).first.click()
    expect(drawing.locator("[data-best]").first).to_be_attached()
    seen = drawing.locator("[data-part=pad]").evaluate("pad => pad.toDataURL()")

    bring(page, "confusion")
    bring(page, "draw")

    expect(confusion.get_by_role("radio", name="Adam")).to_be_checked()
    expect(confusion.locator("[aria-pressed]")).to_have_count(1)
    expect(confusion.locator("[data-part=chosen]")).to_have_text(chosen)
    assert drawing.locator("[data-part=pad]").evaluate("pad => pad.toDataURL()") == seen
    expect(drawing.locator("[data-best]").first).to_be_attached()


def test_the_menu_of_panels_says_what_is_on_the_stage_and_opens_what_was_closed(open_page):
    page = open_page(f"{SHORT}&hide=push")
    choose_action(page, "Panels")
    first, second = (page.get_by_label(f"{place} on the stage") for place in ("First", "Second"))
    expect(first).to_have_value("train-loss")

    first.select_option("Push per weight")

    assert on_stage(page) == ["push", "test-accuracy"]
    expect(panel(page, "push")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Push per weight")).to_be_checked()
    second.select_option("Push per weight")
    assert on_stage(page) == ["test-accuracy", "push"]
    page.wait_for_url(re.compile("stage=test-accuracy,push"))
    assert violations_in_both_themes(page) == []


def test_a_link_and_the_browser_keep_what_is_on_the_stage(open_page):
    page = open_page(SHORT)
    bring(page, "weights")
    page.wait_for_url(re.compile("stage=train-loss,weights"))
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog", name="Share").wait_for()
    assert "stage=train-loss,weights" in page.get_by_label("These settings").first.input_value()
    page.keyboard.press("Escape")

    page.goto("/")
    assert on_stage(page) == ["train-loss", "weights"]
    page.goto("/?stage=train-loss,test-accuracy")
    assert on_stage(page) == ["train-loss", "test-accuracy"]
    page.goto("/")
    assert on_stage(page) == ["train-loss", "weights"]
    panel(page, "weights").get_by_role("button", name="Bring Test accuracy back to the stage").click()
    page.goto("/")
    assert on_stage(page) == ["train-loss", "test-accuracy"]

    other = open_page("/?stage=reach,gap&present=1")
    assert on_stage(other) == ["reach", "gap"]
    expect(panel(other, "gap")).to_be_visible()
    other.goto("/")
    assert on_stage(other) == ["train-loss", "test-accuracy"]


def test_a_link_that_does_not_name_two_panels_is_reported(open_page):
    page = open_page("/?stage=push")

    assert on_stage(page) == ["train-loss", "test-accuracy"]
    expect(page.locator("[data-notice=link]")).to_contain_text("On the stage: expected 2 different ones of")


@pytest.mark.parametrize("name", ["gap", "weights", "confusion", "digits", "draw"])
def test_an_instrument_on_the_stage_fills_it_is_sharp_and_fits(open_page, over, name):
    page = open_page(f"{over}?stage=train-loss,{name}", instruments=False)
    settled(page)
    for width, height in ((1440, 900), (768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        beyond = panel(page, name).evaluate("node => node.scrollWidth - node.clientWidth")
        assert beyond <= 1, width
        assert panel(page, name).evaluate(BLURRED) == [], width
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("f")
    at_rest(page)
    box, stage = panel(page, name).bounding_box(), page.locator(".stage").bounding_box()
    assert box["y"] + box["height"] <= 900
    assert box["height"] == pytest.approx(stage["height"], abs=2)


def test_an_instrument_on_the_stage_is_accessible_and_goes_on_with_the_race(open_page):
    page = open_page(f"{SHORT}&stage=confusion,gap", instruments=False)
    play(page)
    state(page, "finished")
    expect(panel(page, "confusion").locator("[data-part=when]")).to_contain_text("at batch")
    expect(chart(page, "gap-accuracy").locator("[data-part=gap]")).to_contain_text("point")

    assert violations_in_both_themes(page) == []


def test_every_instrument_says_what_it_shows_and_what_to_look_for(open_page):
    page = open_page("/")
    told = json.loads(
        page.evaluate(
            "JSON.stringify([...document.querySelectorAll('.grid [data-panel]')].map(node => "
            "[node.dataset.panel, node.querySelector('.look')?.textContent ?? '']))"
        )
    )

    assert {name for name, _ in told} == {*INSTRUMENTS, "replay"}
    silent = [name for name, look in told if "Look for" not in look and name != "push"]
    assert silent == []


def test_every_chart_names_its_axes(open_page, over):
    page = open_page(over)
    settled(page)
    names = page.locator("[data-chart] .axis-name")

    told = names.evaluate_all("all => all.map(name => name.textContent)")

    assert told == ["loss, log scale", "accuracy", "accuracy", "loss, log scale", "accuracy", "loss, log scale"]
    page.locator("[data-part=view] input[name=loss_scale][value=linear]").press("Space")
    expect(chart(page, "test-loss").locator(".axis-name")).to_have_text("loss")
