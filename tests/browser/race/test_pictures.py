"""The pictures of why, in a real browser: push per weight, weights, a drawn digit, confusions."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.browser.reading import LONG, draw_a_one, play, settled, state
from tests.waiting import until

INK = """canvas => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((sum, value, i) => sum + (i % 4 === 3 ? value : 0), 0);
}"""


def panel(page: Page, name: str) -> Locator:
    """The panel, in view: a panel out of view requests nothing from the server."""
    found = page.locator(f'[data-panel="{name}"]')
    found.scroll_into_view_if_needed()
    return found


def points(push: Locator, lane: int) -> int:
    """How many points a lane's line is drawn through."""
    lines = push.locator("svg g").nth(lane).locator("path:not(.band)")
    return len(lines.get_attribute("d").split("L")) if lines.count() else 0


def answers(page: Page) -> list[str]:
    """What a screen reader finds of each lane's answer."""
    return page.locator("[data-part=answers] .unseen").all_text_contents()


def answered(page: Page) -> bool:
    found = answers(page)
    return len(found) == 3 and all(re.fullmatch(r"\w+: \d, \d+ % sure", answer) for answer in found)


# How much less a weight moves with a smaller gradient, and how much ink there is at the pixels of the examples.
LESS = re.compile(r"^(?:÷ [\d,]+|=)$")
INK_WORDS = ("much ink", "some ink", "hardly any ink")


def cell(page: Page, label: int, answer: int) -> Locator:
    return panel(page, "confusion").get_by_role("button", name=re.compile(f"^{label} read as {answer}:"))


def asked(page: Page, what: str) -> list[str]:
    """Grows with every request for this."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if what in request.url else None)
    return found


def test_push_per_weight_draws_every_lane_and_says_what_is_to_be_seen(open_page):
    page = open_page(LONG)
    play(page)
    push = panel(page, "push")

    until(lambda: all(points(push, lane) > 3 for lane in range(3)), "every lane has a line")
    less = r"(?:[\d,]+ times less|as far)"
    lanes = rf"{less} with SGD, {less} with Momentum and {less} with Adam"
    expect(push.locator("[data-part=seen]")).to_have_text(
        re.compile(
            rf"^By straight lines fitted through all weights, one with a [\d,]+ times smaller gradient moves {lanes}\. "
        )
    )
    expect(push.locator(".value")).to_have_text([LESS] * 3)


def test_four_weights_are_followed_by_name_in_every_lane(open_page, over):
    page = open_page(over)
    settled(page)
    examples = panel(page, "push").get_by_role(
        "table", name=re.compile(r"^Weights to hidden unit \d+, the same in every network")
    )

    expect(examples.get_by_role("columnheader")).to_have_text(
        ["its bias", *[re.compile(rf"^from pixel \(\d+, \d+\), {ink}$") for ink in INK_WORDS]]
    )
    lanes = examples.locator("tbody tr")
    expect(lanes.get_by_role("rowheader")).to_have_text(["SGD", "Momentum", "Adam"])
    expect(lanes.locator("td")).to_have_text([re.compile(r"^(?:\d\.\d·10⁻[¹²³⁴-⁹⁰]+|0){2}$")] * 12)
    assert panel(page, "push").locator("svg circle").count() > 6


def test_push_per_weight_is_read_with_the_arrow_keys(open_page, over):
    page = open_page(over)
    settled(page)
    push = panel(page, "push")

    push.get_by_role("img", name=re.compile("^Push per weight: .* times less with SGD")).focus()
    page.keyboard.press("End")

    expect(push.locator("[data-part=where]")).to_contain_text("·10")
    expect(page.locator("[data-part=announcer]")).to_contain_text(re.compile(r"push: SGD .*Adam \d"))
    page.keyboard.press("Escape")
    expect(push.locator(".value").first).to_have_text(LESS)
    page.get_by_role("button", name="Push per weight as a table").click()
    table = page.get_by_role("dialog", name="Push per weight")
    expect(table.get_by_role("columnheader")).to_have_text(["Where", "SGD", "Momentum", "Adam"])
    assert table.get_by_role("row").count() > 3


def test_weights_are_painted_and_change_while_racing(open_page):
    page = open_page(LONG)
    play(page)
    strips = panel(page, "weights").locator("canvas")
    expect(strips).to_have_count(3)
    until(lambda: all(strips.nth(i).evaluate(INK) for i in range(3)), "every lane shows its weights")
    before = strips.evaluate_all("all => all.map(canvas => canvas.toDataURL())")

    until(
        lambda: all(
            strips.nth(i).evaluate("canvas => canvas.toDataURL()") != picture for i, picture in enumerate(before)
        ),
        "every lane's weights have moved",
    )
    expect(strips.first).to_have_attribute("aria-label", re.compile(r"^SGD: weights of the units [\d, ]+ at batch"))


def test_a_count_of_the_confusion_table_shows_its_digits(open_page, over):
    page = open_page(over)
    settled(page)
    picked = panel(page, "confusion").locator("canvas")
    expect(cell(page, 0, 0)).not_to_have_text("·")

    cell(page, 0, 0).click()

    expect(page.locator("[data-part=chosen]")).to_have_text(re.compile(r"^0 read as 0: \d+"))
    until(lambda: picked.evaluate(INK) > 0, "its digits are drawn")
    zeros = picked.evaluate("canvas => canvas.toDataURL()")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(cell(page, 1, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=chosen]")).to_have_text(re.compile(r"^1 read as 1: \d+"))
    until(lambda: picked.evaluate(INK) > 0, "other digits are drawn")
    assert picked.evaluate("canvas => canvas.toDataURL()") != zeros


@pytest.mark.parametrize("width", [390, 768, 1280, 1440])
def test_no_count_of_the_confusion_table_is_cut_off(open_page, over, width):
    page = open_page(over, viewport={"width": width, "height": 900})
    settled(page)
    cells = panel(page, "confusion").locator("td button")
    expect(cells.first).not_to_have_text("·")
    # As many as there are of one digit among ten thousand.
    cut = """all => all.filter(cell => {
      cell.textContent = '1135';
      return cell.scrollWidth > cell.clientWidth;
    }).length"""
    assert cells.evaluate_all(cut) == 0


def test_each_lane_has_its_own_confusion_table(open_page, over):
    page = open_page(over)
    settled(page)
    counts = panel(page, "confusion").locator("tbody")
    expect(cell(page, 0, 0)).not_to_have_text("·")
    first = counts.inner_text()

    panel(page, "confusion").get_by_role("radio", name="Adam").check(force=True)

    def counted() -> int:
        return sum(int(number) for number in counts.locator("button").all_text_contents() if number != "·")

    until(lambda: counts.inner_text() != first and counted() == 500, "the table is another lane's")


def test_a_drawn_digit_is_answered_while_training_and_after_the_end(open_page):
    page = open_page(LONG)
    expect(panel(page, "draw").locator("[data-part=note]")).to_have_text("Play first, then draw.")
    play(page)
    state(page, "racing")
    draw_a_one(page)
    until(lambda: answered(page), "every lane answers")

    for _ in range(2):
        with page.expect_request("**/predict"):
            """The networks answer again while they learn."""
    page.get_by_role("button", name="Stop", exact=True).click()
    state(page, "stopped")
    panel(page, "draw").get_by_role("button", name="Clear").click()
    expect(panel(page, "draw").locator("[data-best]")).to_have_count(0)
    draw_a_one(page)
    until(lambda: answered(page), "every lane answers after the end")


def test_examples_are_answered_from_the_keyboard_and_spoken(open_page, over):
    page = open_page(over)
    settled(page)

    panel(page, "draw").get_by_role("button", name="Example: a 7").focus()
    page.keyboard.press("Enter")

    until(lambda: answered(page), "every lane answers")
    expect(page.locator("[data-part=announcer]")).to_have_text(
        re.compile(r"^SGD says \d, Momentum says \d, Adam says \d$")
    )
    assert page.locator("[data-part=small]").evaluate(INK) > 0


def test_panels_that_are_closed_ask_for_nothing(open_page):
    page = open_page(f"{LONG}&hide=weights,draw,confusion")
    questions = [asked(page, what) for what in ("/weights", "/predict", "/confusion")]
    play(page)

    until(lambda: points(panel(page, "push"), 0) > 3, "the race is on")
    page.get_by_role("button", name="Stop", exact=True).click()
    state(page, "stopped")

    assert questions == [[], [], []]


def test_pictures_are_accessible(open_page, over):
    page = open_page(over)
    settled(page)
    expect(panel(page, "weights").locator("canvas[data-inked]")).to_have_count(3)
    cell(page, 0, 0).click()
    draw_a_one(page)
    until(lambda: answered(page), "every lane answers")

    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations_in_both_themes(page) == []
