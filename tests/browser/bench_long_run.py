"""How much script a frame takes in a race of 720,000 batches, whatever a visitor does: part of `make bench-page`."""

import statistics
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.browser.bench_visits import CLICK_UNTIL, IN_EPOCH, UNTIL_OVER, fresh_page
from tests.browser.main_thread import CATEGORIES, main_thread

# 240,000 batches for each of three lanes.
LONG_LANES = "/?batch_size=1&epochs=4&hidden=16"
ROUNDS = 3


def long_run(browser: Browser, address: str) -> dict[str, float]:
    """The most script a frame takes while 3 × 240,000 batches arrive at full speed, and for all to do with them."""
    with fresh_page(browser, address, LONG_LANES) as page:
        page.evaluate(CLICK_UNTIL, ["play", "racing"])
        page.wait_for_function(IN_EPOCH, arg=4, polling=500, timeout=300_000)
        figures = {"live": traced(browser, page, lambda: page.evaluate(UNTIL_OVER))}
        over = page.locator("[data-chart=train-loss] .u-over").bounding_box()
        left, width, y = over["x"], over["width"], over["y"] + over["height"] / 2

        def sweep(start: float, end: float) -> None:
            page.mouse.move(left + width * end, y, steps=30)
            page.mouse.move(left + width * start, y, steps=30)

        def mark(start: float, end: float) -> None:
            page.mouse.move(left + width * start, y)
            page.mouse.down()
            page.mouse.move(left + width * end, y, steps=20)
            page.mouse.up()

        def zoom() -> None:
            for _ in range(3):
                mark(0.05, 0.98)
                mark(0.3, 0.7)
                page.mouse.dblclick(left + width / 2, y)

        def pan() -> None:
            mark(0.05, 0.9)
            page.keyboard.down("Shift")
            mark(0.6, 0.4)
            mark(0.4, 0.6)
            page.keyboard.up("Shift")
            page.mouse.dblclick(left + width / 2, y)

        def smooth() -> None:
            page.get_by_label("Smoothing").focus()
            for key in ["ArrowRight"] * 20 + ["Home", "End"]:
                page.keyboard.press(key)

        def turn() -> None:
            for x in ("step", "seconds", "examples", "epoch", "log"):
                page.locator(f".view input[name=x][value={x}]").check(force=True)
            for scale in ("linear", "log"):
                page.locator(f".view input[name=loss_scale][value={scale}]").check(force=True)

        acts = {"hover": lambda: sweep(0, 1), "zoom": zoom, "pan": pan, "smoothing": smooth, "axes": turn}
        for name, act in acts.items():
            own, wall = zip(*(traced(browser, page, act) for _ in range(ROUNDS)), strict=True)
            figures[name] = statistics.median(own), statistics.median(wall)
    return {f"long_run_{name}_own_ms_max": own for name, (own, _) in figures.items()} | {
        "long_run_script_ms_max": max(wall for _, wall in figures.values()),
        "long_run_own_script_ms_max": max(own for own, _ in figures.values()),
    }


def traced(browser: Browser, page: Page, act: Callable[[], object]) -> tuple[float, float]:
    """The most script a frame took while this was done, and half a second after: of its own, and by the clock."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    act()
    page.evaluate("new Promise(done => setTimeout(done, 500))")
    found = main_thread(browser.stop_tracing())
    return max(found.own_script_ms), max(found.script_ms)
