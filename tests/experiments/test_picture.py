"""The small picture of an experiment: one line before a guess, all of them after it, as they look on the page."""

import re

import pytest

from app.experiments import every_example, noise, one_dial, pulls_ahead
from app.experiments.base import SweepResult
from app.experiments.picture import HEIGHT, WIDTH, Picture
from tests.experiments.test_answers import race
from tests.experiments.test_sweep_answers import cell

WAY = ((10, 0.1, 1.0, 0.5), (20, 0.2, 2.0, 0.9))


def by_size(optimizer: str, *sizes: int) -> SweepResult:
    return SweepResult(True, [cell(0.9, *WAY, optimizer=optimizer, batch_size=size) for size in sizes])


def by_rate() -> SweepResult:
    reads = [("sgd", 0.1, 0.2), ("sgd", 1.0, 0.4), ("momentum", 0.1, 0.9), ("momentum", 1.0, None)]
    return SweepResult(True, [cell(accuracy, optimizer=name, learning_rate=at) for name, at, accuracy in reads])


@pytest.mark.parametrize(
    ("picture", "given", "colours"),
    [
        (pulls_ahead.picture(race()), "SGD", ["orange", "green", "blue"]),
        (one_dial.picture(by_rate()), "SGD", ["orange", "green"]),
        (
            every_example.picture(by_size("adam", 64, 1_024, 60_000)),
            "all 60,000 at once",
            ["blue", "pink", "brown"],
        ),
        (noise.picture(by_size("sgd", 1, 8, 64, 512)), "batches of 64", ["orange", "pink", "brown", "grey"]),
    ],
)
def test_before_a_guess_one_line_is_drawn_and_all_are_in_the_colours_of_the_page(
    picture: Picture, given: str, colours: list[str]
) -> None:
    told = picture.describe()

    assert [line["name"] for line in told["legend"] if line["given"]] == [given]
    assert [line["colour"] for line in told["legend"]] == colours
    assert re.findall(r'data-colour="(\w+)"', told["whole"]) == colours
    assert len(re.findall("data-colour", told["given"])) == 1


def test_what_is_given_is_as_large_as_its_frame_whatever_the_others_are() -> None:
    picture = one_dial.picture(by_rate())
    [places] = re.findall(r'class="line" d="M([\d. L]+)"', picture.describe()["given"])
    given = [tuple(map(float, place.split())) for place in places.split("L")]
    whole = re.search(r'class="line" d="M([\d. L]+)"', picture.describe()["whole"])[1]

    assert given == [(9, HEIGHT - 9), (WIDTH - 9, 9)]
    # Beside Momentum it ends halfway.
    assert float(whole.split("L")[1].split()[1]) > HEIGHT / 2


def test_of_several_seeds_the_mean_is_drawn() -> None:
    reads = [(1, 0.1, 0.2), (1, 1.0, 0.9), (2, 0.1, 0.4), (2, 1.0, None)]
    cells = [cell(each, optimizer="sgd", learning_rate=rate, seed=seed) for seed, rate, each in reads]

    [line] = one_dial.picture(SweepResult(True, cells)).lines

    assert line.points == [(-1, pytest.approx(0.3)), (0, pytest.approx(0.45))]
