"""The page has room in every window from 320 pixels on: nothing lies beside it, to be scrolled to."""

from playwright.sync_api import Page

from tests.browser.reading import SHORT, SIX_LANES, drawn, play, settled, state

WIDTHS = [*range(320, 520, 10), 600, 719, 720, 768, 849, 850, 999, 1000, 1099, 1100, 1280, 1440, 1920]


def too_wide(page: Page) -> list[int]:
    """The widths at which the page can be scrolled sideways."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(width)
    return found


def test_no_page_scrolls_sideways(open_page):
    page = open_page(
        SHORT + SIX_LANES, tolerate=("Failed to load resource: the server responded with a status of 404",)
    )
    assert too_wide(page) == []
    play(page)
    state(page, "finished")
    assert too_wide(page) == []

    run = page.url.split("?")[0]
    # By a link, since a screen that is full has no other widths.
    page.goto(f"{run}?present=1")
    state(page, "finished")
    assert too_wide(page) == []
    page.goto(run.replace("/runs/", "/embed/"))
    assert too_wide(page) == []
    page.goto("/nothing")
    assert too_wide(page) == []


SIX = [{"optimizer": name} for name in ("sgd", "momentum", "adam", "adam", "lion", "nesterov")]
SIX[3]["learning_rate"] = 0.001
CUT = """where => [...document.querySelectorAll(where)]
  .filter(node => node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1).map(node => node.textContent)"""


def cut(page: Page, where: str, widths: list[int], height: int) -> dict[int, list[str]]:
    """Which of these are cut in windows of which width."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        if texts := page.evaluate(CUT, where):
            found[width] = texts
    return found


def test_no_name_of_six_lanes_and_no_caption_is_cut(open_page, raced):
    path = raced(epochs=1, hidden=[16], lanes=SIX)
    page = open_page(path)
    settled(page)
    assert cut(page, ".wall h2, .stage .where, .standing .who", WIDTHS, 800) == {}

    page = open_page(f"{path}?present=1", instruments=False)
    settled(page)
    assert cut(page, ".wall h2, .stage .where", [1024, 1280, 1440, 1920], 720) == {}

    page = open_page(path.replace("/runs/", "/embed/"), instruments=False)
    settled(page)
    for height in (400, 640):
        assert cut(page, ".wall h2, .standing .who", [360, 480, 600, 720], height) == {}
