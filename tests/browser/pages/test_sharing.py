"""The dialog Share, and a run embedded in another site's page."""

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.browser.reading import LONG, SHORT, at_rest, drawn, loaded, play, settled, state
from tests.waiting import until

CUT_NAMES = """() => [...document.querySelectorAll('.legend .name, .standing .lane-name')]
  .filter(name => name.checkVisibility() && name.scrollWidth > name.clientWidth + 1).map(name => name.textContent)"""


def open_share(page: Page) -> Page:
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog", name="Share").wait_for()
    return page


def value(page: Page, label: str) -> str:
    return page.get_by_label(label).first.input_value()


def test_a_run_is_shared_by_its_address_its_settings_and_a_code_to_embed_it(open_page, address):
    page = open_page(SHORT)
    play(page)
    state(page, "finished")
    open_share(page)
    run = re.search(r"/runs/[^?]+", page.url)[0]

    expect(page).to_have_title("Finished · SGD, Momentum, Adam · Optimizer Playground")
    assert value(page, "This run") == address + run
    assert value(page, "These settings").startswith(f"{address}/?")
    frame = (
        f'<iframe src="{address}{run.replace("runs", "embed")}" width="100%" height="600" title="SGD, Momentum, Adam'
    )
    assert value(page, "Embed code").startswith(frame)
    loaded(page.get_by_role("img", name="QR code of the link to this run"))


def test_before_a_run_there_are_settings_to_share(open_page, address):
    page = open_share(open_page("/?epochs=3"))

    assert value(page, "These settings") == f"{address}/?epochs=3"
    expect(page.get_by_label("This run").first).to_be_hidden()
    expect(page.get_by_text("press play first")).to_be_visible()
    expect(page.get_by_role("img", name="QR code of the link to these settings")).to_be_visible()


def test_copying_is_confirmed_in_words_and_the_keyboard_leads_back(open_page, address):
    page = open_page("/?epochs=3", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy: These settings").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/?epochs=3"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Share")).to_be_hidden()
    expect(page.get_by_role("button", name="Share")).to_be_focused()


def test_the_dialog_is_accessible_and_fits(open_page, over):
    page = open_page(over)
    state(page, "finished")
    open_share(page)

    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        drawn(page)
        assert violations_in_both_themes(page) == []
        box = page.get_by_role("dialog", name="Share").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width


def embedded(open_page) -> Page:
    """A race that goes on, in a page that embeds it."""
    page = open_page(LONG)
    play(page)
    page.wait_for_url("**/runs/*")
    return open_page(re.search(r"/runs/[^?]+", page.url)[0].replace("runs", "embed"))


@pytest.fixture
def embedded_result(open_page, over) -> Page:
    page = open_page(over.replace("runs", "embed"))
    settled(page)
    expect(page.locator(".standing .accuracy")).to_contain_text(["%", "%", "%"])
    return page


def test_an_embedded_run_fills_its_frame_and_is_accessible(embedded_result):
    page = embedded_result
    expect(page.get_by_text("Optimizer Playground · ")).to_be_visible()
    for width, height in ((360, 320), (700, 400), (800, 600)):
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page)

        assert violations_in_both_themes(page) == []
        size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        assert page.evaluate(size) == [width, height]
        # What the standings are in.
        box = page.get_by_role("img", name="Test accuracy").bounding_box()
        assert box["height"] >= 120 and box["y"] + box["height"] <= height


def test_an_embedded_run_cuts_no_name_and_lays_nothing_over_it(embedded_result):
    page = embedded_result
    for width, height in ((360, 640), (480, 600), (600, 400), (700, 400), (720, 400), (960, 400)):
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page)

        assert page.evaluate(CUT_NAMES) == []
        # Where there are walls, the names are on them.
        for standing in [each for each in page.locator(".standing").all() if each.is_visible()]:
            name, accuracy = (standing.locator(part).bounding_box() for part in (".lane-name", ".accuracy"))
            assert name["x"] + name["width"] <= accuracy["x"]


def test_an_embedded_run_that_is_gone_says_so_within_a_small_frame(open_page):
    gone = "Failed to load resource: the server responded with a status of 404"
    page = open_page("/embed/nope", tolerate=(gone,), viewport={"width": 320, "height": 300})

    link = page.get_by_role("link", name="Start a new race")
    assert link.bounding_box()["y"] + link.bounding_box()["height"] <= 300
    assert link.get_attribute("target") == "_blank"


def test_an_embedded_run_is_live_and_leads_to_its_page(open_page):
    page = embedded(open_page)
    state(page, "racing")
    before = page.get_by_role("img", name="Training loss").get_attribute("aria-label")

    until(lambda: page.get_by_role("img", name="Training loss").get_attribute("aria-label") != before, "curves grow")
    link = page.get_by_role("link", name="Open in the playground")
    assert link.get_attribute("href") == page.evaluate("location.pathname").replace("embed", "runs")
    assert page.get_by_role("button", name="Pause").count() == 0


def test_an_embedded_run_follows_the_theme_in_its_address_or_the_system(embedded_result):
    page = embedded_result
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.goto(f"{page.url}?theme=light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.fixture
def article(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Another site's page: its file, and the address at which that site serves it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever).start()
        yield tmp_path / "article.html", f"http://localhost:{server.server_port}/article.html"
        server.shutdown()


def test_a_page_of_someone_else_shows_a_live_run(open_page, address, article):
    file, url = article
    path = embedded(open_page).evaluate("location.pathname")
    frame = f'<iframe src="{address}{path}" width="700" height="400"></iframe>'
    file.write_text(f"<!doctype html><title>An article</title>{frame}", encoding="utf-8")

    page = open_page(url, tolerate=("Failed to load resource: the server responded with a status of 404",))

    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_have_attribute("data-state", "racing")
    chart = frame.get_by_role("img", name="Test accuracy")
    expect(chart).to_have_attribute("aria-label", re.compile("newest values: SGD [0-9]"))


def test_everyone_sees_how_many_watch(open_page):
    page = open_page(LONG)
    play(page)
    page.wait_for_url("**/runs/*")
    path = page.evaluate("location.pathname")
    state(page, "racing")
    expect(page.locator("[data-part=detail]")).to_contain_text("· only you watching ·")

    other = open_page(path)

    for one in (page, other):
        expect(one.locator("[data-part=detail]")).to_contain_text("· 2 watching ·")
    other.close()
    expect(page.locator("[data-part=detail]")).to_contain_text("· only you watching ·")


def test_who_only_watches_may_run_the_same_settings(open_page):
    page = open_page(LONG)
    play(page)
    page.wait_for_url("**/runs/*")
    other = open_page(page.evaluate("location.pathname"))
    state(other, "racing")
    first = other.url

    other.get_by_role("button", name="Run these settings yourself").click()

    other.wait_for_url(lambda url: url != first)
    assert "batch_size" not in other.url
    state(page, "racing")
