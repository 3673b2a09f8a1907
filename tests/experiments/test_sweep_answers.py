"""What the experiments that are sweeps answer follows from the numbers, whether they agree with the claim or not."""

from typing import Any

from app.claims.plan import Plan
from app.experiments import one_dial
from app.experiments.base import Answer, CellResult, Measured, SweepResult
from app.experiments.rate_range import ranges_of
from app.report.sweeps.result import Spread


def cell(accuracy: float | None, *evaluations: tuple[int, float, float, float], **at: Any) -> CellResult:
    return CellResult(at, accuracy, [Measured(*each, 0.1) for each in evaluations])


RATES = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
# A tenth of the way from 90 % down to guessing lies a tenth of the way to the next rate.
GOOD, BAD = 0.9, 0.1
NARROW, WIDE, CUT = "--++--", "-++++-", "----++"
# By how much its accuracies at the ends of a range differ with each seed.
SEEDS = (0.0, 0.02, 0.04)


Needed = dict[str, Spread | None]


def dial(
    batches: Needed | None = None, seconds: Needed | None = None, finished: bool = True, **accuracies: str
) -> Answer:
    """Of optimizers that get to the mark (+) or not (-) at each of RATES, with three seeds that differ a little."""
    cells = [
        cell(GOOD + more if reads == "+" else BAD, optimizer=name, learning_rate=rate, seed=seed)
        for seed, more in enumerate(SEEDS)
        for name, marks in accuracies.items()
        for rate, reads in zip(RATES, marks, strict=True)
    ]
    return one_dial.answer(SweepResult(finished, cells, batches or {}, seconds or {}))


def needing(resolution: float = 0.0, **needed: tuple[float, float] | None) -> Needed:
    return {name: Spread(*each, 3, resolution) if each else None for name, each in needed.items()}


def test_an_optimizer_that_is_wider_than_each_other_one_is_right() -> None:
    for name, other in (("adam", "sgd"), ("sgd", "adam")):
        choice, sentences = dial(**{name: WIDE, other: NARROW})
        assert choice == name
        assert "cannot be told" not in " ".join(sentences)
    choice, sentences = dial(adam=WIDE, momentum=NARROW, sgd="---++-")
    assert choice == "adam"
    # Between two rates, the ends are where the line between their accuracies passes the mark.
    assert sentences[0] == (
        "90\u202f% or more of the unseen digits: Adam from 0.00095 to 1.1, 3.0 decades with every seed; "
        "Momentum from 0.0095 to 0.11, 1.0 decade with every seed; SGD from 0.095 to 1.1, 1.0 decade with every seed."
    )
    assert "Rates from 0.095 to 0.11 serve all of them." in sentences


def test_a_range_that_is_cut_off_and_wider_all_the_same_is_decided() -> None:
    choice, sentences = dial(adam="++++--", sgd=NARROW)
    assert choice == "adam"
    assert "Adam from 0.0001 to 0.11, at least 3.0 decades with every seed" in sentences[0]
    # Beside it, one that is cut off may be wider.
    choice, sentences = dial(adam="-++++-", sgd=CUT)
    assert choice is None
    assert "Whose range is the widest cannot be told: the sweep ends before the range of SGD does." in sentences
    assert sentences[-1].endswith(
        f"whether Adam’s range of rates is wider than that of SGD is not decided; {DEFAULT_CHOICE}"
    )


def test_ranges_that_differ_by_no_more_than_their_spread_are_all_about_as_wide() -> None:
    choice, sentences = dial(adam="-++---", momentum=NARROW, sgd="---++-")
    assert choice == "alike"
    assert any(
        told.startswith("All are about as wide: the ranges of Adam, Momentum and SGD differ by too little")
        for told in sentences
    )
    # Two of three alike is neither.
    choice, sentences = dial(adam=WIDE, momentum=WIDE, sgd=NARROW)
    assert choice is None
    assert "cannot be told: the ranges of Adam and Momentum differ by too little" in " ".join(sentences)


def test_ranges_whose_width_chance_decides_are_called_level() -> None:
    """One seed alone reads enough at one more rate."""
    cells = [
        cell(GOOD if reads else BAD, optimizer=name, learning_rate=rate, seed=seed)
        for seed in range(3)
        for name, good in (("adam", (2, 3) if seed else (1, 2, 3)), ("sgd", (2, 3)))
        for rate, reads in ((rate, i in good) for i, rate in enumerate(RATES))
    ]
    choice, sentences = one_dial.answer(SweepResult(True, cells))
    assert choice == "alike"
    assert (
        "Adam from 0.0046 to 0.1, 1.3 ± 0.6 decades; SGD from 0.01 to 0.1, 1.0 decade with every seed." in sentences[0]
    )


def test_a_shift_is_mentioned_only_for_ranges_that_end_inside_the_sweep() -> None:
    shifted = "The ranges are shifted more than they differ in width: their middles are "
    sentences = dial(adam="-++---", sgd="---++-").sentences
    assert f"{shifted}0.0032 with Adam and 0.32 with SGD." in sentences
    assert "No single rate serves all of them: the ranges are shifted, not only of different width." in sentences
    for cut in ("++----", CUT):
        assert shifted not in " ".join(dial(adam=cut, sgd="---++-").sentences)
    # Those that end inside are compared, whatever becomes of a third.
    assert shifted + "0.0032 with Adam and 0.32 with SGD." in dial(adam="-++---", sgd="---++-", momentum=CUT).sentences


def test_a_range_too_narrow_for_its_digits_has_no_width_of_zero() -> None:
    def told(*reads: tuple[float, float]) -> str:
        (only,) = ranges_of([cell(share, optimizer="adam", learning_rate=rate, seed=0) for rate, share in reads], 0.89)
        return str(only)

    assert told((0.1, GOOD)) == "Adam at 0.1 alone"
    assert told((0.08, 0.85), (0.1, GOOD), (0.12, 0.85)) == "Adam from 0.096 to 0.1, less than 0.1 decades"


def test_an_optimizer_that_does_not_get_there_with_every_seed_has_no_range() -> None:
    assert dial(sgd="------", adam="------").choice is None
    sentences = dial(sgd="------", adam=NARROW).sentences
    assert "SGD did not get there with every seed at any rate." in sentences


DEFAULT_CHOICE = "whether Adam is the default choice for most problems is not measured here."


def claimed(adam: str, sgd: str, batches: Needed, seconds: Needed | None = None) -> list[str]:
    """What each needed, by batches and by seconds, and the verdict. Seconds as batches, unless others are given."""
    return dial(batches, batches if seconds is None else seconds, adam=adam, sgd=sgd).sentences[-3:]


def test_who_converges_faster_is_read_from_the_trainings_on_fresh_seeds() -> None:
    sooner, later = needing(sgd=(487.4, 16.5), adam=(468, 0)), needing(sgd=(300, 10), adam=(468, 10))
    assert claimed(WIDE, NARROW, sooner, needing(sgd=(0.2, 0.01), adam=(0.1, 0.002))) == [
        "To 95\u202f%, each at its best rate and with fresh seeds, by batches: Adam needed 468 with every seed and "
        "SGD needed 487 ± 17.",
        "By seconds of training: Adam needed 0.100\u202fs ± 0.002 and SGD needed 0.200\u202fs ± 0.010.",
        "The claim holds partly here: Adam needed the fewest batches; Adam needed the least time; Adam’s range of "
        f"learning rates is the widest; {DEFAULT_CHOICE}",
    ]
    assert claimed(NARROW, WIDE, later)[-1] == (
        "The claim does not hold here, as far as it is decided: Adam did not need the fewest batches; Adam did not "
        f"need the least time; SGD has a wider range of rates; {DEFAULT_CHOICE}"
    )
    assert claimed(NARROW, WIDE, sooner)[-1].startswith("The claim holds partly here: Adam needed the fewest batches;")
    assert claimed(NARROW, WIDE, sooner)[-1].endswith(f"SGD has a wider range of rates; {DEFAULT_CHOICE}")
    late = claimed(WIDE, NARROW, needing(sgd=None, adam=(468, 0)))
    assert late[0].endswith("by batches: Adam needed 468 with every seed, while SGD did not get there with every seed.")
    assert late[-1].startswith("The claim holds partly here: Adam needed the fewest")
    never = claimed(NARROW, WIDE, needing(sgd=(468, 0), adam=None))[-1]
    assert never.startswith("The claim does not hold here, as far as it is decided: Adam did not")


def test_equal_batches_are_not_called_a_tie() -> None:
    for batches in (needing(sgd=(468, 0), adam=(468, 0)), needing(sgd=(500, 40), adam=(468, 10))):
        needed, _, told = claimed(NARROW, NARROW, batches)
        assert needed.endswith(" Adam and SGD cannot be told apart.")
        assert told == (
            "The claim is not decided here: whether Adam needs the fewest batches is not decided; whether Adam needs "
            f"the least time is not decided; whether Adam’s range of rates is wider than that of SGD is not decided; "
            f"{DEFAULT_CHOICE}"
        )


def test_fewer_batches_are_not_fewer_seconds() -> None:
    batches, seconds = needing(sgd=(700, 9), adam=(468, 9)), needing(sgd=(0.077, 0.002), adam=(0.106, 0.001))
    _, needed, told = claimed(WIDE, NARROW, batches, seconds)
    assert needed == "By seconds of training: SGD needed 0.077\u202fs ± 0.002 and Adam needed 0.106\u202fs ± 0.001."
    assert told.startswith("The claim holds partly here: Adam needed the fewest batches; Adam did not need the least")


def test_a_difference_of_less_than_lies_between_two_evaluations_decides_nothing() -> None:
    for near in (needing(29, sgd=(487, 17), adam=(468, 0)), needing(29, sgd=(468, 0), adam=(487, 17))):
        needed, _, told = claimed(WIDE, NARROW, near)
        assert needed.endswith(". Adam and SGD cannot be told apart, since evaluations lie further apart than that.")
        assert told.startswith("The claim holds partly here: whether Adam needs the fewest batches is")
    apart = claimed(WIDE, NARROW, needing(29, sgd=(500, 1), adam=(468, 0)))[-1]
    assert apart.startswith("The claim holds partly here: Adam needed the fewest")


def test_who_has_not_been_trained_on_fresh_seeds_yet_is_neither_faster_nor_slower() -> None:
    for measured in ({}, needing(sgd=(487, 17))):
        told = claimed(WIDE, NARROW, measured)[-1]
        assert told == (
            "The claim holds partly here: how soon each gets to 95\u202f% at its best rate has not been measured; "
            f"Adam’s range of learning rates is the widest; {DEFAULT_CHOICE}"
        )
    without_adam = needing(sgd=(487, 17), momentum=(300, 9))
    told = dial(without_adam, without_adam, adam=WIDE, sgd=NARROW, momentum=NARROW).sentences[-1]
    assert "partly here: how soon Adam gets to 95" in told
    without_momentum = needing(sgd=(487, 17), adam=(300, 9))
    sentences = dial(without_momentum, without_momentum, adam=WIDE, sgd=NARROW, momentum=NARROW).sentences
    assert "partly here: whether Adam needs the fewest batches is not decided;" in sentences[-1]
    assert sentences[-3].endswith("Adam needed 300 ± 9 and SGD needed 487 ± 17; Momentum has not been measured.")


def test_a_sweep_that_goes_on_answers_nothing_yet() -> None:
    choice, sentences = dial(finished=False, adam=WIDE, sgd=NARROW)
    assert choice is None
    assert "claim" not in " ".join(sentences)


def test_the_question_says_what_is_swept() -> None:
    axes = one_dial.EXPERIMENT.runs.axes
    rates, seeds = axes["learning_rate"], axes["seed"]
    assert one_dial.EXPERIMENT.question.startswith(
        f"{len(rates)} learning rates, from 0.00001 to {rates[-1]:g}, each with {len(seeds)} seeds. "
    )
    assert rates == list(Plan().rates)
