"""Somebody else's race on the page: looked at, not commanded."""

from playwright.sync_api import Page, expect

from tests.browser.reading import LONG, play, state


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_whoever_has_the_link_watches_and_runs_the_same_settings_themselves(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    other = open_page(page.url)
    state(other, "racing")

    for name in ("Play", "Pause", "Stop", "Step one batch", "Run again"):
        expect(button(other, name)).to_have_count(0)
    expect(other.locator(".standings .rate").first).to_have_attribute("aria-disabled", "true")
    other.keyboard.press("s")
    button(other, "Run these settings yourself").click()
    other.wait_for_url(lambda url: url != page.url)

    for name in ("Stop", "Step one batch", "Run again"):
        expect(button(other, name)).to_be_visible()
    state(page, "racing")


def test_a_run_is_still_ones_own_after_a_reload(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")

    page.reload()
    state(page, "racing")
    page.keyboard.press("s")

    state(page, "stopped")
