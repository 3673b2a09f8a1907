"""A real Chromium on a real server over few digits. Every test fails on an unexpected word in the browser's console.

Browser and server are shared by the tests of a worker process; each page has a browsing context of its own. A test
that harms the server, or looks at its processes, uses `server` and gets its own.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from tests.browser.chromium import ChromiumMissing, launch
from tests.browser.shared_server import SharedServer
from tests.owner import HEADER
from tests.server_process import free_port, served
from tests.waiting import TIMEOUT_S, until

WIDE = {"width": 1440, "height": 900}
# What Chromium itself writes when the server is gone; no page can keep it from doing so.
SERVER_GONE = ("WebSocket connection to", "Failed to load resource: net::")
# What Chromium says of a socket that the page ends because it has not opened in five seconds, as on a busy machine: it
# goes on by HTTP, and tries a socket again.
GIVEN_UP = "WebSocket is closed before the connection is established"

# As patient as all other waiting here.
expect.set_options(timeout=TIMEOUT_S * 1000)

# As in SHORT.
OVER = {"epochs": 3, "hidden": [16]}
# As in DIVERGING.
DIVERGED = {
    "epochs": 2,
    "hidden": [256, 256, 256],
    "lanes": [{"optimizer": "sgd", "learning_rate": 3}, {"optimizer": "momentum"}, {"optimizer": "adam"}],
}

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
    with served(few_idx_files, tmp_path, port=free_port(), MAX_RUNNING="1") as (process, address):
        yield process, address


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """Of the test's own server if it has one, else of the shared one."""
    if "server" in request.fixturenames:
        return request.getfixturevalue("server")[1]
    return request.getfixturevalue("shared_server").address()


@pytest.fixture
def raced(shared_server: SharedServer) -> Callable[..., str]:
    """The path of a finished run with these settings on the shared server; the same run for every test."""
    return shared_server.raced


@pytest.fixture
def swept(shared_server: SharedServer) -> Callable[..., str]:
    """The path of a finished sweep over these axes on the shared server; the same sweep for every test."""
    return shared_server.swept


@pytest.fixture
def over(raced: Callable[..., str]) -> str:
    """That of a short one."""
    return raced(**OVER)


@pytest.fixture
def open_page(browser: Browser, address: str, shared_server: SharedServer) -> Iterator[OpenPage]:
    """Opens pages in one browsing context each; after the test, nothing unexpected may be on their consoles."""
    owner_keys: dict[str, str] = {}
    starts: set[Request] = set()
    words: list[str] = []
    tolerated: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        expected = message.text.startswith(tuple(tolerated)) or GIVEN_UP in message.text
        if message.type in ("error", "warning") and not expected:
            words.append(message.text)

    def note_start(request: Request) -> None:
        if request.method == "POST" and urlsplit(request.url).path.endswith(("/api/runs", "/api/sweeps")):
            starts.add(request)

    def note_failure(request: Request) -> None:
        starts.discard(request)

    def keep_key(response: Response) -> None:
        starts.discard(response.request)
        # A lesson, which has one, too, is nothing that trains.
        if "/api/lessons" not in response.url and (key := response.headers.get(HEADER.lower())):
            owner_keys[urljoin(response.url, response.headers["location"])] = key

    def open_page(path: str = "/", tolerate: tuple[str, ...] = (), instruments: bool = True, **options: object) -> Page:
        """With the section of the `instruments` open, as a browser keeps it once it was opened."""
        tolerated.extend(tolerate)
        context = browser.new_context(**{"viewport": WIDE, "base_url": address, **options})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_S * 1000)
        if instruments:
            context.add_init_script("localStorage.setItem('optimizer-playground.instruments', 'open')")
        context.on("request", note_start)
        context.on("requestfailed", note_failure)
        context.on("response", keep_key)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: words.append(f"uncaught: {error}"))
        page.goto(path)
        return page

    def all_started() -> bool:
        pages = [page for context in browser.contexts for page in context.pages] if starts else []
        for page in pages:
            # Only then this process hears of what has been answered.
            page.wait_for_timeout(10)
        return not pages

    yield open_page
    # A race whose key is not known yet could not be stopped.
    until(all_started, "every start that the pages asked for has been answered")
    for context in contexts:
        context.close()
    shared_server.settle(owner_keys)
    assert words == []
