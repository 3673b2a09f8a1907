"""A real Chromium on a real server over few digits. Every test fails on an unexpected word in the browser's console."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.server_process import served
from tests.waiting import TIMEOUT_S

# Another name of this machine, which a browser trusts no more than any other without https.
PLAIN_HOST = "playground.test"
WIDE = {"width": 1440, "height": 900}
# What Chromium itself writes when the server is gone; no page can keep it from doing so.
SERVER_GONE = ("WebSocket connection to", "Failed to load resource: net::")

# As patient as all other waiting here.
expect.set_options(timeout=TIMEOUT_S * 1000)

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium() -> str:
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine: install one, or set CHROMIUM to its path")


def launch(playwright: Playwright, executable: str) -> Browser:
    return playwright.chromium.launch(
        executable_path=executable,
        # Chromium refuses its sandbox to root, which is who runs tests in a container.
        chromium_sandbox=os.geteuid() != 0,
        args=["--disable-gpu", "--disable-background-networking", f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"],
    )


# For this package alone: while it is open, no other event loop can run in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    with sync_playwright() as playwright:
        browser = launch(playwright, executable)
        yield browser
        browser.close()


@pytest.fixture
def server(few_idx_files: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    # As on a small machine: one race at once, and no more workers than it has lanes.
    with served(few_idx_files, tmp_path, MAX_RUNNING="1") as (process, address):
        yield process, address


@pytest.fixture
def address(server: tuple[subprocess.Popen, str]) -> str:
    return server[1]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens pages in one browsing context each; after the test, nothing unexpected may be on their consoles."""
    words: list[str] = []
    tolerated: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(tuple(tolerated)):
            words.append(message.text)

    def open_page(path: str = "/", tolerate: tuple[str, ...] = (), **options: object) -> Page:
        tolerated.extend(tolerate)
        context = browser.new_context(**{"viewport": WIDE, "base_url": address, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: words.append(f"uncaught: {error}"))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert words == []
