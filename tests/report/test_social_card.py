"""The picture of a run for link previews, and the words of a link to it, for every recorded run."""

import gc
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from app.report.caption import description_of, settings_of, title_of
from app.report.drawing import LOOKS, looks
from app.report.social_card import HEIGHT, WIDTH, along, draw_card
from app.report.story import story
from app.runs.history import COLUMNS, Kind
from tests.runs.recorded import RECORDED, Recorded

pytestmark = pytest.mark.slow

BY_NAME = {recorded.name: recorded for recorded in RECORDED}
LOG_AXIS = Path(__file__).resolve().parents[1] / "fixtures" / "log-axis.json"
PAGE = Path(__file__).resolve().parents[2] / "static"


def card(recorded: Recorded) -> Image.Image:
    png = draw_card(recorded.run, recorded.evaluations, story(recorded.run, recorded.evaluations, recorded.pushes))
    return Image.open(BytesIO(png)).convert("RGB")


def has(picture: Image.Image, colour: str) -> bool:
    wanted = tuple(bytes.fromhex(colour.removeprefix("#")))
    return wanted in {found for _, found in picture.getcolors(maxcolors=2**24)}


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.name)
def test_every_run_has_a_card_with_the_colours_of_its_lanes(recorded):
    picture = card(recorded)

    assert picture.size == (WIDTH, HEIGHT) == (1200, 630)
    for look in looks([lane["optimizer"] for lane in recorded.run["lanes"]]):
        assert has(picture, look.colour)


def test_the_axis_of_a_card_is_that_of_the_page():
    for step, place in json.loads(LOG_AXIS.read_text(encoding="utf-8")):
        assert along(step) == pytest.approx(place), step


def test_accuracies_stand_where_their_batches_are_from_zero_on():
    """Of one lane that is at 50 % after 50 batches and at 100 % after 5,000: the line bends there."""
    recorded = BY_NAME["learned-by-heart"]
    rows = {"step": [0, 50, 5000], "test_accuracy": [0.0, 0.5, 1.0]}
    table = np.array([rows.get(name, [0.1] * 3) for name in COLUMNS[Kind.EVALUATIONS]], np.float32)
    lane = {**recorded.run["lanes"][0], "steps": 5000}
    png = draw_card({**recorded.run, "lanes": [lane]}, [table], ["It is over."])
    chart = np.array(Image.open(BytesIO(png)).convert("RGB").crop((0, 220, 660, 500)))
    ys, xs = np.nonzero((chart == tuple(bytes.fromhex(LOOKS[2].colour[1:]))).all(axis=-1))
    [left, right], [top, bottom] = [xs.min(), xs.max()], [ys.min(), ys.max()]
    middle = ys[np.abs(xs - (left + (right - left) * along(50) / along(5000))) <= 3]

    assert middle.mean() == pytest.approx((top + bottom) / 2, abs=8)


def test_a_card_leaves_its_margins_free():
    for name in ("six-lanes", "diverged-finished", "queued-twelfth"):
        picture = card(BY_NAME[name])
        for edge in [(0, 0, 40, HEIGHT), (WIDTH - 40, 0, WIDTH, HEIGHT), (0, HEIGHT - 20, WIDTH, HEIGHT)]:
            assert len(picture.crop(edge).getcolors()) == 1, name


@pytest.fixture
def seldom_collected() -> Iterator[None]:
    """As in a server: what is left behind stays for long."""
    gc.collect()
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 1_000)
    yield
    gc.set_threshold(*before)


def test_a_card_leaves_no_figure_behind(seldom_collected):
    def figures() -> int:
        return sum(isinstance(each, Figure) for each in gc.get_objects())

    before = figures()
    card(BY_NAME["six-lanes"])

    assert figures() == before


def test_lanes_look_as_they_do_on_the_page():
    colours = re.findall(r"colour: '(\w+)'", (PAGE / "js" / "model" / "lanes.js").read_text(encoding="utf-8"))
    light = (PAGE / "css" / "ui" / "base.css").read_text(encoding="utf-8").partition("[data-theme")[0]
    colours = [re.search(rf"--{name}: (#\w+);", light)[1] for name in colours]

    assert [look.colour for look in LOOKS] == colours
    six = looks([lane["optimizer"] for lane in BY_NAME["six-lanes"].run["lanes"]])
    assert len(set(six)) == 6
    assert [LOOKS.index(look) for look in six] == [0, 3, 4, 5, 2, 1]


def test_settings_are_written_in_words():
    assert settings_of(BY_NAME["default-finished"].run) == (
        "learning rate 0.01 · batch size 64 · 5 epochs · 128 hidden units · seed 42"
    )
    assert "to 97.5\u202f%" in settings_of(BY_NAME["target-missed"].run)


def test_a_run_that_is_over_is_called_by_its_outcome():
    over, racing = BY_NAME["overtaken"], BY_NAME["default-early"]

    assert title_of(over.run, story(over.run, over.evaluations, over.pushes), "MNIST").startswith(
        "Momentum wins with 96.80"
    )
    assert title_of(racing.run, ["Adam leads."], "MNIST") == "SGD, Momentum and Adam race on MNIST"
    assert description_of(racing.run, ["Adam leads."]).endswith("seed 42. Adam leads.")
    assert description_of(over.run, ["Momentum wins.", "It led."]).endswith("seed 42. It led.")
