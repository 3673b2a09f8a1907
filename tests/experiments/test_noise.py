"""What *How much noise is good?* answers follows from the numbers, whether they agree with the claim or not."""

import pytest

from app.experiments import noise
from app.experiments.base import Answer, SweepResult
from app.training.evaluation import evaluation_steps
from tests.experiments.test_sweep_answers import cell


def noisy(**accuracies: list[float]) -> Answer:
    cells = [
        cell(
            values[-1], *((i, i, i, value) for i, value in enumerate(values)), batch_size=int(size.removeprefix("of_"))
        )
        for size, values in accuracies.items()
    ]
    return noise.answer(SweepResult(True, cells))


RISING = [0.1 + 0.03 * i for i in range(13)]
ZIGZAG = [0.94, 0.92] * 6
SMOOTH = [0.84] * 12


def test_the_best_batch_size_and_the_noise_follow_from_the_figures() -> None:
    choice, sentences = noisy(of_1=[*RISING, *ZIGZAG, 0.95], of_512=[*RISING, *SMOOTH, 0.84])
    assert choice == "1"
    assert sentences == [
        "After the same passes over the data: 95.00\u202f% with batches of 1 (25 updates) and 84.00\u202f% with "
        "batches of 512 (25 updates).",
        "The smallest batches are the noisiest: from one evaluation to the next the test accuracy falls back by 1.0 "
        "point with 1 on average, and not at all with 512.",
        "The claim holds partly here: the curve of batches of 1 is more ragged than that of 512; "
        "batches of 1 led to 95.00\u202f%; which way a gradient points is not measured here, but in the table of "
        "claims; batches of 1 were the first at 90\u202f%, after 13.0\u202fs, and 512 did not get there.",
    ]


def test_large_batches_can_win_and_be_the_noisiest() -> None:
    choice, sentences = noisy(of_1=[*RISING, *SMOOTH, 0.84], of_512=[*RISING, *ZIGZAG, 0.95])
    assert choice == "512"
    assert sentences[1].startswith("Batches of 512 are the noisiest")
    assert sentences[-1].startswith(
        "The claim does not hold here, as far as it is decided: the curve of batches of 512 is more ragged than that "
        "of 1; batches of 1 led to 84.00"
    )
    level = noisy(of_1=[0.9, 0.9, 0.9], of_8=[0.9, 0.9, 0.9])
    assert level.choice is None
    assert "Batches of 1 and 8 are level: less than 0.05 points apart." in level.sentences


def test_a_fall_too_small_for_its_digits_is_told_as_less() -> None:
    hardly = [0.84, 0.83996, *[0.84] * 10]
    sentences = noisy(of_1=[*RISING, *ZIGZAG, 0.95], of_512=[*RISING, *hardly, 0.84]).sentences
    assert sentences[1].endswith("falls back by 1.0 point with 1 and less than 0.01 points with 512 on average.")


def test_few_evaluations_or_equal_noise_after_rounding_name_no_noisiest() -> None:
    few = noisy(of_1=[0.8, 0.9, 0.94, 0.92, 0.95, 0.93, 0.95], of_512=[0.5, 0.7, 0.8, 0.81, 0.82, 0.83, 0.84])
    assert few.sentences[1] == "There are too few evaluations to tell whose curve is the most ragged."
    assert "the noise of small batches was not measured often enough" in few.sentences[-1]
    near = [value if value > 0.93 else value + 0.0002 for value in ZIGZAG]
    told = noisy(of_1=[*RISING, *ZIGZAG, 0.95], of_8=[*RISING, *near, 0.95]).sentences
    assert told[1].startswith("From one evaluation to the next")
    assert told[1].endswith("on average: too little apart.")
    assert "the curves of batches of 1 and 8 are about as ragged" in told[-1]
    assert "noisiest" not in " ".join(told)


@pytest.mark.parametrize("size", noise.SIZES)
def test_at_its_default_size_each_training_is_evaluated_often_enough_to_measure_its_noise(size: int) -> None:
    config = noise.EXPERIMENT.runs.config
    steps = sorted(evaluation_steps(60_000 // size, config["epochs"]))
    rows = [(step, step / (60_000 // size), 1.0, 0.9) for step in steps]
    told = noise.answer(SweepResult(True, [cell(0.9, *rows, batch_size=each) for each in (size, 2 * size)])).sentences
    assert "None of the curves falls back from one evaluation to the next." in told
