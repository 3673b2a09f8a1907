"""What the experiments that are sweeps answer follows from the numbers, whether they agree with the claim or not."""

from typing import Any

from app.claims.plan import Plan
from app.experiments import every_example, one_dial
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
        "To 90\u202f% by seconds of training: 64 at a time needed 0.900\u202fs, 1,024 at a time needed 0.500\u202fs "
        "and all 60,000 at once needed 30.0\u202fs.",
        "After 40 passes the network reads 95.00\u202f% with 64 at a time, 95.00\u202f% with 1,024 at a time and "
        "95.00\u202f% with all 60,000 at once.",
        "With one seed each, chance may decide: less than 10\u202f% apart counts as level.",
        "The claim holds partly here: to 90\u202f%, 1,024 at a time took 0.500\u202fs; all 60,000 at once took "
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


def test_what_did_not_come_to_its_end_is_named_with_what_it_reads() -> None:
    cells = [
        cell(0.97, (1, 1, 1, 0.91), (20, 20, 9, 0.97), batch_size=64),
        cell(None, (1, 1, 1, 0.5), (13, 12.5, 5, 0.9153), batch_size=60000),
        cell(None, batch_size=1024),
    ]
    sentences = every_example.answer(SweepResult(False, cells)).sentences
    assert "After 20 passes the network reads 97.00\u202f% with 64 at a time." in sentences
    assert "All 60,000 at once got to 91.53\u202f% in 12.50 passes." in sentences
