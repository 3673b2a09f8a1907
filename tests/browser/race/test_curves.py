"""Looking closer at the curves, in a real browser: zoom and pan with mouse, fingers and keyboard, and exact values."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations
from tests.browser.reading import (
    CHARTS,
    LONG,
    at_rest,
    changed,
    chart,
    drawn,
    legend,
    picture,
    pictures,
    play,
    settled,
    state,
)
from tests.waiting import until

STEPS = "?x=step&smoothing=0"

# The loss of every lane at a step, as the server sends it.
LOSSES = """async step => {
  const { decode } = await import('/static/js/model/stream/protocol.js');
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
    """The step at a share of a chart's width, of the part that is on show by now."""
    drawn(page)
    box = area(page, name)
    page.mouse.move(box["x"] + (box["width"] - 1) * share, box["y"] + box["height"] / 2)
    drawn(page)
    expect(chart(page, name).locator("[data-part=where]")).to_contain_text("at batch")
    return int(place(page, name).removeprefix("at batch ").replace(",", ""))


def test_dragging_zooms_all_charts_together_and_a_double_click_shows_all_again(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
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
        until(lambda name=name: picture(page, name) == whole[name], f"{name} shows all again")
    drag(page, 0.25, 0.5, "test-loss")
    changed(page, whole)
    button.click()
    for name in CHARTS:
        until(lambda name=name: picture(page, name) == whole[name], f"{name} shows all again")


@pytest.mark.parametrize("width", [1440, 390])
def test_all_is_shown_again_by_a_button_beside_the_charts(open_page, over, width):
    page = open_page(over + STEPS, instruments=False, viewport={"width": width, "height": 900})
    settled(page)
    last = hovered(page, 1)
    drag(page, 0.25, 0.5)
    until(lambda: hovered(page, 1) < last, "the charts show a part")

    page.get_by_role("button", name="Whole axis").click()

    until(lambda: hovered(page, 1) == last, "the charts show all")


def test_values_under_the_cursor_are_exact_when_zoomed(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
    total = hovered(page, 1)
    drag(page, 0.3, 0.35)
    until(lambda: hovered(page, 1) < total / 2, "the charts show a part")

    step = hovered(page, 0.5)
    shown = legend(page, "train-loss")

    exact = page.evaluate(LOSSES, step)
    for text, value in zip(shown, exact, strict=True):
        assert float(text.split()[-1]) == pytest.approx(value, rel=1e-3)


def test_values_at_the_lines_ends_are_those_of_the_ends_whatever_is_under_the_cursor(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
    ends, newest = page.locator(".stage .ends p"), legend(page, "train-loss")
    before = ends.all_inner_texts()
    assert [text.replace(" ", "\n") for text in before[:3]] == newest

    hovered(page, 0.3)

    assert legend(page, "train-loss") != newest
    assert ends.all_inner_texts() == before


def test_shift_and_drag_moves_what_is_on_show(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
    last = hovered(page, 1)
    drag(page, 0.4, 0.6)
    until(lambda: hovered(page, 1) < last, "the charts show a part")

    page.keyboard.down("Shift")
    drag(page, 0.25, 0.75)
    page.keyboard.up("Shift")

    until(lambda: hovered(page, 0) == pytest.approx(last * 0.3, abs=3), "the part has moved by half its width")
    assert hovered(page, 1) == pytest.approx(last * 0.5, abs=3)


def test_keys_zoom_and_what_is_on_show_follows_the_cursor(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
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
    until(lambda: place(page) == f"at batch {last:,}", "the cursor is at the end")
    until(lambda: hovered(page, 0) == pytest.approx(last * 0.75, abs=2), "the end is on show")
    page.keyboard.press("-")
    page.keyboard.press("0")

    for name in CHARTS:
        until(lambda name=name: picture(page, name) == whole[name], f"{name} shows all again")


def test_fingers_point_zoom_and_move(open_page, over):
    page = open_page(over + STEPS, has_touch=True, viewport={"width": 390, "height": 844})
    settled(page)
    chart(page, "train-loss").scroll_into_view_if_needed()
    box = area(page)
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *shares: float) -> None:
        y = box["y"] + box["height"] / 2
        points = [{"x": box["x"] + box["width"] * share, "y": y, "id": i} for i, share in enumerate(shares)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.5)
    expect(chart(page, "test-loss")).to_have_attribute("data-hovered", "")
    middle = int(place(page).removeprefix("at batch ").replace(",", ""))
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
    until(lambda: place(page) == f"at batch {round(middle * 2 * 0.6):,}", "the finger has moved what is on show")


def test_nothing_trembles_while_zoomed_and_racing(open_page):
    page = open_page(LONG.replace("seconds", "step") + "&reach=plan")
    play(page)
    state(page, "racing")
    run = page.url.split("?")[0].replace("/runs/", "/api/runs/")
    # Of the 200,000 steps, 49 will be on show.
    until(lambda: min(lane["steps"] for lane in page.request.get(run).json()["lanes"]) > 60, "all lanes are beyond")
    page.evaluate("document.querySelector('[data-chart=train-loss] [data-part=plot]').focus()")
    page.keyboard.press("Home")
    for _ in range(12):
        page.keyboard.press("+")
    page.keyboard.press("Escape")
    at_rest(page)
    still = picture(page, "train-loss")
    batch = page.locator("[data-part=detail]").inner_text()

    until(lambda: page.locator("[data-part=detail]").inner_text() != batch, "the race goes on")

    assert picture(page, "train-loss") == still


def test_a_chart_can_be_read_as_a_table(open_page, over):
    page = open_page(over + STEPS)
    settled(page)
    last = hovered(page, 1)
    at_the_end = legend(page, "test-accuracy")

    page.get_by_role("button", name="Test accuracy as a table").click()

    dialog = page.get_by_role("dialog", name="Test accuracy")
    rows = dialog.get_by_role("row")
    rows.last.wait_for()
    places = rows.get_by_role("rowheader").all_inner_texts()
    # Some of the 21 even places stand for the same evaluation.
    assert 10 < len(places) <= 21 and len(set(places)) == len(places)
    expect(rows.first.get_by_role("columnheader")).to_have_text(["Where", "SGD", "Momentum", "Adam"])
    expect(rows.last.get_by_role("rowheader")).to_have_text(f"batch {last:,}")
    assert [
        f"{name}\n{value}"
        for name, value in zip(
            ["SGD", "Momentum", "Adam"], rows.last.get_by_role("cell").all_inner_texts(), strict=True
        )
    ] == at_the_end
    assert violations(page) == []
