"""The stage: what the first view holds, the walls of digits, and an axis that follows the race."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fitting import SHARE
from tests.browser.reading import (
    LONG,
    PENS,
    SHORT,
    at_rest,
    batch,
    chart,
    finished,
    legend,
    pause,
    play,
    settled,
    state,
)
from tests.waiting import until

SLOW = "/?batch_size=1&epochs=100&hidden=16&pace=50"

CONTROLS = """() => [...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].filter(node => {
  const { width, height, top, right, bottom, left } = node.getBoundingClientRect();
  const shown = node.checkVisibility({ visibilityProperty: true }) && width > 0 && height > 0;
  return shown && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
}).map(node => node.outerHTML.slice(0, 80))"""

# Which digits of a wall have the lane's colour behind them, at the middle of their upper edge.
LIT = """(canvas, digits) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { colour } = canvas.closest('.wall').dataset;
  const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${colour}`).match(/[0-9a-f]{2}/gi);
  const wanted = hex.map(each => parseInt(each, 16)).join();
  const across = Math.ceil(Math.sqrt(digits));
  const side = canvas.width / across;
  return Array.from({ length: digits }, (_, i) => {
    const [x, y] = [(i % across) * side + side / 2, Math.floor(i / across) * side + 3];
    return copy.getImageData(x, y, 1, 1).data.slice(0, 3).join() === wanted;
  });
}"""


@pytest.mark.parametrize(("width", "height", "most"), [(1440, 900, 12), (1280, 720, 12), (390, 844, 9)])
def test_the_first_view_has_few_controls(open_page, width, height, most):
    page = open_page("/", instruments=False, viewport={"width": width, "height": height})
    state(page, "idle")

    controls = page.evaluate(CONTROLS)

    assert 0 < len(controls) <= most, controls


@pytest.mark.parametrize(("width", "height", "most"), [(1440, 900, 15), (1280, 720, 14), (390, 844, 10)])
def test_the_first_view_has_few_controls_while_racing_and_afterwards(open_page, width, height, most):
    page = open_page(LONG, instruments=False, viewport={"width": width, "height": height})
    play(page)
    state(page, "racing")
    assert len(page.evaluate(CONTROLS)) <= most, page.evaluate(CONTROLS)
    pause(page)
    assert len(page.evaluate(CONTROLS)) <= most, page.evaluate(CONTROLS)
    page.keyboard.press("s")
    expect(page.locator("[data-part=replay-now]")).to_be_visible()
    assert len(page.evaluate(CONTROLS)) <= most, page.evaluate(CONTROLS)


@pytest.mark.parametrize(("width", "height", "least"), [(1440, 900, 0.5), (1280, 720, 0.45)])
def test_the_first_view_is_of_plots_and_walls(open_page, width, height, least):
    page = open_page(LONG, instruments=False, viewport={"width": width, "height": height})
    state(page, "idle")
    expect(page.locator(".wall")).to_have_count(3)
    assert page.evaluate(SHARE) >= least

    play(page)
    state(page, "racing")
    assert page.evaluate(SHARE) >= least


def lit(page: Page) -> list[list[bool]]:
    """Which digits are lit on the wall of each lane."""
    return [canvas.evaluate(LIT, 100) for canvas in page.locator(".wall canvas").all()]


def test_walls_agree_with_the_numbers_beside_them_and_a_digit_shows_its_answers(open_page, over):
    page = open_page(over, instruments=False)
    settled(page)
    told = page.locator(".wall .right b")
    until(lambda: [str(sum(wall)) for wall in lit(page)] == told.all_inner_texts(), "as many are lit as are counted")
    walls = lit(page)
    # One that not all networks read alike says most.
    digit = next((i for i in range(100) if len({wall[i] for wall in walls}) > 1), 0)

    canvas = page.locator(".wall canvas").first
    box = canvas.bounding_box()
    side = box["width"] / 10
    canvas.click(position={"x": (digit % 10 + 0.5) * side, "y": (digit // 10 + 0.5) * side})

    menu = page.locator("[data-part=wall-digit]")
    heading = re.compile(r"^This is a \d\. What each network takes it for:$")
    expect(menu.locator("[data-part=digit]")).to_have_text(heading)
    answers = menu.locator("li").all_inner_texts()
    assert [answer.split(" ")[0] for answer in answers] == ["SGD", "Momentum", "Adam"]
    assert ["✓ right" in answer for answer in answers] == [wall[digit] for wall in walls]
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    canvas.press("ArrowRight")
    expect(menu).to_be_visible()


# Of each row of instruments, what its panels leave free at the right.
FREE = """() => {
  const grid = document.querySelector('.instruments .grid');
  const rows = {};
  for (const panel of grid.querySelectorAll(':scope > .panel')) {
    const { top, right, width } = panel.getBoundingClientRect();
    if (width) rows[Math.round(top)] = Math.max(rows[Math.round(top)] ?? 0, right);
  }
  return Object.values(rows).map((right) => grid.getBoundingClientRect().right - right);
}"""


def test_rows_of_instruments_have_no_holes(open_page, over):
    page = open_page(over)
    settled(page)
    for width in (390, 768, 1100, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        at_rest(page)
        free = page.evaluate(FREE)
        assert len(free) > 3
        assert max(map(abs, free)) < 2, (width, free)


@pytest.mark.parametrize("width", [390, 1440])
def test_values_under_the_cursor_stand_in_the_chart_and_leave_its_title_and_numbers_free(open_page, over, width):
    page = open_page(over, instruments=False, viewport={"width": width, "height": 900})
    settled(page)
    for name in ("train-loss", "test-accuracy"):
        figure = chart(page, name)
        figure.locator(".u-over").hover()
        expect(figure).to_have_attribute("data-hovered", "")
        values, title, plot, over_plot = (
            figure.locator(part).bounding_box() for part in (".legend", "figcaption", ".plot", ".u-over")
        )
        assert title["y"] + title["height"] <= values["y"]
        assert values["y"] + values["height"] <= over_plot["y"] + over_plot["height"] + 1
        assert plot["x"] <= values["x"] and values["x"] + values["width"] <= plot["x"] + plot["width"]


def test_the_axis_ends_just_past_the_leader_and_every_batch_moves_the_pen(open_page):
    page = open_page(SLOW, instruments=False)
    before: list[float] = []

    for step in range(1, 14):
        page.keyboard.press("ArrowRight")
        until(lambda step=step: batch(page) == step, "one more batch")
        if step < 6:
            continue
        at_rest(page)
        seen = chart(page, "train-loss").evaluate(PENS)
        # Of lanes that lie upon each other, the last is seen.
        pen = max(x for x in seen["pens"] if x is not None)
        assert 0.6 * seen["width"] < pen <= seen["width"] + 8, (step, seen)
        assert not before or abs(pen - before[-1]) >= 4, (step, seen, before)
        before.append(pen)
    state(page, "paused")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_the_fiftieth_batch_moves_the_pen_as_visibly_as_the_first_on_both_charts_of_the_stage(open_page, width, height):
    page = open_page(SLOW, instruments=False, viewport={"width": width, "height": height})
    pens = []
    for step in range(1, 51):
        page.keyboard.press("ArrowRight")
        if step in (1, 48, 49, 50):
            until(lambda step=step: batch(page) == step, "so many batches")
        if step >= 48:
            at_rest(page)
            seen = chart(page, "train-loss").evaluate(PENS)
            pens.append(max(x for x in seen["pens"] if x is not None))
    assert min(pens[1] - pens[0], pens[2] - pens[1]) >= 4, (pens, seen)
    state(page, "paused")


# Every quantity that several places name, for each lane, as often as any of them changes: between tasks of the page,
# which write one place after the other.
VALUES = """() => {
  const first = (text, pattern) => text.match(pattern)?.[0] ?? '–';
  const all = (where, pattern) => [...document.querySelectorAll(where)].map(node => first(node.textContent, pattern));
  const percent = /[\\d.]+\\s?%/;
  const lanes = document.querySelectorAll('.wall').length;
  const row = (where, i) => all(`${where} [data-lane="${i}"] .accuracy`, percent)[0];
  const byLane = where => Array.from({ length: lanes }, (_, i) => row(where, i));
  window.seen = new Set();
  const note = () => window.seen.add(JSON.stringify({
    accuracy: [
      all('.wall .share', percent),
      all('[data-chart=test-accuracy] .ends p', percent),
      all('[data-chart=test-accuracy] .legend .value', percent),
      byLane('.standings'),
    ],
    loss: [
      all('[data-chart=train-loss] .ends p span', /.+/),
      all('[data-chart=train-loss] .legend .value', /.+/),
    ],
  }));
  for (const host of document.querySelectorAll('.walls, .standings, [data-chart]')) {
    new MutationObserver(() => setTimeout(note)).observe(host, { childList: true, subtree: true, characterData: true });
  }
  note();
}"""


def test_every_place_names_the_same_values_at_every_moment_of_a_race(open_page):
    page = open_page("/?batch_size=1&epochs=100&hidden=16&pace=100")
    expect(page.locator(".wall")).to_have_count(3)
    # Loaded after the stage.
    expect(page.locator(".standings [data-lane]")).to_have_count(3)
    page.evaluate(VALUES)
    play(page)
    until(lambda: len(page.evaluate("[...window.seen]")) > 20, "there are many moments")
    pause(page)

    moments = [json.loads(each) for each in page.evaluate("[...window.seen]")]
    assert [each for each in moments if len({tuple(place) for place in each["accuracy"]}) > 1] == []
    assert [each for each in moments if len({tuple(place) for place in each["loss"]}) > 1] == []
    assert len({str(each["accuracy"]) for each in moments}) > 3


def names_its_batches(page):
    """Whether a paused race's sentence names those that the line below it does; on a busy machine lanes are apart."""
    said = page.locator("[data-part=story]").inner_text()
    at = re.match(r"batch (.*) of ", page.locator("[data-part=detail]").inner_text())[1]
    if " to " in at:
        return said.startswith((f"Paused after batches {at}: ", "Paused: compared at batch "))
    return said.startswith(f"Paused after batch {at}: ")


def test_every_place_shows_the_same_values_while_paused(open_page):
    page = open_page(SLOW)
    play(page)
    until(lambda: batch(page) >= 30, "there are evaluations")
    pause(page)
    for _ in range(2):
        before = batch(page)
        page.keyboard.press("ArrowRight")
        until(lambda before=before: batch(page) > before, "one more batch")
    at_rest(page)
    until(lambda: names_its_batches(page), "both name the same batches")

    def percents(where: str) -> list[str]:
        return [re.search(r"[\d.]+\s?%", text)[0] for text in page.locator(where).all_inner_texts()]

    def by_lane(where: str) -> list[str]:
        return [percents(f'{where} [data-lane="{lane}"] .accuracy')[0] for lane in range(3)]

    shares = percents(".wall .share")
    assert percents("[data-chart=test-accuracy] .ends p") == shares
    assert [values.split()[-2:] for values in legend(page, "test-accuracy")] == [share.split() for share in shares]
    assert by_lane(".standings") == shares
    losses = [text.split()[-1] for text in page.locator("[data-chart=train-loss] .ends p").all_inner_texts()]
    assert [values.split()[-1] for values in legend(page, "train-loss")] == losses


def test_one_lane_alone_and_six_have_a_wall_each(open_page):
    for lanes, count in (("adam", 1), ("sgd,momentum,adam,adam,lion,nesterov", 6)):
        page = open_page(f"{SHORT}&lanes={lanes}", instruments=False)
        finished(page)
        expect(page.locator(".wall")).to_have_count(count)
        cut = "all => all.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.outerHTML)"
        assert page.locator(".wall div, .wall h2, .wall p").evaluate_all(cut) == []


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (768, 1024)])
def test_a_tablets_first_view_has_both_charts_with_their_axes(open_page, over, width, height):
    page = open_page(over, instruments=False, viewport={"width": width, "height": height})
    settled(page)

    for name in ("train-loss", "test-accuracy"):
        plot = chart(page, name).locator(".plot").bounding_box()
        assert plot["y"] + plot["height"] <= height, name
