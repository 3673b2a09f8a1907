"""A real Chromium on a real server over few digits. Every test fails on an unexpected word in the browser's console.

Browser and server are shared by the tests of a worker process; each page has a browsing context of its own. Whoever
harms the server, or looks at its processes, asks for `server` and gets one alone.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.browser.chromium import ChromiumMissing, launch
from tests.browser.shared_server import SharedServer
from tests.owner import HEADER
from tests.server_process import served
from tests.waiting import TIMEOUT_S

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


# For this package alone: while it is open, no other event loop can run in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except ChromiumMissing as problem:
            pytest.skip(str(problem))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_server(few_idx_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    server = SharedServer(few_idx_files, tmp_path_factory.mktemp("shared-server"))
    yield server
    server.close()


@pytest.fixture
def server(few_idx_files: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """A server for this test alone: its process and its address."""
    with served(few_idx_files, tmp_path, MAX_RUNNING="1") as (process, address):
        yield process, address


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """Of the test's own server if it has one, else of the shared one."""
    if "server" in request.fixturenames:
        return request.getfixturevalue("server")[1]
    return request.getfixturevalue("shared_server").address()


@pytest.fixture
def open_page(browser: Browser, address: str, shared_server: SharedServer) -> Iterator[OpenPage]:
    """Opens pages in one browsing context each; after the test, nothing unexpected may be on their consoles."""
    owner_keys: dict[str, str] = {}
    words: list[str] = []
    tolerated: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(tuple(tolerated)):
            words.append(message.text)

    def keep_key(response: Response) -> None:
        if key := response.headers.get(HEADER.lower()):
            owner_keys[urljoin(response.url, response.headers["location"])] = key

    def open_page(path: str = "/", tolerate: tuple[str, ...] = (), **options: object) -> Page:
        tolerated.extend(tolerate)
        context = browser.new_context(**{"viewport": WIDE, "base_url": address, **options})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_S * 1000)
        context.on("response", keep_key)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: words.append(f"uncaught: {error}"))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    shared_server.settle(owner_keys)
    assert words == []
