"""The page has room in every window from 320 pixels on: nothing lies beside it, to be scrolled to."""

from playwright.sync_api import Page

from tests.browser.reading import SHORT, SIX_LANES, play, state

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
