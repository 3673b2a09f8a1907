"""Looking closer at the curves, in a real browser: zoom and pan with mouse, fingers and keyboard, and exact values."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.reading import CHARTS, LONG, SHORT, chart, ink, legend, picture, play, state
from tests.waiting import until

STEPS = SHORT + "&x=step&smoothing=0"

# The loss of every lane at a step, as the server tells it.
LOSSES = """async step => {
  const { decode } = await import('/static/js/protocol.js');
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/api' + location.pathname + '/stream');
  socket.binaryType = 'arraybuffer';
  const found = [];
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') return;
    for (const { kind, lane, first, rows, columns } of decode(data)) {
      if (kind === 'frame' && first < step && step <= first + rows) found[lane] = columns.loss[step - 1 - first];
    }
  };
  await new Promise(done => { socket.onclose = done; });
  return found;
}"""
# Whether a chart's axes stay as they are for a while.
SETTLED = """() => new Promise(done => {
  const axes = document.querySelector('[data-chart=train-loss] canvas:not(.lines)');
  const before = axes.toDataURL();
  setTimeout(() => done(axes.toDataURL() === before), 300);
})"""


def finished(page: Page) -> None:
    play(page)
    settled(page)


def settled(page: Page) -> None:
    """The run is over, and the axes have come to rest."""
    state(page, "finished")
    until(lambda: page.evaluate(SETTLED), "the axes have come to rest")


def area(page: Page, name: str = "train-loss") -> dict:
    over = chart(page, name).locator(".u-over")
    # The mouse reaches only what is in the window.
    over.scroll_into_view_if_needed()
    return over.bounding_box()


def drag(page: Page, start: float, end: float, name: str = "train-loss") -> None:
    """From one share of a chart's width to another."""
    box = area(page, name)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (start + end) / 2, y)
    page.mouse.move(box["x"] + box["width"] * end, y)
    page.mouse.up()


def place(page: Page, name: str = "train-loss") -> str:
    return chart(page, name).locator("[data-part=where]").inner_text()


def hovered(page: Page, share: float, name: str = "train-loss") -> int:
    """The step at a share of a chart's width."""
    box = area(page, name)
    page.mouse.move(box["x"] + (box["width"] - 1) * share, box["y"] + box["height"] / 2)
    expect(chart(page, name).locator("[data-part=where]")).to_contain_text("at step")
    return int(place(page, name).removeprefix("at step ").replace(",", ""))


def changed(page: Page, before: dict[str, list[str]]) -> None:
    for name in CHARTS:
        until(lambda name=name: picture(page, name) != before[name], f"{name} shows another part")


def pictures(page: Page) -> dict[str, list[str]]:
    page.mouse.move(5, 5)
    return {name: picture(page, name) for name in CHARTS}


def test_dragging_zooms_all_charts_together_and_a_double_click_shows_all_again(open_page):
    page = open_page(STEPS)
    finished(page)
    whole, last = pictures(page), hovered(page, 1)
    button = page.get_by_role("button", name="Whole axis")
    expect(button).to_be_hidden()

    drag(page, 0.25, 0.5)

    changed(page, whole)
    assert hovered(page, 0) == pytest.approx(last * 0.25, abs=2)
    assert hovered(page, 1, "test-loss") == pytest.approx(last * 0.5, abs=2)
    box = area(page, "test-accuracy")
    page.mouse.dblclick(box["x"] + 50, box["y"] + 50)
    for name in CHARTS:
        until(lambda name=name: pictures(page)[name] == whole[name], f"{name} shows all again")
    drag(page, 0.25, 0.5, "test-loss")
    changed(page, whole)
    button.click()
    for name in CHARTS:
        until(lambda name=name: pictures(page)[name] == whole[name], f"{name} shows all again")


def test_values_under_the_cursor_are_exact_when_zoomed(open_page):
    page = open_page(STEPS)
    finished(page)
    total = hovered(page, 1)
    drag(page, 0.3, 0.35)
    until(lambda: hovered(page, 1) < total / 2, "the charts show a part")

    step = hovered(page, 0.5)
    shown = legend(page, "train-loss")

    exact = page.evaluate(LOSSES, step)
    for text, value in zip(shown, exact, strict=True):
        assert float(text.split()[-1]) == pytest.approx(value, rel=1e-3)


def test_shift_and_drag_moves_what_is_on_show(open_page):
    page = open_page(STEPS)
    finished(page)
    last = hovered(page, 1)
    drag(page, 0.4, 0.6)
    until(lambda: hovered(page, 1) < last, "the charts show a part")

    page.keyboard.down("Shift")
    drag(page, 0.25, 0.75)
    page.keyboard.up("Shift")

    until(lambda: hovered(page, 0) == pytest.approx(last * 0.3, abs=3), "the part has moved by half its width")
    assert hovered(page, 1) == pytest.approx(last * 0.5, abs=3)


def test_keys_zoom_and_what_is_on_show_follows_the_cursor(open_page):
    page = open_page(STEPS)
    finished(page)
    whole = pictures(page)
    last = hovered(page, 1)
    page.mouse.move(5, 5)
    plot = chart(page, "train-loss").locator("[data-part=plot]")
    plot.focus()

    page.keyboard.press("Home")
    page.keyboard.press("+")
    page.keyboard.press("+")
    changed(page, whole)
    assert hovered(page, 1) == pytest.approx(last / 4, abs=2)
    page.mouse.move(5, 5)
    page.keyboard.press("End")
    until(lambda: place(page) == f"at step {last:,}", "the cursor is at the end")
    until(lambda: hovered(page, 0) == pytest.approx(last * 0.75, abs=2), "the end is on show")
    page.keyboard.press("-")
    page.keyboard.press("0")

    for name in CHARTS:
        until(lambda name=name: pictures(page)[name] == whole[name], f"{name} shows all again")


def test_fingers_point_zoom_and_move(open_page):
    page = open_page(STEPS, has_touch=True, viewport={"width": 390, "height": 844})
    finished(page)
    chart(page, "train-loss").scroll_into_view_if_needed()
    box = area(page)
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *shares: float) -> None:
        y = box["y"] + box["height"] / 2
        points = [{"x": box["x"] + box["width"] * share, "y": y, "id": i} for i, share in enumerate(shares)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.5)
    expect(chart(page, "test-loss")).to_have_attribute("data-hovered", "")
    middle = int(place(page).removeprefix("at step ").replace(",", ""))
    touch("touchEnd")

    touch("touchStart", 0.4)
    touch("touchStart", 0.4, 0.6)
    touch("touchMove", 0.4, 0.8)
    touch("touchEnd")

    expect(page.get_by_role("button", name="Whole axis")).to_be_visible()
    touch("touchStart", 0.8)
    touch("touchMove", 0.6)
    touch("touchMove", 0.4)
    touch("touchEnd")
    touch("touchStart", 0.4)
    touch("touchEnd")
    # Twice as close around 40 % of the width, then moved by 40 % of what is on show: the finger is on 60 % of it all.
    until(lambda: place(page) == f"at step {round(middle * 2 * 0.6):,}", "the finger has moved what is on show")


def test_nothing_trembles_while_zoomed_and_racing(open_page):
    page = open_page(LONG.replace("seconds", "step"))
    play(page)
    state(page, "racing")
    until(lambda: min(ink(page, "train-loss")) > 0, "every lane draws")
    page.evaluate("document.querySelector('[data-chart=train-loss] [data-part=plot]').focus()")
    page.keyboard.press("Home")
    for _ in range(12):
        page.keyboard.press("+")
    page.keyboard.press("Escape")
    until(lambda: page.evaluate(SETTLED), "the axes have settled")
    still = picture(page, "train-loss")
    batch = page.locator("[data-part=detail]").inner_text()

    until(lambda: page.locator("[data-part=detail]").inner_text() != batch, "the race goes on")

    assert picture(page, "train-loss") == still


def test_a_finished_run_can_be_played_again_from_any_moment(open_page):
    page = open_page(SHORT)
    bar = page.get_by_role("region", name="Replay")
    again = bar.get_by_role("button", name="Replay", exact=True)
    expect(again).to_be_disabled()
    finished(page)
    end = {name: (legend(page, name), pictures(page)[name]) for name in CHARTS}
    standings = page.locator(".standings").inner_text()

    slider = bar.get_by_role("slider", name="Moment of the run")
    slider.fill("400")

    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    expect(bar).to_contain_text("Hard digits and pictures show the end of the run.")
    for name in CHARTS:
        until(lambda name=name: picture(page, name) != end[name][1], f"{name} shows an earlier moment")
    until(lambda: page.locator(".standings").inner_text() != standings, "the standings are of that moment")
    assert set(page.locator(".standings .lane-status").all_inner_texts()) == {"running"}
    then = slider.input_value()
    bar.get_by_label("0.1×").check()
    again.click()
    until(lambda: float(slider.input_value()) > float(then), "the replay goes on")
    bar.get_by_label("16×").check()

    expect(page.locator("[data-part=status]")).to_have_text("Finished")
    for name in CHARTS:
        until(lambda name=name: (legend(page, name), picture(page, name)) == end[name], f"{name} shows the end again")
    assert page.locator(".standings").inner_text() == standings


def test_an_earlier_run_lies_under_the_new_one_by_choice(open_page):
    page = open_page(SHORT + "&learning_rate=0.3")
    finished(page)
    page.get_by_label("Learning rate", exact=True).fill("0.02")
    address = page.url
    play(page)
    page.wait_for_url(lambda url: url != address)
    settled(page)
    alone = pictures(page)

    page.get_by_role("button", name="Earlier runs").click()
    menu = page.get_by_role("group", name="Earlier runs")
    expect(menu.get_by_role("checkbox")).to_have_count(1)
    menu.get_by_role("checkbox").check()

    changed(page, alone)
    expect(page).to_have_url(re.compile("ghosts="))
    page.reload()
    state(page, "finished")
    for name in ("train-accuracy", "test-accuracy"):
        until(lambda name=name: picture(page, name) != alone[name], f"{name} shows the earlier run after a reload")
    page.get_by_role("button", name="Earlier runs").click()
    menu.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    for name in CHARTS:
        until(lambda name=name: pictures(page)[name] == alone[name], f"{name} shows the run alone")


def test_an_earlier_run_that_is_gone_is_told_and_left_out(open_page):
    page = open_page(SHORT + "&ghosts=nothing-here")
    expect(page.get_by_role("region", name="Notices")).to_contain_text("not on the server any more")
    expect(page).to_have_url(re.compile("^((?!ghosts).)*$"))


def test_seeds_run_one_after_the_other_and_are_drawn_as_mean_and_spread(open_page):
    page = open_page(SHORT)
    page.get_by_label("Seeds").select_option("2")

    play(page)

    page.wait_for_url(re.compile("/runs/.*seeds=2"))
    first = page.url
    page.wait_for_url(lambda url: url != first)
    state(page, "finished")
    for name in CHARTS:
        expect(chart(page, name).locator("[data-part=where]")).to_have_text("mean of 2 seeds; band: lowest–highest")
    expect(page.locator(".accuracy").first).to_have_text(re.compile(r"^\d+\.\d+\s?% ± \d+\.\d+$"))
    expect(page.get_by_label("Seed", exact=True)).to_have_value("42")
    seeds = [page.request.get(f"/api{urlsplit(url).path}").json()["config"]["seed"] for url in (first, page.url)]
    assert seeds == [42, 43]
    expect(page.locator("[data-part=story]")).to_have_text(re.compile(r"^Over 2 seeds .+ on average.+ Seed 43: "))
    expect(page.get_by_role("columnheader", name="Lane seed 43")).to_be_visible()
    expect(page.get_by_role("heading", name="Hard digits · seed 43")).to_be_visible()
    # One meaning of ±: the legend's is the one of the standings.
    assert deviations(page, ".standing .accuracy") == deviations(page, "[data-chart=test-accuracy] .legend li")


def deviations(page: Page, rows: str) -> list[str]:
    texts = page.locator(rows).all_inner_texts()
    return sorted(re.search(r"± (\d+\.\d+)$", text.strip())[1] for text in texts)


def test_a_series_survives_its_own_link(open_page):
    page = open_page(SHORT + "&seeds=2")
    play(page)
    page.wait_for_url(re.compile("/runs/.*series="))
    settled(page)
    shown = page.locator(".standings").inner_text()
    drawn = [legend(page, name) for name in CHARTS]

    page.reload()

    expect(chart(page, "train-loss").locator("[data-part=where]")).to_contain_text("mean of 2 seeds")
    settled(page)
    until(lambda: page.locator(".standings").inner_text() == shown, "mean and deviation stand there again")
    until(lambda: [legend(page, name) for name in CHARTS] == drawn, "the legends are as before")
    expect(page.locator("[data-part=story]")).to_contain_text("Over 2 seeds")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("42")
    expect(page.locator("[data-part=next-run]")).to_be_hidden()

    # A new race is no part of the old series.
    page.get_by_label("Seeds").select_option("1")
    play(page)
    expect(page).to_have_url(re.compile("^((?!series).)*$"))


def test_seeds_that_are_gone_are_told_and_left_out(open_page):
    page = open_page(SHORT)
    finished(page)
    page.goto(page.url + ("&" if "?" in page.url else "?") + "series=nothing-here")
    expect(page.get_by_role("region", name="Notices")).to_contain_text("one seed alone")
    expect(page).to_have_url(re.compile("^((?!series).)*$"))


@pytest.mark.parametrize("width", [768, 1440])
def test_a_mean_and_its_deviation_have_room(open_page, width):
    page = open_page(SHORT + "&seeds=2")
    page.set_viewport_size({"width": width, "height": 900})
    play(page)
    page.wait_for_url(re.compile("/runs/.*series="))
    settled(page)
    expect(page.locator(".standing .accuracy small").first).to_contain_text("±")
    cut = """() => [...document.querySelectorAll('.legend li, .legend .raw, .standing .who')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent)"""
    assert page.evaluate(cut) == []


def test_stop_ends_a_series(open_page):
    page = open_page(LONG + "&seeds=3")
    play(page)
    state(page, "racing")
    address = page.url

    page.get_by_role("button", name="Stop", exact=True).click()

    state(page, "stopped")
    page.wait_for_timeout(300)
    state(page, "stopped")
    assert page.url == address


def test_a_chart_can_be_read_as_a_table(open_page):
    page = open_page(STEPS)
    finished(page)
    last = hovered(page, 1)
    at_the_end = legend(page, "test-accuracy")

    page.get_by_role("button", name="Test accuracy as a table").click()

    dialog = page.get_by_role("dialog", name="Test accuracy")
    rows = dialog.get_by_role("row")
    expect(rows).to_have_count(22)
    expect(rows.first.get_by_role("columnheader")).to_have_text(["Where", "SGD", "Momentum", "Adam"])
    expect(rows.last.get_by_role("rowheader")).to_have_text(f"step {last:,}")
    assert [
        f"{name}\n{value}"
        for name, value in zip(
            ["SGD", "Momentum", "Adam"], rows.last.get_by_role("cell").all_inner_texts(), strict=True
        )
    ] == at_the_end
    assert Axe().run(page).response["violations"] == []
