"""The experiments of a server with the digits on board: pictures that keep the answers, recorded answers at once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.experiments.registry import all_experiments
from app.settings import Settings
from tests.browser.accessible import violations_in_both_themes
from tests.browser.fitting import misfits
from tests.browser.race.test_gap import SHADED
from tests.browser.reading import settled
from tests.browser.saved import Picture, saved_file
from tests.browser.shared_server import SharedServer
from tests.waiting import until

RACES = ("pulls-ahead", "same-push", "train-longer")
ID = {name: "recorded" if name in ("pulls-ahead", "same-push") else f"recorded-{name}" for name in all_experiments()}
# Of the lines that can be seen, the colours as they are drawn.
LINES = """card => [...card.querySelectorAll('.sketch .line')].filter(line => line.checkVisibility())
  .map(line => getComputedStyle(line).stroke)"""
# What a picture shows of its experiment, by its page.
PICTURE = {
    "every-example": [".training-picture .line"],
    "pulls-ahead": [".wall", "[data-chart=train-loss] canvas", "[data-chart=test-accuracy] canvas"],
    "one-dial": [".rate-picture .line"],
    "same-push": ["[data-panel=push] .plot .band", "[data-panel=followed] path[data-followed]"],
    "train-longer": ["[data-chart=gap-accuracy] canvas", "[data-chart=gap-loss] canvas"],
    "noise": [".training-picture .line"],
}
# How many of the sentences are seen as a whole: what does not fit goes to a column that is cut off.
WHOLE_SENTENCES = """story => {
  const room = story.getBoundingClientRect();
  return [...story.children].filter(each => {
    const { left, right, bottom } = each.getBoundingClientRect();
    return left < room.right - 1 && right <= room.right + 1 && bottom <= room.bottom + 1;
  }).length;
}"""
SCROLLS = "document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth"
# Of the lines of a sweep's picture.
CURVES = "nodes => nodes.map(node => getComputedStyle(node).stroke)"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    """With the recordings."""
    server = SharedServer(Settings.model_fields["data_dir"].default, tmp_path_factory.mktemp("experiments"))
    yield server
    server.close()


def told(page: Page, name: str):
    return page.locator(f".experiment [data-part={name}]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_gallery_draws_one_line_before_a_guess_and_all_of_them_after_it_as_the_page_does(open_page, theme):
    page = open_page("/experiments", instruments=False, color_scheme=theme)
    cards = {name: page.locator(f"[data-experiment={name}]") for name in all_experiments()}
    for card in cards.values():
        expect(card.get_by_text("Guess to see all of them.")).to_be_visible()
        assert len(card.evaluate(LINES)) == 1

    cards["one-dial"].get_by_role("link").click()
    page.get_by_role("button", name="Adam", exact=True).click()
    lines = page.locator(".rate-picture .line")
    expect(lines).to_have_count(3)
    expect(lines.first).to_have_attribute("d", re.compile("^M"))
    colours = lines.evaluate_all(CURVES)
    page.go_back()

    expect(cards["one-dial"].get_by_text("Guess to see all of them.")).to_be_hidden()
    assert cards["one-dial"].evaluate(LINES) == colours
    assert len(cards["noise"].evaluate(LINES)) == 1


def test_the_gallery_with_its_pictures_is_accessible(open_page):
    page = open_page("/experiments", instruments=False)
    page.evaluate("localStorage.setItem('optimizer-playground.guess.noise', 'skipped')")
    page.reload()
    expect(page.locator(".card[data-guessed]")).to_have_count(1)

    assert violations_in_both_themes(page) == []


@pytest.mark.parametrize("name", list(all_experiments()))
def test_a_recorded_answer_is_there_without_a_run_and_nothing_else_answers(open_page, name):
    page = open_page(f"/experiments/{name}", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()

    kind = "run" if name in RACES else "sweep"
    recorded = page.request.get(f"/api/experiments/{name}/answer?{kind}={ID[name]}").json()
    assert recorded["choice"]
    expect(told(page, "right")).to_have_text(recorded["label"])
    assert told(page, "sentences").locator("p").all_inner_texts() == recorded["sentences"]
    expect(told(page, "when")).to_have_text(re.compile(r"^Recorded on .* Another processor rounds differently: "))
    if name in RACES:
        expect(page.locator("body")).to_have_attribute("data-state", re.compile("replaying|finished"))
        # Only where the question is who is ahead does the headline say so.
        expect(page.locator(".story")).to_be_visible(visible=name == "pulls-ahead")
        return
    expect(page.locator(".sweep-plot .line").first).to_have_attribute("d", re.compile("^M"))
    # What the sweep says of itself is no other answer.
    described = page.request.get(f"/api/sweeps/{ID[name]}").json()
    expect(page.locator("[data-part=headline]")).to_have_text(re.compile(r"^\d+ \S.* × \d+ "))
    if described["verdicts"]:
        expect(page.locator(".verdict h2")).to_have_text("Other questions to the same sweep")
        said = [text.replace("\u00a0", " ") for text in page.locator(".verdict .said li").all_inner_texts()]
        assert said == described["sentences"]
    else:
        expect(page.locator(".verdict")).to_be_hidden()
        assert described["sentences"][0] not in page.locator("main").inner_text()
    # Its trainings are not on this server.
    expect(page.get_by_text("to open its run")).to_have_count(0)


@pytest.mark.parametrize("name", list(all_experiments()))
def test_the_board_of_a_lesson_shows_the_picture_of_the_experiment_and_cuts_nothing(open_page, name):
    page = open_page(f"/experiments/{name}", instruments=False, viewport={"width": 1280, "height": 720})
    page.get_by_role("button", name="Ask the class").click()
    page.wait_for_url(re.compile("/lessons/"))
    lesson = page.url.replace("/lessons/", "/api/lessons/")
    guesses = [guess["key"] for guess in page.request.get(lesson).json()["guesses"]]
    for number in range(3):
        headers = {"X-Browser": f"browser{number}"}
        assert page.request.put(f"{lesson}/vote", data={"choice": guesses[number]}, headers=headers).ok

    page.get_by_role("button", name="Reveal the recorded run").click()

    expect(page.locator(".board [data-part=verdict]")).to_have_text(re.compile(r"^[01] of 3 (was|were) right\.$"))
    expect(page.locator(".bars b")).to_have_text(["1", "1", "1", "0"][: len(guesses)])
    picture = page.frame_locator("iframe")
    for selector in PICTURE[name]:
        expect(picture.locator(selector).first).to_be_visible()
    if name == "train-longer":
        for measure in ("accuracy", "loss"):
            figure = picture.locator(f"[data-chart=gap-{measure}]")
            until(lambda figure=figure: figure.evaluate(SHADED) > 100, "the gap is shaded")
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        for frame in page.frames:
            until(lambda frame=frame: misfits(frame) == {}, f"all of {frame.url} is seen whole at {width} × {height}")
            until(lambda frame=frame: not frame.evaluate(SCROLLS), f"{frame.url} fits {width} × {height}")


def test_the_last_point_on_trained_digits_is_marked_since_it_is_over_all_of_them(open_page, tmp_path):
    page = open_page("/experiments/train-longer", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()
    expect(page.locator("[data-panel=gap] .look")).to_contain_text(
        "10,000 digits it is trained on (once finished, on all 60,000)"
    )
    expect(told(page, "sentences")).to_contain_text("99.99\u202f% over all training digits")
    settled(page)
    for measure in ("accuracy", "loss"):
        picture = Picture(saved_file(page, f"Trained on / never seen: {measure} as SVG", tmp_path))
        assert "here over all training digits" in picture.words


def test_the_reason_stands_below_the_headline_beside_the_panel(open_page):
    page = open_page("/experiments/pulls-ahead", instruments=False)
    page.get_by_role("button", name="Show me without a guess").click()
    expect(page.locator(".story .sentence").nth(1)).to_have_text(re.compile(r"test loss rose"))
    for width, height in ((1100, 800), (1280, 720), (1440, 900), (1600, 900), (2560, 1440)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".story").evaluate(WHOLE_SENTENCES) >= 2, width


@pytest.mark.parametrize("name", list(all_experiments()))
def test_the_answer_and_what_becomes_of_the_claim_are_in_the_first_view(open_page, name):
    page = open_page(f"/experiments/{name}", instruments=False, viewport={"width": 1440, "height": 900})
    page.get_by_role("button", name="Show me without a guess").click()
    verdict = told(page, "sentences").locator("p").last
    expect(verdict).to_have_text(re.compile("^The claim "))
    assert verdict.bounding_box()["y"] + 40 < 900


@pytest.mark.parametrize("width", [360, 390, 768])
def test_a_phone_sees_accuracy_and_loss_of_training_longer(open_page, width):
    page = open_page("/experiments/train-longer", instruments=False, viewport={"width": width, "height": 844})
    page.get_by_role("button", name="Show me without a guess").click()

    for measure in ("accuracy", "loss"):
        expect(page.locator(f"[data-chart=gap-{measure}]")).to_be_visible()
        assert page.locator(f"[data-chart=gap-{measure}] .plot").bounding_box()["height"] >= 120
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_table_of_the_verdict_fits_beside_the_answer(open_page, width):
    page = open_page("/experiments/one-dial", instruments=False, viewport={"width": width, "height": 900})
    page.get_by_role("button", name="Adam", exact=True).click()
    table = page.locator(".verdict-table")

    expect(table.locator("tbody tr")).to_have_count(3)
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
