"""The walls show the answers of the newest evaluation to the same digits, and show those to one digit over time."""

import re
from contextlib import suppress

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.runs.history import COLUMNS, Kind
from tests.browser.accessible import violations_in_both_themes
from tests.browser.conftest import DIVERGED
from tests.browser.reading import drawn, settled
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer

LANES = ("SGD", "Momentum", "Adam")
FIRST = COLUMNS[Kind.EVALUATIONS].index("wall_0")
STEP = COLUMNS[Kind.EVALUATIONS].index("step")
ACCURACY = COLUMNS[Kind.EVALUATIONS].index("test_accuracy")


def measured(address: str, page: Page) -> list[np.ndarray]:
    """Each lane's evaluations, of shape (columns, evaluations), as the server sends them."""
    viewer = Viewer(address.removeprefix("http://"), re.search("/runs/([^?]+)", page.url)[1])
    with connect(viewer.url, open_timeout=TIMEOUT_S) as socket, suppress(ConnectionClosed):
        while True:
            viewer.take(socket.recv(timeout=TIMEOUT_S))
    return viewer.rows[Kind.EVALUATIONS]


def labels(page: Page) -> np.ndarray:
    bootstrap = page.evaluate("JSON.parse(document.getElementById('bootstrap').textContent)")
    return np.array(bootstrap["dataset"]["wall"])


def walls(page: Page) -> list[list[str]]:
    """What stands beside each wall: how many digits are read right, and the accuracy."""
    drawn(page)
    found = page.locator(".wall")
    return [[found.nth(i).locator(f".{name}").inner_text() for name in ("right", "share")] for i in range(3)]


def expected(evaluations: list[np.ndarray], wall: np.ndarray, row: int) -> list[list[str]]:
    right = [np.count_nonzero(lane[FIRST:, row] == wall) for lane in evaluations]
    shares = [
        f"{100 * lane[ACCURACY, row]:.2f}\u202f% of all 500 test digits at batch {lane[STEP, row]:,.0f}"
        for lane in evaluations
    ]
    return [[f"{count} of these {len(wall)}", share] for count, share in zip(right, shares, strict=True)]


def in_words(answers: np.ndarray, steps: np.ndarray, label: int) -> str:
    """A lane's answers to a digit, each of which differs from the one before, since these batches: the newest first."""
    words = [f"{answer} from batch {step:,}" for answer, step in zip(answers, steps, strict=True)]
    now, *before = reversed([f"{answers[0]} from the start", *words[1:]])
    right = "✓ right" if answers[-1] == label else "✗ wrong"
    told = f"{now} {right}"
    return f"{told}; before: {', '.join(before)}" if before else told


def test_a_wall_is_of_the_evaluation_that_is_on_show(open_page, over, address):
    page = open_page(over)
    settled(page)
    evaluations, wall = measured(address, page), labels(page)
    assert list(wall) == sorted(wall) and len(wall) == 100

    assert walls(page) == expected(evaluations, wall, -1)
    pictures = page.locator(".wall canvas").evaluate_all("all => all.map(canvas => canvas.toDataURL())")
    page.get_by_role("slider", name="Moment of the run").fill("0")
    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    assert walls(page) == expected(evaluations, wall, 0)
    then = page.locator(".wall canvas").evaluate_all("all => all.map(canvas => canvas.toDataURL())")
    assert all(picture != before for picture, before in zip(then, pictures, strict=True))


def test_walls_take_the_colours_of_another_theme(open_page, over):
    picture = "canvas => canvas.toDataURL()"
    page, dark = open_page(over), open_page(over, color_scheme="dark")
    wanted = []
    for each in (page, dark):
        settled(each)
        drawn(each)
        wanted.append(each.locator(".wall canvas").first.evaluate(picture))
    assert wanted[0] != wanted[1]

    page.emulate_media(color_scheme="dark")
    until(lambda: page.locator(".wall canvas").first.evaluate(picture) == wanted[1], "the wall is dark")


def test_one_digit_shows_each_lanes_answers_over_time(open_page, over, address):
    page = open_page(over)
    settled(page)
    evaluations, wall = measured(address, page), labels(page)

    page.get_by_role(
        "img",
        name=re.compile(r"^SGD reads \d+ of these 100 digits, and .+ of all 500 test digits at batch [\d,]+\.$"),
    ).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")

    told = page.get_by_role("group", name="One digit")
    expect(told).to_contain_text(f"This is a {wall[11]}.")
    for lane, name in enumerate(LANES):
        answers = evaluations[lane][FIRST + 11].astype(int)
        steps = evaluations[lane][0].astype(int)
        changes = [row for row in range(len(answers)) if row == 0 or answers[row] != answers[row - 1]]
        expect(told.get_by_role("listitem").nth(lane)).to_have_text(
            f"{name} {in_words(answers[changes], steps[changes], wall[11])}"
        )
    # What is in the popover is spoken, while the focus stays on the wall.
    lanes = r"SGD \d from .* (right|wrong).*\. Momentum .*\. Adam .*\."
    spoken = rf"This is a {wall[11]}\. What each network takes it for: {lanes}"
    expect(page.locator("[data-part=announcer]")).to_have_text(re.compile(spoken))
    assert violations_in_both_themes(page) == []
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    box = page.locator(".wall canvas").nth(2).bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.95, box["y"] + box["height"] * 0.95)
    expect(told).to_contain_text(f"This is a {wall[99]}.")


# Whether the left edge of this digit has the colour of ink, as its frame has.
FRAMED = """(canvas, digit) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const hex = getComputedStyle(document.documentElement).getPropertyValue('--ink').match(/[0-9a-f]{2}/gi);
  const [x, y] = [(digit % 10) * 48 + 3, Math.floor(digit / 10) * 48 + 24];
  return [...copy.getImageData(x, y, 1, 1).data.slice(0, 3)].join() === hex.map(each => parseInt(each, 16)).join();
}"""


def framed(page: Page) -> list[list[int]]:
    """Which of the first twenty digits have a frame on each wall."""
    walls = page.locator(".wall canvas").all()
    return [[digit for digit in range(20) if canvas.evaluate(FRAMED, digit)] for canvas in walls]


def test_the_digit_that_is_told_of_has_a_frame_on_every_wall(open_page, over):
    page = open_page(over)
    settled(page)
    assert framed(page) == [[]] * 3

    page.locator(".wall canvas").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("group", name="One digit")).to_be_visible()
    assert framed(page) == [[10]] * 3
    page.keyboard.press("ArrowRight")
    assert framed(page) == [[11]] * 3
    page.keyboard.press("Escape")
    until(lambda: framed(page) == [[]] * 3, "no digit is told of")


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_shows_the_accuracy_on_all_digits_below_each_wall_too(open_page, over, address, width):
    page = open_page(over, viewport={"width": width, "height": 844})
    settled(page)
    evaluations, wall = measured(address, page), labels(page)

    whole = expected(evaluations, wall, -1)
    short = [[count.replace("these ", ""), share.split(" all")[0] + " all"] for count, share in whole]
    assert walls(page) == short


def test_what_stands_beside_a_wall_is_not_cut_off(open_page, raced):
    lanes = [{"optimizer": name} for name in ("momentum", "momentum", "schedulefree")]
    page = open_page(raced(epochs=3, hidden=[16], lanes=lanes))
    settled(page)
    cut = """() => [...document.querySelectorAll('.wall')].flatMap((wall) => {
      const edge = wall.getBoundingClientRect().right;
      const texts = [...wall.querySelectorAll('h2, p, b')].filter((node) => node.offsetWidth > 0);
      const range = document.createRange();
      return texts.filter((node) => (range.selectNodeContents(node), range.getBoundingClientRect().right > edge))
        .map((node) => node.textContent);
    })"""
    for width in (360, 719, 720, 899, 900, 1099, 1100, 1280, 1400, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
        assert page.evaluate(cut) == [], width


BAND = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, canvas.height / 2 - 57, canvas.width, 1);
  const one = (i) => data.slice(i, i + 4).join();
  const same = Array.from({ length: canvas.width }, (_, x) => one(x * 4)).filter((each) => each === one(0));
  return same.length / canvas.width;
}"""


def test_the_wall_of_a_lane_that_fell_out_says_so(open_page, raced):
    page = open_page(raced(**DIVERGED))
    settled(page)

    labels = [canvas.get_attribute("aria-label") for canvas in page.locator(".wall canvas").all()]
    assert re.search(r"\. It diverged at batch \d+\.$", labels[0])
    assert [label for label in labels[1:] if "It " in label] == []
    drawn(page)
    # Words in a band of one colour instead of digits.
    bands = [canvas.evaluate(BAND) for canvas in page.locator(".wall canvas").all()]
    assert bands[0] > 0.95 and max(bands[1:]) < 0.9, bands


def test_the_wall_of_a_lane_that_fell_out_says_so_from_that_moment_of_a_replay_on(open_page, raced):
    page = open_page(raced(**DIVERGED))
    settled(page)
    first = page.locator(".wall canvas").first
    expect(first).to_have_attribute("aria-label", re.compile("It diverged"))

    page.get_by_role("slider", name="Moment of the run").fill("0")

    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    expect(first).not_to_have_attribute("aria-label", re.compile("It diverged"))
    drawn(page)
    assert first.evaluate(BAND) < 0.9


def test_what_is_told_of_one_lane_alone_stands_beside_its_wall(open_page, raced):
    page = open_page(raced(epochs=1, hidden=[16], lanes=[{"optimizer": "adam"}]), instruments=False)
    settled(page)
    for width, media in ((360, "screen"), (390, "screen"), (768, "screen"), (1440, "screen"), (703, "print")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=media)
        drawn(page)
        picture, name = (page.locator(f".wall {part}").bounding_box() for part in ("canvas", "h2"))
        assert picture["x"] + picture["width"] < name["x"], width
        assert picture["y"] < name["y"] < picture["y"] + picture["height"], width
