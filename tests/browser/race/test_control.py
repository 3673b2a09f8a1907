"""Control while it runs: pause, one batch at a time, pace, another learning rate; by mouse and from the keyboard."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.browser.reading import (
    CHARTS,
    LONG,
    SHORT,
    another,
    at_rest,
    batch,
    ink,
    pause,
    picture,
    play,
    state,
)
from tests.browser.shared_server import SharedServer
from tests.server_process import idle
from tests.waiting import TIMEOUT_S, until

LANES = range(3)


def steps(page: Page) -> list[int]:
    """How many batches every lane has made, as the server says."""
    address = page.url.split("?")[0].replace("/runs/", "/api/runs/")
    return [lane["steps"] for lane in httpx.get(address, timeout=TIMEOUT_S).json()["lanes"]]


def standing_still(page: Page, server: SharedServer) -> list[int]:
    """Pauses the race; how many batches every lane has made, once none makes more."""
    pause(page)
    until(lambda: idle(server.process), "waiting costs nothing")
    return steps(page)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def rate(page: Page, lane: int):
    return page.locator(f'.standings [data-lane="{lane}"] .rate')


def test_pause_stands_still_and_play_goes_on(open_page, shared_server):
    page = open_page(LONG)
    play(page)
    state(page, "racing")

    made = standing_still(page, shared_server)

    expect(page.locator("[data-part=status]")).to_have_text("Paused")
    until(lambda: batch(page) == max(made), "the page has all of it")
    at_rest(page)
    drawn = picture(page, "train-loss")
    until(lambda: idle(shared_server.process), "waiting goes on costing nothing")
    assert picture(page, "train-loss") == drawn
    assert steps(page) == made
    assert batch(page) == max(made)
    play(page)
    state(page, "racing")
    until(lambda: batch(page) > max(made), "the race goes on")


def test_a_step_is_one_batch_of_every_lane(open_page, shared_server):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    before = standing_still(page, shared_server)

    button(page, "Step one batch").click()

    until(lambda: steps(page) == [made + 1 for made in before], "every lane makes one more batch")
    until(lambda: batch(page) == max(before) + 1, "the page says so")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    until(lambda: steps(page) == [made + 6 for made in before], "five presses are five batches, however quick")
    until(lambda: batch(page) == max(before) + 6, "the page says so")
    state(page, "paused")


def test_a_race_can_be_walked_through_from_its_first_batch(open_page):
    page = open_page("/?x=step")

    page.keyboard.press("ArrowRight")

    state(page, "paused")
    until(lambda: batch(page) == 1, "the first batch is made")
    until(lambda: steps(page) == [1, 1, 1], "in every lane")
    # All lanes begin at the same point.
    until(lambda: max(ink(page, "train-loss")) > 0, "and is a point on the curves")


def test_a_slow_pace_shows_every_batch_and_says_so(open_page):
    page = open_page("/?batch_size=1&epochs=100&hidden=256&pace=0.5")
    play(page)
    state(page, "racing")
    expect(page.locator("[data-part=speed]")).to_have_text("0.5 batches/s")

    seen = page.evaluate("""() => new Promise(done => {
      const detail = document.querySelector('[data-part=detail]');
      const seen = [];
      new MutationObserver(() => {
        const said = /^batch (\\d+) of/.exec(detail.textContent);
        if (said && said[1] !== seen.at(-1)) seen.push(said[1]);
        // A machine may be so busy for once that it shows two of them at the same time.
        if (seen.length >= 4 && seen.at(-1) - seen.at(-4) === 3 || seen.length === 20) done(seen);
      }).observe(detail, { childList: true, characterData: true, subtree: true });
    })""")

    assert [int(each) - int(seen[-4]) for each in seen[-4:]] == [0, 1, 2, 3]
    until(lambda: len(set(steps(page))) == 1, "between two batches all lanes have made as many")
    page.get_by_label("Pace").select_option("2 batches/s")
    page.wait_for_url(re.compile("pace=2"))
    expect(page.locator("[data-part=speed]")).to_have_text("2 batches/s")
    page.get_by_label("Pace").select_option("Full speed")
    # At two a second it would not come so far while one waits.
    until(lambda: batch(page) > int(seen[-1]) + 2 * TIMEOUT_S, "from now on it is as fast as it goes")
    expect(page.locator("[data-part=speed]")).to_have_text(re.compile("batches/s in all"))


def test_every_viewer_sees_the_pace_of_the_race(open_page):
    page = open_page(LONG.replace("pace=100", "pace=10"))
    expect(page.get_by_label("Pace")).to_have_value("10")
    play(page)
    page.wait_for_url("**/runs/*")
    other = open_page(page.url.split("?")[0])

    expect(other.get_by_label("Pace")).to_have_value("10")
    expect(other.get_by_label("Pace")).to_be_disabled()
    page.get_by_label("Pace").select_option("50 batches/s")

    expect(other.get_by_label("Pace")).to_have_value("50")
    expect(other.locator("[data-part=speed]")).to_have_text("50 batches/s")


def test_a_learning_rate_changed_in_the_race_is_marked_on_the_curve_and_in_words(open_page, shared_server):
    page = open_page(LONG.replace("seconds", "step"))
    play(page)
    state(page, "racing")
    until(lambda: min(ink(page, "test-loss")) > 0, "every lane was evaluated")
    standing_still(page, shared_server)
    at_rest(page)
    before = {name: picture(page, name) for name in CHARTS}

    rate(page, 2).click()
    button(page, "Twice").click()

    expect(rate(page, 2)).to_have_text("lr 0.01 → 0.02")
    dials = page.locator('.standings [data-lane="2"] .dials')
    expect(dials).to_have_text("lr 0.01 → 0.02 · β₁ 0.9 · β₂ 0.999")
    assert dials.evaluate("node => node.scrollWidth <= node.clientWidth"), "all of it can be read"
    expect(dials).to_have_attribute("title", re.compile(r"0\.02 at batch [\d,]+ · β₁"))
    expect(rate(page, 0)).to_have_text("lr 0.01")
    page.keyboard.press("Escape")
    expect(rate(page, 2)).to_be_focused()
    page.keyboard.press("ArrowRight")
    for name in CHARTS:
        until(lambda name=name: picture(page, name) != before[name], f"{name} has a mark")


def test_keys_work_on_after_a_switch_or_a_learning_rate_was_changed(open_page):
    page = open_page(LONG)
    across = page.get_by_role("group", name="Across")
    across.get_by_role("radio", name="batches", exact=True).check()
    page.get_by_label("Smoothing").press("ArrowLeft")
    page.keyboard.press("r")
    state(page, "idle")
    page.keyboard.press("f")
    expect(page.locator("body")).to_have_attribute("data-present", "")
    page.keyboard.press("f")
    expect(page.locator("body")).not_to_have_attribute("data-present", "")
    play(page)
    state(page, "racing")
    rate(page, 0).click()
    page.get_by_label("Exactly").fill("0.5")
    page.keyboard.press("Enter")
    expect(rate(page, 0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    state(page, "paused")
    across.get_by_role("radio", name="epochs", exact=True).check()
    page.keyboard.press("s")
    state(page, "stopped")


def test_an_exact_learning_rate_can_be_typed_and_a_wrong_one_is_refused(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    rate(page, 0).click()
    field = page.get_by_label("Exactly")

    field.fill("fast")
    field.press("Enter")
    expect(page.get_by_text("Learning rate: expected a number from")).to_be_visible()
    field.fill("0.5")
    field.press("Enter")

    expect(rate(page, 0)).to_have_text("lr 0.01 → 0.5")
    expect(field).to_be_hidden()


def test_a_race_that_is_over_keeps_its_learning_rates(open_page):
    page = open_page(SHORT)
    play(page)
    state(page, "finished")

    for lane in LANES:
        expect(rate(page, lane)).to_have_attribute("aria-disabled", "true")
    rate(page, 0).click(force=True)
    expect(page.get_by_label("Exactly")).to_be_hidden()


def test_a_paused_race_can_be_stopped(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    pause(page)

    button(page, "Stop").click()

    state(page, "stopped")


def test_every_key_does_what_the_help_says(open_page):
    page = open_page(LONG)
    page.keyboard.press("Space")
    state(page, "racing")
    page.keyboard.press("Space")
    state(page, "paused")
    page.keyboard.press("Space")
    state(page, "racing")
    page.keyboard.press("ArrowRight")
    state(page, "paused")
    address = page.url
    page.keyboard.press("r")
    another(page, address)
    state(page, "racing")
    page.keyboard.press("s")
    state(page, "stopped")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and gestures")).to_be_visible()
    page.locator("dialog kbd").first.wait_for()
    keys = page.locator("dialog kbd").all_inner_texts()
    assert {"space", "→", "s", "r", "f", "esc", "?"} <= set(keys)


def test_an_arrow_key_on_a_chart_moves_its_cursor_alone(open_page, shared_server):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    before = standing_still(page, shared_server)

    page.get_by_role("img", name="Training loss").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")

    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    until(lambda: steps(page) == [made + 1 for made in before], "one step was asked for")


def test_paused_and_the_window_for_a_learning_rate_are_accessible(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    pause(page)
    assert violations_in_both_themes(page) == []
    rate(page, 0).click()
    page.get_by_label("Exactly").wait_for()

    assert violations_in_both_themes(page) == []
