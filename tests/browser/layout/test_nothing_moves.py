"""The page stays where it is: neither a race nor longer words and numbers push anything aside."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SERVER_GONE
from tests.browser.reading import (
    LONG,
    PACED,
    SHORT,
    SIX_LANES,
    WATCH_SHIFTS,
    at_rest,
    batch,
    drawn,
    open_settings,
    pause,
    play,
    settled,
    shifted,
    state,
    watch_shifts,
)
from tests.waiting import until

HEIGHT = 900
FAST = LONG.replace(f"pace={PACED['pace']}", "pace=500")

# Puts texts in place of others, and says what else has another place then: in one go, so that only they are the cause.
MOVED = """texts => {
  const own = Object.keys(texts).join();
  const others = [...document.querySelectorAll('body *')].filter(node => node.checkVisibility() && !node.closest(own));
  const places = () => others.map(node => JSON.stringify(node.getBoundingClientRect()));
  const before = places();
  const sentence = textContent => Object.assign(document.createElement('span'), { className: 'sentence', textContent });
  for (const [where, text] of Object.entries(texts)) {
    for (const node of document.querySelectorAll(where)) {
      if (Array.isArray(text)) node.replaceChildren(...text.map(sentence));
      else node.textContent = text;
    }
  }
  const after = places();
  return others.filter((_, i) => before[i] !== after[i]).map(node => node.outerHTML.slice(0, 80));
}"""

# Moves that were not caused by a click or a key.
UNASKED = """() => {
  window.shifted = [];
  new PerformanceObserver(list => {
    for (const { hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifted.push(...sources.map(({ node }) => node?.outerHTML ?? 'gone'));
    }
  }).observe({ type: 'layout-shift' });
}"""

LONGEST_STORY = [
    "Interrupted: compared at batch 1,171, Momentum was ahead with 87.40 % correct on unseen digits, 12.3 points ahead "
    "of Adam. ",
    "At batch 1,200 Momentum’s learning rate went from 0.01 to 0.02; accuracy was 71.20 % just before and is 74.30 % "
    "now. ",
    "Momentum moves weights with small gradients over 10,000 times as far as Adam, others about 3 times less. ",
]
SPEEDS = ("measuring speed…", "9,120 batches/s in all", "135,320 batches/s in all", "starts in about 20 minutes")
FACTS = {"9 batches": "9.80\u202f%", "0.1 s · 999/s": "97.40\u202f%", "12.1 s · 10,000/s": "100.00\u202f%"}


def moved(page: Page, widths: tuple[int, ...], texts: list[dict[str, Any]]) -> dict[int, list[str]]:
    """What these texts move in a window of each width, one after the other."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        drawn(page)
        if by_width := [node for text in texts for node in page.evaluate(MOVED, text)]:
            found[width] = by_width
    return found


def test_a_speed_moves_nothing_however_long_it_is(open_page):
    page = open_page("/")
    state(page, "idle")

    assert moved(page, (320, 768, 1440), [{"[data-part=speed]": speed} for speed in SPEEDS]) == {}


def test_a_standing_moves_nothing_however_long_its_numbers_are(open_page):
    page = open_page(SHORT + SIX_LANES)
    state(page, "idle")

    texts = [{".facts": facts, ".accuracy > span": accuracy} for facts, accuracy in FACTS.items()]
    assert moved(page, (360, 768, 1440), texts) == {}


def test_a_story_moves_no_curve_however_long_it_is(open_page):
    page = open_page("/")
    state(page, "idle")

    stories = [{"[data-part=story]": sentences} for sentences in (LONGEST_STORY[:1], LONGEST_STORY)]
    found = moved(page, (320, 390, 600, 720, 768, 850, 1000), stories)
    assert found == {}


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_six_lanes_race_without_moving_the_page(open_page, width):
    page = open_page(FAST + SIX_LANES, viewport={"width": width, "height": HEIGHT})
    play(page)
    state(page, "racing")
    page.evaluate(UNASKED)
    until(lambda: batch(page) >= 1000, "numbers of every length have been on show")

    assert page.evaluate("shifted") == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_jumps_while_racing(open_page, width):
    page = open_page(SHORT, viewport={"width": width, "height": HEIGHT})
    watch_shifts(page)

    play(page)

    state(page, "finished")
    sum_of_shifts, shifts = shifted(page)
    assert sum_of_shifts < 0.01, shifts


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_jumps_while_a_race_is_commanded(open_page, width):
    page = open_page(LONG, viewport={"width": width, "height": HEIGHT})
    watch_shifts(page)

    play(page)
    state(page, "racing")
    pause(page)
    page.keyboard.press("ArrowRight")
    rate = page.locator('.standings [data-lane="0"] .rate')
    rate.click()
    page.get_by_role("button", name="Twice", exact=True).click()
    expect(rate).to_have_text("lr 0.01 → 0.02")
    page.keyboard.press("Escape")
    page.get_by_label("Pace").select_option("10 batches/s")
    play(page)
    state(page, "racing")
    page.keyboard.press("s")
    state(page, "stopped")

    sum_of_shifts, shifts = shifted(page)
    assert sum_of_shifts < 0.01, shifts


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
def test_nothing_jumps_while_settings_are_edited(open_page, over, width):
    page = open_page(over, viewport={"width": width, "height": HEIGHT})
    state(page, "finished")
    at_rest(page)
    open_settings(page)
    drawn(page)
    watch_shifts(page)

    page.get_by_label("Epochs", exact=True).fill("12")
    page.keyboard.press("Tab")
    expect(page.locator("[data-part=next-run]")).to_be_visible()
    page.get_by_label("Epochs", exact=True).fill("no number")
    page.keyboard.press("Tab")
    expect(page.locator("[data-field=epochs] .problem")).to_be_visible()
    page.get_by_label("Epochs", exact=True).fill("13")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Settings of this run").click()
    expect(page.locator("[data-part=next-run]")).to_be_hidden()
    drawn(page)

    sum_of_shifts, shifts = shifted(page)
    assert sum_of_shifts <= 0.02, shifts


@pytest.mark.parametrize(
    "optimizers", [("sgd", "momentum", "adam"), ("sgd", "momentum", "adam", "adam", "lion", "nesterov")]
)
def test_nothing_jumps_as_a_race_of_somebody_else_opens(open_page, raced, optimizers):
    path = raced(epochs=1, hidden=[16], lanes=[{"optimizer": name} for name in optimizers])
    found = {}
    for width in (390, 768, 1440):
        page = open_page("/healthz", instruments=False, viewport={"width": width, "height": HEIGHT})
        page.add_init_script(f"({WATCH_SHIFTS})()")
        page.goto(path)
        settled(page)
        if (moved := shifted(page))[0] > 0.02:
            found[width] = moved
    assert found == {}


def rectangles(places: Locator) -> list[str]:
    return places.evaluate_all("all => all.map(each => JSON.stringify(each.getBoundingClientRect()))")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_where_the_status_has_no_headline_beside_it(open_page, over, width):
    page = open_page(over, viewport={"width": width, "height": HEIGHT})
    settled(page)
    places = page.locator(".transport, .progress, .walls, .stage")
    before = rectangles(places)

    page.evaluate("document.body.dataset.state = 'lost'")

    expect(page.locator("[data-part=headline]")).to_be_hidden()
    assert rectangles(places) == before


# Without the instruments, some of which come late and make the page longer below what is tested.
CLOSED = {"tolerate": SERVER_GONE, "instruments": False}


def lose_the_server(page: Page) -> Locator:
    """The notice that says so, once the start that failed is over."""
    # Or the notice is about that file. The page's policy forbids Playwright's own way of waiting.
    came = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/later'))"
    until(lambda: page.evaluate(came), "all of the page has come")
    page.context.set_offline(True)
    page.keyboard.press("Space")
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text("The server cannot be reached")
    state(page, "idle")
    return notice


IN_THE_HEADER = ".brand, .top-actions, main"
IN_THE_STORYS_PLACE = ".brand, .top-actions > .plain, .transport, .progress, .asks, .walls, .stage"


@pytest.mark.parametrize(
    ("width", "others"),
    [(1100, IN_THE_HEADER), (1440, IN_THE_HEADER), (390, IN_THE_STORYS_PLACE), (768, IN_THE_STORYS_PLACE)],
)
def test_a_notice_moves_and_covers_nothing_but_the_story_where_the_header_has_no_room(open_page, width, others):
    page = open_page("/", **CLOSED, viewport={"width": width, "height": HEIGHT})
    state(page, "idle")
    watch_shifts(page)
    places = page.locator(others)
    before = rectangles(places)

    notice = lose_the_server(page)

    assert rectangles(places) == before
    box = notice.bounding_box()
    shown = [place for place in places.all() if place.is_visible()]
    assert [other for other in shown if overlap(box, other.bounding_box())] == []
    assert overlap(box, page.locator("[data-part=story]").bounding_box()) == (others == IN_THE_STORYS_PLACE)
    assert shifted(page)[0] < 0.02


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_jumps_when_all_places_are_taken(open_page, width):
    page = open_page(LONG, viewport={"width": width, "height": HEIGHT})
    expect(page.locator("[data-part=story]")).to_contain_text("only the update rule differs")
    racing = open_page(LONG)
    play(racing)
    state(racing, "racing")
    watch_shifts(page)
    # As when a visitor comes back to the tab.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    told = page.locator("[data-part=story] .sentence").last
    expect(told).to_contain_text("All slots are in use: ")
    drawn(page)
    sum_of_shifts, shifts = shifted(page)
    assert sum_of_shifts <= 0.02, shifts
