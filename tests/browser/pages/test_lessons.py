"""A lesson in real browsers: phones that vote, and the board that shows, reveals and says how many were right."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations_in_both_themes
from tests.waiting import TIMEOUT_S

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}


@pytest.fixture
def board(open_page) -> Page:
    """The board that a teacher projects after *Ask the class* on an experiment's page."""
    page = open_page("/experiments/pulls-ahead", **PROJECTOR)
    page.get_by_role("button", name="Ask the class").click()
    expect(page.locator(".board [data-part=code] img")).to_be_visible()
    return page


@pytest.fixture
def phone(open_page, board: Page):
    """Opens one more phone."""
    return lambda: open_page(board.url, **PHONE)


def guess(page: Page, number: int):
    return page.locator(".guess").nth(number)


def votes(board: Page):
    return board.locator(".bars b")


def test_a_class_votes_and_the_board_reveals_how_many_were_right(board, phone) -> None:
    phones = [phone() for _ in range(3)]
    for each, choice in zip(phones, (0, 1, 1), strict=True):
        guess(each, choice).tap()
        expect(guess(each, choice)).to_have_attribute("aria-pressed", "true")
        expect(each.locator("[data-part=said]")).to_have_text("Your vote counts. Tap another to change it.")
    # Live, but only their number: students should not follow the others.
    expect(board.locator("[data-part=voters]")).to_have_text("3 votes")
    expect(votes(board)).to_have_text([""] * 4)

    guess(phones[0], 2).tap()
    expect(guess(phones[0], 0)).to_have_attribute("aria-pressed", "false")
    board.get_by_role("button", name="Show votes").click()
    expect(votes(board)).to_have_text(["0", "2", "1", "0"])
    expect(phones[0].locator("[data-part=came-out]")).to_be_hidden()
    expect(phones[0].locator("[data-part=watch]")).to_be_hidden()

    board.get_by_role("button", name="Run it and reveal").click()
    frame = board.frame_locator("iframe")
    expect(frame.locator(".wall").first).to_be_visible()
    right = board.locator(".board [data-part=verdict]")
    expect(right).to_contain_text("of 3")
    told = httpx.get(f"{board.url.replace('/lessons/', '/api/lessons/')}", timeout=TIMEOUT_S).json()
    words = f"{told['right']} of 3 {'was' if told['right'] == 1 else 'were'} right."
    expect(right).to_have_text(words)
    answer = [each["key"] for each in told["guesses"]].index(told["outcome"]["choice"])
    expect(board.locator(".bars li").nth(answer)).to_have_attribute("data-right", "")
    for each, choice in zip(phones, (2, 1, 1), strict=True):
        expect(each.locator("main:not([hidden]) [data-part=share]")).to_have_text(words)
        expect(each.get_by_role("link", name="See what was run")).to_have_attribute(
            "href", f"/experiments/pulls-ahead/runs/{told['result']['id']}"
        )
        own = "✓ You were right." if choice == answer else "✗ You expected something else."
        expect(each.locator("main:not([hidden]) [data-part=verdict]")).to_have_text(own)


def test_an_experiment_of_many_trainings_is_revealed_by_a_sweep(open_page) -> None:
    page = open_page("/experiments/every-example", **PROJECTOR)
    page.get_by_role("button", name="Ask the class").click()
    page.get_by_role("button", name="Run it and reveal").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator(".training-picture .line").first).to_have_attribute("d", re.compile("^M"))
    # The picture alone: neither another page's way to elsewhere, nor what stops it.
    expect(frame.locator("a, button, table")).to_have_count(0)
    expect(page.locator(".board [data-part=verdict]")).to_have_text(re.compile("No one voted|does not settle it"))
    expect(page.locator(".board [data-part=why] p").first).to_be_visible()


def test_a_race_is_shown_by_the_picture_of_its_experiment_and_only_looked_at(open_page) -> None:
    page = open_page("/experiments/same-push", **PROJECTOR)
    page.get_by_role("button", name="Ask the class").click()
    page.get_by_role("button", name="Run it and reveal").click()
    frame = page.frame_locator("iframe")
    for selector in ("[data-panel=push] .plot .band", "[data-panel=followed] path[data-followed]"):
        expect(frame.locator(selector).first).to_be_visible()
    expect(page.locator(".board [data-part=why] p").first).to_be_visible()
    for name in ("Play", "Run again", "Change settings", "Leave presenting", "Show me without a guess"):
        expect(frame.get_by_role("button", name=name)).to_have_count(0)

    starts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and starts.append(request.url))
    for key in ("r", " ", "f"):
        frame.locator("body").press(key)
    expect(frame.locator("body")).to_have_attribute("data-present", "")
    assert starts == []


def test_a_vote_is_there_again_after_a_reload(phone) -> None:
    page = phone()
    guess(page, 1).tap()
    expect(page.locator("[data-part=said]")).to_contain_text("Your vote counts")
    page.reload()
    expect(guess(page, 1)).to_have_attribute("aria-pressed", "true")


def test_a_lesson_is_accessible_and_small(board, phone) -> None:
    page = phone()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.reload()
    expect(guess(page, 0)).to_be_visible()
    files = [each for each in requests if "/api/" not in each]
    assert len(files) <= 4, files
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations_in_both_themes(page) == []
    board.get_by_role("button", name="Show votes").click()
    expect(board.get_by_role("button", name="Hide votes")).to_be_visible()
    assert violations_in_both_themes(board) == []
    assert board.evaluate("document.documentElement.scrollHeight") <= 1080


def test_an_unknown_lesson_has_a_page_that_says_so(open_page) -> None:
    page = open_page(
        "/lessons/none", tolerate=("Failed to load resource: the server responded with a status of 404",), **PHONE
    )
    expect(page.get_by_role("heading", name="There is no such lesson here")).to_be_visible()
    expect(page.get_by_role("link", name="See the experiments")).to_have_attribute("href", "/experiments")
