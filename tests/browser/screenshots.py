"""`make screenshots`: the pictures of the README in docs/images, and every state in every size in build/screenshots.

Real races on the real digits, in a real Chromium. The pictures of the README show the default race.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.settings import Settings
from tests.browser.chromium import launch
from tests.browser.reading import pause, play, state
from tests.server_process import served

README_PICTURES = Path("docs/images")
ALL_STATES = Path("build/screenshots")
SIZES = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
THEMES = ("light", "dark")


def main() -> None:
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    ALL_STATES.mkdir(parents=True, exist_ok=True)
    data = Settings.model_fields["data_dir"].default
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as cache:
        browser = launch(playwright)
        for theme in THEMES:
            with served(data, Path(cache)) as (_, address):
                readme_picture(browser, address, theme)
            for size in SIZES:
                with served(data, Path(cache)) as (server, address):
                    every_state(browser, address, theme, size)
                    page = open_page(browser, address, theme, size, "/?epochs=100")
                    play(page)
                    state(page, "racing")
                    page.wait_for_function("document.querySelector('[data-part=detail]').textContent > 'batch 1'")
                    server.kill()
                    state(page, "lost")
                    shoot(page, theme, size, "lost")
        browser.close()
    print(f"Pictures are in {README_PICTURES} and {ALL_STATES}.")


def readme_picture(browser: Browser, address: str, theme: str) -> None:
    page = open_page(browser, address, theme, "wide", "/?epochs=5")
    play(page)
    state(page, "finished")
    look_down(page)
    page.locator("[data-chart=train-loss] .u-over").hover(position={"x": 150, "y": 60})
    page.screenshot(path=README_PICTURES / f"race-{theme}.png", full_page=True)
    page.context.close()


def every_state(browser: Browser, address: str, theme: str, size: str) -> None:
    page = open_page(browser, address, theme, size, "/?pace=1000")
    shoot(page, theme, size, "idle")
    play(page)
    state(page, "racing")
    page.wait_for_function("document.querySelector('[data-part=headline]').textContent.startsWith('Epoch 2')")
    look_down(page)
    shoot(page, theme, size, "racing")
    pause(page)
    shoot(page, theme, size, "paused")
    play(page)
    state(page, "finished")
    look_down(page)
    shoot(page, theme, size, "finished")
    page.keyboard.press("f")
    page.screenshot(path=ALL_STATES / f"{size}-{theme}-presenting.png")
    page.keyboard.press("Escape")

    page.goto("/?epochs=many")
    toggle = page.locator("[data-part=settings-toggle]")
    if toggle.is_visible():
        toggle.click()
    page.get_by_label("Batch size", exact=True).fill("none")
    play(page)
    shoot(page, theme, size, "error")

    page.goto("/?epochs=1&hidden=256,256,256&sgd.learning_rate=3")
    play(page)
    state(page, "finished")
    shoot(page, theme, size, "diverged")
    page.context.close()


def open_page(browser: Browser, address: str, theme: str, size: str, path: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=theme,
        reduced_motion="reduce",
        # Waiting for what the page shows is code of one's own.
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto(path)
    return page


def look_down(page: Page) -> None:
    """Some panels ask for what they show only once they are looked at."""
    weights, confusion = (page.locator(f"[data-part={name}]") for name in ("weights", "confusion"))
    weights.scroll_into_view_if_needed()
    weights.locator("canvas[data-inked]").last.wait_for()
    confusion.scroll_into_view_if_needed()
    expect(confusion.locator("[data-part=when]")).to_contain_text("at step")
    page.evaluate("scrollTo(0, 0)")


def shoot(page: Page, theme: str, size: str, name: str) -> None:
    page.screenshot(path=ALL_STATES / f"{size}-{theme}-{name}.png", full_page=True)


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main()
