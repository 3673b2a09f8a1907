"""Strangers on the page: they watch another visitor's race but cannot command it; a refusal says what to do next."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.accessible import violations
from tests.browser.reading import LONG, SHORT, another, loaded, play, state
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until


def button(page: Page | Locator, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_a_visitor_with_the_link_watches_and_can_run_the_same_settings(open_page):
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

    for name in ("Stop", "Step one batch"):
        expect(button(other, name)).to_be_visible()
    state(page, "racing")


def test_the_headline_is_complete_for_every_viewer(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    expect(page.locator("[data-part=detail]")).to_contain_text("only you watching")
    other = open_page(page.url)
    state(other, "racing")

    expect(other.get_by_text("You’re watching someone else’s race.")).to_be_visible()
    for one in (page, other):
        for width in (1440, 768, 390):
            one.set_viewport_size({"width": width, "height": 844})
            assert one.locator(".now").evaluate("now => now.scrollWidth <= now.clientWidth"), width


def test_a_race_that_is_over_offers_its_replay_where_one_looks_first(open_page, over):
    page = open_page(over)
    state(page, "finished")

    button(page.locator("[data-part=progress]"), "Replay").click()

    expect(page.locator("[data-part=status]")).to_have_text("Replay")


def test_a_run_is_still_ones_own_after_a_reload(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")

    page.reload()
    state(page, "racing")
    page.keyboard.press("s")

    state(page, "stopped")


REFUSED = "Failed to load resource: the server responded with a status of"


@pytest.fixture
def serve(monkeypatch, few_idx_files: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts a server with these settings, which outlives the pages; its address."""
    with ExitStack() as running:

        def serve(**settings: str) -> str:
            for name, value in settings.items():
                monkeypatch.setenv(name, value)
            return running.enter_context(served(few_idx_files, tmp_path / "own"))[1]

        yield serve


@pytest.mark.parametrize("path", ["/", "/?epochs=1&hidden=16", "/docs"])
def test_no_page_does_what_its_own_policy_forbids(browser, address, path):
    context = browser.new_context(base_url=address)
    context.add_init_script(
        "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
    )
    page = context.new_page()
    page.goto(path)
    if path.startswith("/?"):
        play(page)
        state(page, "finished")
        page.reload()
        state(page, "finished")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("violations") == []
    # The watching itself works.
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    until(lambda: page.evaluate("violations.length") > 0, "the violation is seen")
    context.close()


def start_another(address: str) -> httpx.Response:
    return httpx.post(f"{address}/api/runs", json={"epochs": 1, "hidden": [16]}, timeout=TIMEOUT_S)


def test_a_refused_start_shows_the_time_until_the_next(serve, open_page):
    address = serve(STARTS_PER_MINUTE="1")
    page = open_page(f"{address}{SHORT}", tolerate=(REFUSED,))
    # From the same address, and so late that no busy machine takes a minute until the next.
    start_another(address).raise_for_status()
    play(page)

    notice = page.locator("[data-notice=start]")
    expect(notice).to_contain_text("Races and sweeps started from your address within a minute: 1, the most allowed.")
    expect(notice).to_contain_text(re.compile(r"Again\sin\s\d+\ss"))
    first = notice.inner_text()
    until(lambda: notice.inner_text() != first, "the seconds go down")
    # Should this have taken a minute.
    start_another(address)
    page.reload()
    expect(page.locator("[data-part=story]")).to_contain_text("within a minute: 1, the most allowed; try again in")


def test_the_wait_is_shown_before_play_and_while_queued(serve, open_page):
    address = serve(MAX_RUNNING="1")
    racing = open_page(f"{address}{LONG}")
    expect(racing.locator("[data-part=detail]")).to_contain_text("batches of 1 for each lane")
    play(racing)
    state(racing, "racing")
    until(lambda: httpx.get(f"{address}/api/capacity", timeout=TIMEOUT_S).json()["wait_s"], "there is an estimate")

    watching = open_page(racing.url)
    expect(watching.locator("[data-part=yours]")).to_contain_text("Press play: yours starts in about")
    expect(watching.locator("[data-part=detail]")).to_contain_text("watching")
    other = open_page(f"{address}{LONG}")
    expect(other.locator("[data-part=story]")).to_contain_text("All slots are in use: yours would start in about")
    fits = "line => line.scrollHeight <= line.clientHeight && line.innerText.includes('a race has about 20 min')"
    assert other.locator("[data-part=story]").evaluate(fits)
    play(other)
    state(other, "queued")
    expect(other.locator("[data-part=speed]")).to_contain_text("starts in about")
    button(racing, "Stop").click()
    state(other, "racing")
    button(other, "Stop").click()
    state(other, "stopped")
    # What was known before the race is no longer true.
    for where in ("story", "detail"):
        expect(other.locator(f"[data-part={where}]")).not_to_contain_text("All slots are in use")


def test_the_passphrase_is_requested_once(serve, open_page):
    address = serve(PASSPHRASE="grüne Wiese")
    page = open_page(f"{address}{SHORT}", tolerate=(REFUSED,))
    expect(page.locator("[data-part=story]")).to_contain_text("Starting takes the class’s passphrase.")
    for away in ("Escape", "Close"):
        play(page)
        expect(page.get_by_role("dialog", name="Passphrase")).to_be_visible()
        page.keyboard.press("Escape") if away == "Escape" else button(page, "Close").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    play(page)
    expect(page.get_by_role("dialog")).to_contain_text("Starting a race here needs a passphrase")
    assert violations(page) == []
    page.get_by_role("textbox", name="Passphrase").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("That is not the passphrase")
    page.get_by_role("textbox", name="Passphrase").fill("grüne Wiese")
    page.keyboard.press("Enter")
    state(page, "finished")

    page.reload()
    state(page, "finished")
    before = page.url
    play(page)
    another(page, before)
    state(page, "finished")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_visitor_with_the_passphrase_can_share_it(serve, open_page):
    address = serve(PASSPHRASE="grüne Wiese")
    page = open_page(f"{address}/?epochs=3")
    button(page, "Share").click()
    expect(page.get_by_label("Link for the class").first).to_be_hidden()
    page.reload()

    page.goto(f"{address}/?epochs=3#token=gr%C3%BCne%20Wiese")
    page.reload()
    button(page, "Share").click()
    expect(page.get_by_label("Link for the class").first).to_have_value(f"{address}/?epochs=3#token=gr%C3%BCne%20Wiese")
    page.get_by_role("radio", name="for the class").check()
    code = page.get_by_role("img", name="QR code of the link for the class")
    expect(code).to_have_attribute("src", re.compile("^blob:"))
    loaded(code)
    assert violations(page) == []


def test_a_viewer_above_the_limit_is_informed_and_admitted_later(serve, open_page):
    address = serve(MAX_VIEWERS="1")
    page = open_page(f"{address}{LONG}")
    play(page)
    state(page, "racing")
    other = open_page(page.url)

    notice = other.locator("[data-notice=lost]")
    expect(notice).to_contain_text("This server has no room for more viewers. Trying again in")
    expect(other.locator("[data-part=status]")).to_have_text("Waiting to watch…")
    # The answers to requests beside the stream have arrived.
    expect(other.locator("[data-part=story]")).not_to_contain_text("Press play")
    expect(other.get_by_label("Batch size", exact=True)).to_have_value("1")
    expect(button(other, "Run these settings yourself")).not_to_have_attribute("aria-disabled", "true")
    embedded = open_page(page.url.split("?")[0].replace("/runs/", "/embed/"))
    expect(embedded.locator("[data-part=why]")).to_contain_text("This server has no room for more viewers")
    attempts: list[WebSocket] = []
    other.on("websocket", lambda socket: attempts.append(socket))
    notice.get_by_role("button", name="Try now").click()
    until(lambda: other.evaluate("1") and attempts, "it has tried again, as long as there is no room")
    expect(notice).to_contain_text("Trying again in")
    embedded.context.close()
    page.context.close()

    def let_in() -> bool:
        # Tries again at once, as the button does, which may be gone already: the page also tries by itself.
        other.evaluate("dispatchEvent(new Event('online'))")
        return other.locator("body").get_attribute("data-state") == "racing"

    until(let_in, "there is room now")
    expect(notice).to_have_count(0)


def test_a_link_hands_the_passphrase_on_and_a_wrong_one_does_not_take_its_place(serve, open_page):
    address = serve(PASSPHRASE="grüne Wiese")
    page = open_page(f"{address}{SHORT}#token=gr%C3%BCne%20Wiese", tolerate=(REFUSED,))
    page.wait_for_url(lambda url: "token" not in url)
    play(page)
    state(page, "finished")
    assert "token" not in page.url
    page.goto(f"{address}{SHORT}#token=wrong")
    page.reload()
    before = page.url
    play(page)
    another(page, before)
    state(page, "finished")
    expect(page.get_by_role("dialog")).to_have_count(0)
    button(page, "Share").click()
    expect(page.get_by_label("Link for the class").first).to_have_value(re.compile("#token=gr%C3%BCne%20Wiese$"))


def test_where_no_passphrase_is_needed_share_offers_no_link_for_a_class(open_page):
    page = open_page("/?epochs=3#token=anything")
    page.reload()
    button(page, "Share").click()
    expect(page.get_by_label("These settings").first).to_be_visible()
    expect(page.get_by_label("Link for the class").first).to_be_hidden()
