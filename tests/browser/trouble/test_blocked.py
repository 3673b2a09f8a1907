"""Files, websockets or browsers that don't work: the page says what is wrong."""

import re
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.blocking_proxy import blocking_proxy
from tests.browser.reading import CHARTS, LONG, SHORT, batch, finished, legend, play, settled, state
from tests.server_process import start_owned
from tests.waiting import TIMEOUT_S, until

FAILED = ("Failed to load resource",)
NO_SOCKET = ("WebSocket connection to",)
REFRESHED = "Live updates are blocked here, by a proxy or a content blocker: refreshing every second."


def told(page):
    """The line that says it, if it is to be seen."""
    return page.locator("#not-loaded").filter(visible=True)


@pytest.mark.parametrize("name", ["main", "chunk"])
def test_a_blocked_script_is_named(open_page, name):
    page = open_page("/healthz", tolerate=FAILED)
    page.route(f"**/bundle/{name}-*.js", lambda route: route.abort("blockedbyclient"))
    page.goto("/")

    named = rf"A part of this page did not load: ({name}-\w+\.js(, )?)+\. Is a content blocker"
    expect(told(page)).to_have_text(re.compile(named))
    expect(page.locator("[data-part=status]")).to_have_text("Not loaded")


def test_a_blocked_style_sheet_is_named_and_the_page_works(open_page):
    page = open_page("/healthz", tolerate=FAILED)
    page.route("**/bundle/page-*.css", lambda route: route.abort("blockedbyclient"))
    page.goto(SHORT)

    expect(told(page)).to_have_text(re.compile(r"A part of this page did not load: page-\w+\.css\."))
    finished(page)


def test_a_blocked_script_of_an_embedded_race_is_named(open_page):
    page = open_page(SHORT, tolerate=FAILED)
    play(page)
    state(page, "finished")
    page.route("**/bundle/embed-*.js", lambda route: route.fulfill(status=403, body="blocked"))
    page.goto(page.url.split("?")[0].replace("/runs/", "/embed/"))

    expect(told(page)).to_have_text(re.compile(r"A part of this page did not load: embed-\w+\.js\."))


def test_what_loads_when_it_is_wanted_is_named_too(open_page):
    page = open_page("/healthz", tolerate=FAILED)
    page.route("**/bundle/later-*.js", lambda route: route.abort("blockedbyclient"))
    page.goto(SHORT)

    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("later.js could not be loaded.")
    notice.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Share").click()
    expect(notice).to_contain_text("later.js could not be loaded.")
    finished(page)


def test_a_browser_that_is_too_old_sees_which_ones_work(open_page):
    page = open_page("/healthz", tolerate=FAILED)
    page.add_init_script("delete HTMLElement.prototype.popover")
    page.goto("/")

    expect(told(page)).to_contain_text("Safari 17, Firefox 125, Chrome 114")


def test_a_complete_page_shows_no_boot_message(open_page):
    page = open_page(SHORT)
    finished(page)
    expect(told(page)).to_have_count(0)


def test_where_websockets_are_blocked_the_page_polls_and_says_so(open_page, address):
    run_id, owner = start_owned(address, pace=100)
    run = f"{address}/api/runs/{run_id}"
    with ExitStack() as proxies:
        modes = ("refuse", "swallow", "hold back")
        by_mode = {mode: proxies.enter_context(blocking_proxy(address, mode)) for mode in modes}
        pages = {
            mode: open_page(f"{proxy.address}/runs/{run_id}", tolerate=NO_SOCKET) for mode, proxy in by_mode.items()
        }
        embedded = open_page(f"{by_mode['refuse'].address}/embed/{run_id}", tolerate=NO_SOCKET)

        for page in pages.values():
            expect(page.locator("[data-notice=polling]")).to_contain_text(REFRESHED)
            expect(page.locator("[data-part=status]")).to_have_text("Refreshing each second")
            before = batch(page)
            until(lambda page=page, before=before: batch(page) > before, "the race goes on")
        expect(embedded.locator("[data-part=why]")).to_have_text(REFRESHED)
        # All of them count as viewers.
        until(lambda: httpx.get(run, timeout=TIMEOUT_S).json()["viewers"] == 4, "four watch")

        for mode, page in pages.items():
            by_mode[mode].mode = "let through"
            page.evaluate("dispatchEvent(new Event('online'))")
            expect(page.locator("[data-notice=polling]")).to_have_count(0)
            state(page, "racing")
        httpx.post(f"{run}/stop", headers=owner, timeout=TIMEOUT_S)
        for page in [*pages.values(), embedded]:
            state(page, "stopped")
        expect(embedded.locator("[data-part=why]")).to_have_text("")
        for page in [*pages.values(), embedded]:
            page.context.close()


def test_a_race_that_is_started_and_polled_is_complete_at_its_end(open_page, address):
    with blocking_proxy(address, "refuse") as proxy:
        page = open_page(f"{proxy.address}{SHORT}&pace=100", tolerate=NO_SOCKET)
        finished(page)
        direct = open_page(address + page.url.removeprefix(proxy.address))
        settled(direct)

        for name in CHARTS:
            assert legend(page, name) == legend(direct, name)
        expect(page.locator("[data-notice=polling]")).to_have_count(0)
        page.context.close()


def test_a_server_that_is_gone_is_no_blocker(open_page, server):
    process, _ = server
    page = open_page(LONG, tolerate=(*NO_SOCKET, *FAILED))
    play(page)
    state(page, "racing")
    process.kill()
    state(page, "lost")
    notice = page.locator("[data-notice=lost]")
    for _ in range(5):
        before = page.evaluate("performance.now()")
        notice.get_by_role("button", name="Try now").click()
        until(lambda: "reconnecting in" in notice.inner_text(), f"an attempt has failed since {before}")
    expect(page.locator("[data-notice=polling]")).to_have_count(0)
