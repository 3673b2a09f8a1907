"""Requests of the page are retried after a cut connection or a refusal, and late answers replace nothing newer."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.reading import KEEP_STATES, LONG, SHORT, batch, choose_action, pause, play, series, state
from tests.waiting import TIMEOUT_S, until

NETWORK = "Failed to load resource"


def cut(route: Route) -> None:
    route.abort()


def busy(status: int) -> Callable[[Route], None]:
    """A refusal as the server words one, for a second."""
    body = '{"error": {"code": "busy", "message": "The server is busy."}}'
    return lambda route: route.fulfill(status=status, headers={"Retry-After": "1"}, body=body)


def page_of_a_proxy(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")


def login_page(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to our network</h1>")


FAILURES = {
    "cut": cut,
    "429": busy(429),
    "503": busy(503),
    "502 of a proxy": page_of_a_proxy,
    "login of a network": login_page,
}


def fail_first(page: Page, address: str, failure: Callable[[Route], None]) -> list[str]:
    """The first request to each address fails; all requests are appended to the list."""
    asked: list[str] = []

    def route(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) == 1:
            failure(route)
        else:
            route.continue_()

    page.route(address, route)
    return asked


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_panels_and_digits_ask_again_until_they_have_an_answer(open_page, over, failure):
    page = open_page("/healthz", tolerate=(NETWORK,))
    asked = [fail_first(page, f"**/{what}", failure) for what in ("weights", "confusion", "digits/*")]
    page.goto(over)
    state(page, "finished")
    for panel in ("weights", "confusion", "digits"):
        page.locator(f"[data-panel={panel}]").scroll_into_view_if_needed()

    expect(page.locator("[data-panel=weights] canvas[data-inked]")).to_have_count(3)
    expect(page.locator("[data-panel=confusion] [data-part=when]")).to_contain_text("at batch")
    empty = page.locator("[data-panel=digits] .digit:not([data-empty]) canvas:not([data-inked])")
    expect(empty).to_have_count(0)
    for panel in ("weights", "confusion"):
        expect(page.locator(f"[data-panel={panel}] [data-part=note]")).to_have_text("")
    assert all(asked)


def test_a_refusal_is_shown_until_there_is_an_answer(open_page, over):
    page = open_page(over, tolerate=(NETWORK,))
    page.route("**/command", busy(429))
    state(page, "finished")

    choose_action(page, "Export")

    expect(page.locator("[data-part=command-note]")).to_have_text("The server is busy.")
    page.unroute("**/command")
    expect(page.locator("[data-part=command] input")).to_have_value(re.compile("playground race"))
    expect(page.locator("[data-part=command-note]")).not_to_have_text("The server is busy.")


def test_a_qr_code_that_was_cut_off_comes_all_the_same(open_page):
    page = open_page(tolerate=(NETWORK,))
    asked = fail_first(page, "**/api/qr.svg*", cut)
    page.get_by_role("button", name="Share").click()
    code = page.locator("[data-part=qr]")
    until(lambda: code.evaluate("image => image.complete && image.naturalWidth > 0"), "the code is on show")
    assert len(asked) == 2


def test_the_next_seed_starts_when_there_is_room_for_it(open_page):
    page = open_page(f"{SHORT}&seeds=2", tolerate=(NETWORK,))
    starts: list[str] = []

    def refuse_the_second(route: Route) -> None:
        starts.append(route.request.url)
        busy(503)(route) if len(starts) == 2 else route.continue_()

    page.route(re.compile(r"/api/runs(\?|$)"), refuse_the_second)
    play(page)
    series(page)
    assert len(starts) == 3


def test_a_late_answer_does_not_undo_what_came_after_it(open_page, address):
    page = open_page(LONG)
    with page.expect_response(re.compile(r"/api/runs(\?|$)")) as started:
        play(page)
    state(page, "racing")
    run_id, key = started.value.json()["id"], started.value.headers["x-owner-key"]
    held: list[tuple[Route, object]] = []
    page.route("**/pause", lambda route: held.append((route, route.fetch())))
    pause(page)
    # This process gets the events of requests only while it calls the browser.
    until(lambda: page.evaluate("true") and held, "the server has answered")
    httpx.post(
        f"{address}/api/runs/{run_id}/resume", headers={"X-Owner-Key": key}, timeout=TIMEOUT_S
    ).raise_for_status()
    state(page, "racing")

    page.evaluate(KEEP_STATES)
    (route, answer) = held[0]
    with page.expect_response("**/pause"):
        route.fulfill(response=answer)
    before = batch(page)
    until(lambda: batch(page) > before, "the race goes on")

    # Not even for a moment until the stream sends something newer.
    assert page.evaluate("window.states") == ["racing"]
