"""An experiment's page: a guess or none, a run, and the answer beside the guess. Nothing is recorded of few digits."""

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from app.experiments.registry import all_experiments
from tests.browser.accessible import violations_in_both_themes
from tests.browser.reading import state
from tests.owner import HEADER
from tests.waiting import TIMEOUT_S

RACES = ("pulls-ahead", "same-push", "train-longer")
SWEEPS = ("every-example", "one-dial", "noise")


def told(page: Page, name: str):
    return page.locator(f".experiment [data-part={name}]")


@pytest.mark.parametrize("name", [*RACES, *SWEEPS])
def test_a_guess_a_run_and_the_answer_beside_it(open_page, name):
    experiment = all_experiments()[name]
    guess = experiment.guesses[1].label
    page = open_page(f"/experiments/{name}", instruments=False)
    expect(page.get_by_role("heading", level=1)).to_have_text(experiment.title)
    expect(page.locator("blockquote")).to_contain_text(experiment.claim)
    expect(page.locator(".experiment-stage")).to_be_hidden()

    page.get_by_role("button", name=guess, exact=True).click()

    expect(told(page, "yours")).to_have_text(guess)
    expect(told(page, "right")).to_have_text("not run yet")
    page.get_by_role("button", name="Run it now").click()
    state(page, "finished")
    expect(told(page, "sentences").locator("p").first).to_have_text(re.compile(r"\d"))
    kind, what = page.url.split("/")[-2:]
    assert page.url.endswith(f"/experiments/{name}/{'runs' if name in RACES else 'sweeps'}/{what}")
    answer = page.request.get(f"/api/experiments/{name}/answer?{kind.removesuffix('s')}={what}").json()
    expect(told(page, "right")).to_have_text(answer["label"] or "does not tell")
    assert told(page, "sentences").locator("p").all_inner_texts() == answer["sentences"]
    assert violations_in_both_themes(page) == []


def test_what_takes_longer_says_how_long(open_page):
    page = open_page("/experiments/pulls-ahead?pace=2", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()

    page.get_by_role("button", name="Run it now").click()

    expect(told(page, "when")).to_have_text(re.compile(r"^about \d+.(s|min) left$"))
    expect(page.get_by_role("button", name="Run it now")).to_be_hidden()


def test_a_sweep_that_takes_longer_says_how_long_too(open_page, address):
    # Far longer than any visitor waits.
    asked = {
        "axes": {"optimizer": ["sgd"], "seed": [1, 2]},
        "config": {"batch_size": 1, "epochs": 100, "hidden": [512]},
    }
    started = httpx.post(f"{address}/api/sweeps", json=asked, timeout=TIMEOUT_S).raise_for_status()
    sweep = started.json()["id"]
    page = open_page(f"/experiments/noise/sweeps/{sweep}", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()

    expect(told(page, "when")).to_have_text(re.compile(r"^about \d+.(s|min|h) left$"))
    expect(told(page, "right")).to_have_text("0 of 2 trainings")
    expect(page.get_by_role("button", name="Run it now")).to_be_hidden()

    stop = f"{address}/api/sweeps/{sweep}/stop"
    httpx.post(stop, headers={HEADER: started.headers[HEADER]}, timeout=TIMEOUT_S).raise_for_status()
    expect(told(page, "when")).to_have_text("")


def test_a_guess_is_kept_and_can_be_made_again_or_left_out(open_page):
    page = open_page("/experiments/pulls-ahead", instruments=False)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="SGD is first").press("Enter")
    page.reload()
    expect(told(page, "yours")).to_have_text("SGD is first")

    page.get_by_role("button", name="Guess again").click()
    expect(page.get_by_role("heading", name="What do you expect?")).to_be_visible()
    page.get_by_role("button", name="Show me without a guess").click()

    expect(told(page, "yours")).to_have_text("none")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_run_of_an_experiment_has_a_link_that_opens_as_it_was(open_page, over):
    page = open_page(f"/experiments/train-longer{over}", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()

    expect(told(page, "whose")).to_have_text("This run")
    # It was trained otherwise than the experiment trains.
    expect(told(page, "sentences").locator("p")).to_have_text(re.compile("is answered only by what it runs: expected"))
    expect(told(page, "right")).to_have_text("does not tell")
    assert page.url.endswith(f"/experiments/train-longer{over}")
    # The gap, alone on the stage, shows both measures.
    for measure in ("accuracy", "loss"):
        expect(page.locator(f"[data-chart=gap-{measure}]")).to_be_visible()


@pytest.mark.parametrize("name", RACES)
def test_the_line_of_progress_is_whole_or_left_out(open_page, over, name):
    page = open_page(f"/experiments/{name}{over}", instruments=False, viewport={"width": 1440, "height": 900})
    page.get_by_role("button", name="Show me without a guess").click()
    state(page, "finished")
    shown = (
        "[...document.querySelectorAll('.detail span')].filter(s => s.checkVisibility({ visibilityProperty: true }))"
    )
    for width in (1440, 1100, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(f"{shown}.filter(s => s.scrollWidth > s.clientWidth).map(s => s.textContent)") == []
    assert page.evaluate(f"{shown}.length") == 1


def test_two_clicks_lead_from_the_front_page_into_an_experiment(open_page):
    for width in (1440, 390):
        page = open_page("/", instruments=False, viewport={"width": width, "height": 844})
        page.get_by_role("link", name="Experiments").click()
        page.get_by_role("link", name="Which one pulls ahead first?").click()
        expect(page.get_by_role("heading", name="What do you expect?")).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 2560])
def test_question_and_answer_fit_every_width(open_page, over, width):
    page = open_page(f"/experiments/same-push{over}", instruments=False, viewport={"width": width, "height": 800})
    fits = "document.documentElement.scrollWidth <= innerWidth"
    expect(page.get_by_role("heading", name="What do you expect?")).to_be_visible()
    assert page.evaluate(fits)
    page.get_by_role("button", name="Show me without a guess").click()
    expect(page.locator("[data-panel=followed] svg path[data-followed]").first).to_be_attached()
    assert page.evaluate(fits)


@pytest.mark.parametrize("name", ["same-push", "train-longer"])
def test_on_a_phone_the_stage_begins_right_below_the_answer(open_page, over, name):
    page = open_page(f"/experiments/{name}{over}", instruments=False, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Show me without a guess").click()
    state(page, "finished")
    for width in (390, 340):
        page.set_viewport_size({"width": width, "height": 844})
        play = page.locator(".experiment-stage .play")
        assert play.bounding_box()["y"] - bottom(page.locator(".experiment")) < 32


def bottom(part: Locator) -> float:
    box = part.bounding_box()
    return box["y"] + box["height"]


@pytest.mark.parametrize("path", ["/experiments", "/sweeps", "/how-it-works", "/docs/claims"])
def test_on_a_phone_the_header_names_the_site_in_full(open_page, path):
    page = open_page(path)
    for width in (320, 360, 375, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".brand").evaluate("brand => brand.scrollWidth - brand.clientWidth") <= 0, width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def test_the_gallery_is_accessible_and_an_unknown_experiment_has_a_page(open_page):
    page = open_page("/experiments")
    assert violations_in_both_themes(page) == []

    page = open_page("/experiments/nothing", tolerate=("Failed to load resource",))
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
