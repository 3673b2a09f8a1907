"""What this browser keeps for the page: beside other programs' values, damaged, or not at all."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import SHORT, another, choose_action, finished, play, state

NAMES = ("owner-keys", "runs", "theme", "passphrase")
DAMAGED = {
    "owner-keys": '{"x": {"no": "key"}, "y": 7}',
    "runs": '[null, 5, {"id": 5}, {"id": "a\\"]", "label": "x", "at": 1}]',
    "theme": "pink",
    "passphrase": "\ud800",
}

# As a browser does whose visitor blocks cookies.
FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })"


def stored(prefix: str, values: dict[str, str]) -> str:
    """A script that stores these values under names that begin with `prefix`, unless something is there."""
    return "".join(
        f"if (localStorage.getItem({(name := json.dumps(prefix + key))}) === null) "
        f"localStorage.setItem({name}, {json.dumps(value)});"
        for key, value in values.items()
    )


def before_the_page(open_page, script: str, more: str = "") -> Page:
    """The page, in a browser that has run this script first."""
    page = open_page("/healthz", tolerate=("Failed to load resource: the server responded with a status of 404",))
    page.context.add_init_script(script)
    page.goto(SHORT + more)
    return page


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("", {name: '{"version": 3}' for name in NAMES}),
        ("optimizer-playground.", DAMAGED),
    ],
    ids=["of another program", "damaged"],
)
def test_a_race_is_shown_listed_and_ones_own_whatever_is_stored(open_page, prefix, values):
    page = before_the_page(open_page, stored(prefix, values))
    finished(page)
    first = page.url
    page.get_by_role("button", name="Run again").click()
    another(page, first)
    state(page, "finished")

    page.reload()
    state(page, "finished")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    page.get_by_role("button", name="Earlier runs").click()
    expect(page.get_by_role("group", name="Earlier runs").get_by_role("checkbox")).to_have_count(1)
    kept = [page.evaluate("name => localStorage.getItem(name)", f"{prefix}{name}") for name in ("theme", "passphrase")]
    if prefix:
        assert kept == [None, None]
    else:
        assert page.evaluate("names => names.map(name => localStorage[name])", list(NAMES)) == list(values.values())


def test_without_storage_a_race_is_ones_own_as_long_as_the_page_lives(open_page):
    page = before_the_page(open_page, FORBIDDEN, "&pace=1")
    play(page)
    state(page, "racing")
    page.keyboard.press("s")
    state(page, "stopped")
    choose_action(page, "Theme")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
