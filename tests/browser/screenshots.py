"""`make screenshots`: the pictures of the README in docs/images, and every state in every size in build/screenshots.

Real races on the real digits, in a real Chromium. The pictures of the README show the default race.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.settings import Settings
from tests.browser.chromium import launch
from tests.browser.reading import open_settings, pause, play, state, still
from tests.server_process import served
from tests.waiting import TIMEOUT_S

README_PICTURES = Path("docs/images")
ALL_STATES = Path("build/screenshots")
SIZES = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
THEMES = ("light", "dark")
OPEN_INSTRUMENTS = "localStorage.setItem('optimizer-playground.instruments', 'open')"


def main() -> None:
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    ALL_STATES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=TIMEOUT_S * 1000)
    data = Settings.model_fields["data_dir"].default
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as cache:
        browser = launch(playwright)
        for theme in THEMES:
            with served(data, Path(cache)) as (_, address):
                # The other one leaves a race behind, for which a visitor would have to wait.
                experiment_picture(browser, address, theme)
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
    """The stage soon after the first network has passed 90 %, at a pace that a busy machine keeps, too."""
    page = open_page(browser, address, theme, "wide", "/?epochs=5&pace=10", instruments=False)
    play(page)
    page.wait_for_function("document.querySelector('[data-part=story]').textContent.includes('passed 90')")
    pause(page)
    state(page, "paused")
    page.mouse.move(5, 5)
    still(page)
    page.screenshot(path=README_PICTURES / f"race-{theme}.png")
    page.context.close()


def experiment_picture(browser: Browser, address: str, theme: str) -> None:
    """A recorded answer beside a guess."""
    page = open_page(browser, address, theme, "wide", "/experiments/train-longer", instruments=False)
    page.get_by_role("button", name="It stalls and drops").click()
    expect(page.locator("[data-chart=gap-loss] .ends p").last).to_be_visible()
    page.screenshot(path=README_PICTURES / f"experiment-{theme}.png")
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

    page.goto("/how-it-works")
    page.locator("[data-part=averages] path.corrected").wait_for()
    shoot(page, theme, size, "how-it-works")

    page.goto("/?epochs=many")
    open_settings(page)
    page.get_by_label("Batch size", exact=True).fill("none")
    play(page)
    shoot(page, theme, size, "error")

    page.goto("/?epochs=1&hidden=256,256,256&sgd.learning_rate=3")
    play(page)
    state(page, "finished")
    shoot(page, theme, size, "diverged")
    page.context.close()


def open_page(browser: Browser, address: str, theme: str, size: str, path: str, instruments: bool = True) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=theme,
        reduced_motion="reduce",
        # Waiting for what the page shows is code of one's own.
        bypass_csp=True,
    )
    if instruments:
        context.add_init_script(OPEN_INSTRUMENTS)
    page = context.new_page()
    page.goto(path)
    return page


def look_down(page: Page) -> None:
    """Some panels load their data only once they are in view."""
    weights, confusion = (page.locator(f"[data-part={name}]") for name in ("weights", "confusion"))
    weights.scroll_into_view_if_needed()
    weights.locator("canvas[data-inked]").last.wait_for()
    confusion.scroll_into_view_if_needed()
    expect(confusion.locator("[data-part=when]")).to_contain_text("at batch")
    page.evaluate("scrollTo(0, 0)")


def shoot(page: Page, theme: str, size: str, name: str) -> None:
    page.screenshot(path=ALL_STATES / f"{size}-{theme}-{name}.png", full_page=True)


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main()
