"""What the experiments that are sweeps answer follows from the numbers, whether they agree with the claim or not."""

from typing import Any

import pytest

from app.experiments import every_example, noise, one_dial
from app.experiments.base import Answer, CellResult, Measured, SweepResult


def cell(accuracy: float | None, *evaluations: tuple[int, float, float, float], **at: Any) -> CellResult:
    return CellResult(at, accuracy, [Measured(*each, 0.1) for each in evaluations])


def dial(**accuracies: dict[float, float | None]) -> Answer:
    cells = [
        cell(accuracy, optimizer=name, learning_rate=rate)
        for name, rates in accuracies.items()
        for rate, accuracy in rates.items()
    ]
    return one_dial.answer(SweepResult(True, cells))


def test_the_widest_range_of_rates_wins_and_a_shift_is_told() -> None:
    choice, sentences = dial(
        sgd={0.001: 0.5, 0.01: 0.8, 0.1: 0.92, 1.0: 0.95},
        adam={0.001: 0.96, 0.01: 0.95, 0.1: 0.5, 1.0: None},
    )
    # One decade each: neither is wider.
    assert choice == "alike"
    assert sentences == [
        "90\u202f% or more of the unseen digits: SGD from 0.1 to 1, at least 1.0 decade; "
        "Adam from 0.001 to 0.01, at least 1.0 decade.",
        "No single rate serves all of them: the ranges are shifted, not only of different width.",
        "The ranges are shifted more than they differ in width: their middles are 0.32 with SGD and 0.0032 with Adam.",
        "Whose range is the widest cannot be told: SGD is no more than one step of the sweep ahead of Adam and the "
        "sweep ends before the range of Adam does.",
    ]


@pytest.mark.parametrize(
    ("sgd", "choice", "doubt"),
    [
        # As wide as all of the grid, and Adam's does not touch its ends.
        ((0.95, 0.95, 0.95, 0.95, 0.95, 0.95), "sgd", None),
        # Three steps wide, beside Adam's two.
        ((0.5, 0.95, 0.95, 0.95, 0.95, 0.5), "alike", "SGD is no more than one step of the sweep ahead of Adam"),
        # Two steps less, but cut off.
        ((0.5, 0.5, 0.5, 0.5, 0.5, 0.95), "alike", "the sweep ends before the range of SGD does"),
    ],
)
def test_ranges_that_are_cut_off_or_a_step_apart_are_not_decided(sgd, choice, doubt) -> None:
    rates = (0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0)
    adam = (0.5, 0.95, 0.95, 0.95, 0.5, 0.5)
    answered = dial(sgd=dict(zip(rates, sgd, strict=True)), adam=dict(zip(rates, adam, strict=True)))
    assert answered.choice == choice
    assert (doubt is None) == ("cannot be told" not in " ".join(answered.sentences))
    assert doubt is None or doubt in " ".join(answered.sentences)


def dial_needing(**batches: int | None) -> str:
    """What becomes of the claim where all ranges are as wide, and each passed 90 % after so many batches."""
    cells = [
        cell(0.95 if step else 0.5, (step or 9, 1, 1, 0.9 if step else 0.5), optimizer=name, learning_rate=rate)
        for name, step in batches.items()
        for rate in (0.01, 0.1)
    ]
    return one_dial.answer(SweepResult(True, cells)).sentences[-1]


def test_who_needs_the_fewest_batches_decides_who_converges_faster() -> None:
    assert dial_needing(sgd=300, adam=94) == (
        "The claim holds partly here: 90\u202f% was passed, each at the rate quickest to it, with Adam by batch 94 and "
        "SGD by batch 300; whether it is less sensitive to the learning rate is not decided."
    )
    assert dial_needing(sgd=50, adam=94).startswith("The claim does not hold here, as far as it is decided: 90")
    assert dial_needing(sgd=94, adam=94).startswith("The claim is not decided here: 90")
    assert dial_needing(sgd=94, adam=None).startswith("The claim does not hold here: 90")


def test_a_sweep_that_contradicts_the_claim_says_so() -> None:
    choice, sentences = dial(
        sgd={0.001: 0.91, 0.01: 0.95, 0.1: 0.92, 1.0: 0.5},
        adam={0.001: 0.5, 0.01: 0.95, 0.1: 0.5, 1.0: 0.1},
    )
    assert choice == "sgd"
    assert "One rate of the sweep serves all of them, 0.01." in sentences
    assert dial(sgd={0.1: 0.5}, adam={0.1: 0.2}).choice is None


def sized(finished: bool = True, **hits: tuple[float, float]) -> Answer:
    """Of batch sizes whose trainings passed 90 % after so many passes and seconds."""
    cells = [
        cell(0.95, (1, 0.001, 0.001, 0.1), (9, passes, seconds, 0.91), batch_size=int(size.removeprefix("of_")))
        for size, (passes, seconds) in hits.items()
    ]
    return every_example.answer(SweepResult(finished, cells))


def test_passes_and_seconds_are_answered_apart() -> None:
    choice, sentences = sized(of_64=(0.1, 0.9), of_1024=(0.8, 0.5), of_60000=(40, 30))
    assert choice == "depends"
    assert sentences == [
        "To 90\u202f% by passes over the data: 64 at a time needed 0.10, 1,024 at a time needed 0.80 and all 60,000 at "
        "once needed 40.00.",
        "To 90\u202f% by seconds of training: 64 at a time needed 0.90\u202fs, 1,024 at a time needed 0.50\u202fs and "
        "all 60,000 at once needed 30.0\u202fs.",
        "After all passes it reads 95.00\u202f% with 64 at a time, 95.00\u202f% with 1,024 at a time and 95.00\u202f% "
        "with all 60,000 at once.",
        "The claim holds partly here: to 90\u202f%, 1,024 at a time took 0.50\u202fs; all 60,000 at once took "
        "30.0\u202fs, not minutes.",
    ]
    sentences = sized(of_64=(0.1, 9), of_60000=(40, 130)).sentences
    assert sentences[-1] == (
        "The claim holds here: to 90\u202f%, 64 at a time took 9.0\u202fs; all 60,000 at once took 2 min 10\u202fs."
    )
    assert sized(of_64=(0.1, 9), of_60000=(4, 3)).sentences[-1].startswith("The claim does not hold here: to 90")


def test_a_sweep_in_which_large_batches_learn_fastest_says_so() -> None:
    assert sized(of_64=(0.1, 0.1), of_1024=(0.8, 0.5)).choice == "64"
    assert sized(of_64=(9, 9), of_60000=(4, 3)).choice == "full"
    # Where there are fewer digits, a batch of all of them is smaller.
    assert sized(of_64=(9, 9), of_2000=(4, 3)).choice == "full"
    assert sized(finished=False, of_64=(0.1, 0.1), of_1024=(0.8, 0.5)).choice is None
    assert sized(of_64=(0.1, 0.1)).choice is None


def test_how_far_decides_too() -> None:
    cells = [
        cell(0.98, (1, 0.1, 0.1, 0.91), (2, 5, 5, 0.98), batch_size=64),
        cell(0.98, (1, 0.2, 0.2, 0.91), (2, 3, 3, 0.98), batch_size=1024),
    ]
    assert every_example.answer(SweepResult(True, cells)).choice == "depends"


def to_97(**needed: tuple[float, float]) -> Answer:
    """Of batches of 64, which needed one pass and second to 90 %, 1,024, which needed two, and all, which never did."""
    cells = [
        cell(0.98, (1, 1, 1, 0.91), (2, *needed["of_64"], 0.98), batch_size=64),
        cell(0.98, (1, 2, 2, 0.91), (2, *needed["of_1024"], 0.98), batch_size=1024),
        cell(0.85, (20, 20, 5, 0.85), batch_size=60000),
    ]
    return every_example.answer(SweepResult(True, cells))


def test_orders_that_differ_by_no_more_than_a_tenth_do_not_make_it_depend() -> None:
    choice, sentences = to_97(of_64=(2.5, 9.1), of_1024=(3.4, 8.5))
    assert choice == "64"
    assert any(
        told.endswith("So 64 at a time and 1,024 at a time are level, less than 10\u202f% apart.") for told in sentences
    )
    assert to_97(of_64=(2.5, 9.6), of_1024=(3.4, 8.5)).choice == "depends"


def test_a_full_batch_that_never_gets_there_is_named() -> None:
    sentences = to_97(of_64=(2.5, 9.1), of_1024=(3.4, 8.5)).sentences
    assert "All 60,000 at once did not get to 90\u202f%." in sentences
    assert "All 60,000 at once did not get to 97\u202f%." in sentences
    assert sentences[-1].endswith("all 60,000 at once did not get there in 5.0\u202fs, not minutes.")


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


def test_the_best_batch_size_and_the_noise_are_told_by_their_figures() -> None:
    choice, sentences = noisy(of_1=[*RISING, *ZIGZAG, 0.95], of_512=[*RISING, *SMOOTH, 0.84])
    assert choice == "1"
    assert sentences == [
        "After the same passes over the data: 95.00\u202f% with batches of 1 (25 updates) and 84.00\u202f% with "
        "batches of 512 (25 updates).",
        "The smallest batches are the noisiest: from one evaluation to the next the test accuracy falls back by 1.0 "
        "point with 1 and 0.00 points with 512 on average.",
        "The claim holds partly here: batches of 1 led to 95.00\u202f%; batches of 1 were the first at 90\u202f%, "
        "after 13.0\u202fs, and 512 did not get there; the noise of a single gradient is not measured here.",
    ]


def test_large_batches_can_win_and_be_the_noisiest() -> None:
    choice, sentences = noisy(of_1=[*RISING, *SMOOTH, 0.84], of_512=[*RISING, *ZIGZAG, 0.95])
    assert choice == "512"
    assert sentences[1].startswith("Batches of 512 are the noisiest")
    assert sentences[-1].startswith("The claim does not hold here, as far as it is decided: batches of 1 led to 84.00")
    assert noisy(of_1=[0.9, 0.9, 0.9], of_8=[0.9, 0.9, 0.9]).choice is None


def test_nobody_is_the_noisiest_of_few_evaluations_or_within_rounding() -> None:
    few = noisy(of_1=[0.8, 0.9, 0.94, 0.92, 0.95, 0.93, 0.95], of_512=[0.5, 0.7, 0.8, 0.81, 0.82, 0.83, 0.84])
    assert few.sentences[1] == "There are too few evaluations to tell whose curve is the most ragged."
    near = [value if value > 0.93 else value + 0.0002 for value in ZIGZAG]
    told = noisy(of_1=[*RISING, *ZIGZAG, 0.95], of_8=[*RISING, *near, 0.95]).sentences
    assert told[1].endswith("on average: too little apart.")
    assert "noisiest" not in " ".join(told)
