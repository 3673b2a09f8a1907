"""How the page comes: in few requests, without a jump, and what is not needed at first comes later."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import SHORT, WATCH_SHIFTS, choose_action, shifted
from tests.waiting import until

REQUESTS = 6
BYTES = 120_000
JUMPS = 0.02

LOADED = """() => performance.getEntriesByType('resource')
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])"""
# What the page needs before it answers a visitor.
INTERACTIVE = "[data-part=theme][data-choice]"


def jumps(page: Page, path: str) -> float:
    """The cumulative layout shift until the lanes are there."""
    page.add_init_script(f"({WATCH_SHIFTS})()")
    page.goto(path)
    # Small embedded runs show no standings.
    page.wait_for_selector(".standings li", state="attached")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return shifted(page)[0]


def names(page: Page) -> set[str]:
    return {path for path, _ in page.evaluate(LOADED)}


@pytest.mark.parametrize("path", ["/", SHORT])
def test_the_page_answers_after_few_requests_which_its_html_names(open_page, path):
    page = open_page("/healthz")
    # As long as this does not come, neither does anything that is not needed at first.
    page.route("**/bundle/later-*.js", lambda route: None)
    page.goto(path)
    page.wait_for_selector(INTERACTIVE, state="attached")

    html = page.request.get(path)
    named = set(re.findall(r'(?:src|href)="([^"]+)"', html.text()))
    loaded = dict(page.evaluate(LOADED))
    needed = {name: size for name, size in loaded.items() if "/bundle/" in name}
    assert {Path(name).name.partition("-")[0] for name in needed} == {"early", "main", "page", "chunk"}
    assert set(needed) <= named
    document = page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize")
    # The page itself, and the socket.
    assert len(needed) + 2 <= REQUESTS
    assert sum(needed.values()) + document <= BYTES


def test_what_is_not_needed_at_first_comes_by_itself(open_page):
    page = open_page("/")

    until(lambda: any("/later-" in name for name in names(page)), "the rest of the page is loaded")
    expect(page.locator("[data-part=examples] button")).to_have_count(5)


@pytest.mark.parametrize(
    ("choose", "opened"),
    [
        (lambda page: page.get_by_role("button", name="Share").click(), "share"),
        (lambda page: choose_action(page, "Export"), "export"),
        (lambda page: choose_action(page, "Keys and gestures"), "keys"),
        (lambda page: page.get_by_role("button", name="Earlier runs").click(), "ghosts"),
    ],
    ids=["share", "export", "keys", "earlier runs"],
)
def test_what_is_opened_before_it_is_loaded_opens_when_it_is(open_page, choose, opened):
    page = open_page("/healthz")
    held = []
    page.route("**/bundle/later-*.js", lambda route: held.append(route))
    page.goto("/")
    page.wait_for_selector(INTERACTIVE, state="attached")
    choose(page)
    until(lambda: page.evaluate("1") and held, "it was asked for")
    expect(page.locator(f"[data-part={opened}]")).to_be_hidden()

    held[0].continue_()
    expect(page.locator(f"[data-part={opened}]")).to_be_visible()


@pytest.mark.parametrize("path", ["/", SHORT])
def test_a_press_of_play_before_the_script_is_there_starts_a_race(open_page, path):
    page = open_page("/healthz")
    held = []
    page.route("**/bundle/main-*.js", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("[data-part=status]")).to_have_text("Starting…")
    until(lambda: page.evaluate("1") and held, "the script was asked for")
    for route in held:
        route.continue_()

    page.wait_for_url(re.compile("/runs/"))


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_jumps_while_the_page_comes(open_page, width):
    assert jumps(open_page("/healthz", viewport={"width": width, "height": 900}), SHORT) <= JUMPS
