"""Which batch size is the first, by passes and by seconds, follows from the numbers, or is left open."""

from app.experiments import every_example
from app.experiments.base import Answer, SweepResult
from tests.experiments.test_sweep_answers import cell


def sized(finished: bool = True, ends: dict[str, float] | None = None, **hits: tuple[float, float]) -> Answer:
    """Of batch sizes that passed 90 % after so many passes and seconds, and were just below it a tenth earlier."""
    cells = [
        cell(
            (ends or {}).get(size, 0.95),
            (8, passes * 0.9, seconds * 0.9, 0.89),
            (9, passes, seconds, 0.91),
            batch_size=int(size.removeprefix("of_")),
        )
        for size, (passes, seconds) in hits.items()
    ]
    return every_example.answer(SweepResult(finished, cells))


def test_passes_and_seconds_are_answered_apart() -> None:
    choice, sentences = sized(of_64=(0.1, 0.9), of_1024=(0.8, 0.5), of_60000=(40, 30))
    assert choice == "depends"
    assert sentences == [
        "To 90\u202f% by passes over the data: 64 at a time needed 0.10, 1,024 at a time needed 0.80 and all 60,000 at "
        "once needed 40.00: 64 at a time is first.",
        "To 90\u202f% by seconds of training: 64 at a time needed 0.900\u202fs, 1,024 at a time needed 0.500\u202fs "
        "and all 60,000 at once needed 30.0\u202fs: 1,024 at a time is first.",
        "After 40 passes the network reads 95.00\u202f% with 64 at a time, 95.00\u202f% with 1,024 at a time and "
        "95.00\u202f% with all 60,000 at once.",
        "What is counted makes a difference: 64 at a time is first by passes over the data, and 1,024 at a time by "
        "seconds of training.",
        "With one seed each, chance may decide: less than 1.5 times as much, or less than the distance of two "
        "evaluations, counts as level.",
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
    assert sized(of_64=(0.8, 0.5), of_1024=(0.1, 0.1)).choice == "1024"
    assert sized(of_64=(9, 9), of_60000=(4, 3)).choice == "full"
    # Where there are fewer digits, a batch of all of them is smaller.
    assert sized(of_64=(9, 9), of_2000=(4, 3)).choice == "full"
    going = sized(finished=False, of_64=(0.1, 0.1), of_1024=(0.8, 0.5))
    assert going.choice is None
    assert "first" not in " ".join(going.sentences)
    assert sized(of_64=(0.1, 0.1)).choice is None


def test_how_far_is_told_apart_from_what_is_counted() -> None:
    for ends, told in (
        ({"of_1024": 0.96}, "How far makes a difference: at the end 1,024 at a time is ahead, by 1.0 point."),
        ({"of_64": 0.96}, "How far makes no difference: at the end 64 at a time is ahead, too."),
        (
            {"of_1024": 0.954},
            "Whether how far makes a difference is not decided: at the end 64 at a time and 1,024 at a time are less "
            "than 0.5 points apart.",
        ),
    ):
        choice, sentences = sized(ends=ends, of_64=(0.1, 0.1), of_1024=(0.8, 0.5))
        assert choice == "64"
        assert sentences[3:5] == ["What is counted makes no difference: 64 at a time is first by both.", told]


def test_what_one_seed_cannot_decide_grades_no_guess() -> None:
    choice, sentences = sized(of_64=(0.1, 0.1), of_1024=(0.8, 0.14))
    assert choice is None
    assert sentences[0].endswith(": 64 at a time is first.")
    assert sentences[1].endswith(": 64 at a time and 1,024 at a time cannot be told apart.")
    assert "Whether what is counted makes a difference is not decided." in sentences
    assert sized(of_64=(0.1, 0.1), of_1024=(0.8, 0.16)).choice == "64"
    sentences = sized(of_64=(0.1, 9), of_60000=(4, 8)).sentences
    assert "took 9.0\u202fs, and whether that is sooner is not decided; all 60,000 at once took 8.0" in sentences[-1]


def beside(*other: tuple[int, float, float, float], size: int = 1024) -> Answer:
    """Of batches of 64, which needed one pass and second, and of another size."""
    cells = [cell(0.95, (1, 1, 1, 0.91), batch_size=64), cell(0.85, *other, batch_size=size)]
    return every_example.answer(SweepResult(True, cells))


def test_what_passed_the_mark_between_two_evaluations_may_have_been_first() -> None:
    assert beside((1, 0.9, 0.9, 0.5), (2, 3, 3, 0.91)).choice is None
    assert beside((1, 1.1, 1.1, 0.5), (2, 3, 3, 0.91)).choice == "64"


def test_what_never_got_there_is_named_and_was_not_first_if_it_trained_for_long_enough() -> None:
    choice, sentences = beside((20, 20, 5, 0.85), size=60_000)
    assert choice == "64"
    assert "All 60,000 at once did not get there." in sentences
    assert sentences[-1].endswith("all 60,000 at once did not get there in 5.0\u202fs, not minutes.")
    choice, sentences = beside((20, 20, 0.5, 0.85), size=60_000)
    assert choice is None
    assert sentences[1].endswith(": 64 at a time and all 60,000 at once cannot be told apart.")


def test_what_did_not_come_to_its_end_is_named_with_what_it_reads() -> None:
    cells = [
        cell(0.97, (1, 1, 1, 0.91), (20, 20, 9, 0.97), batch_size=64),
        cell(None, (1, 1, 1, 0.5), (13, 12.5, 5, 0.9153), batch_size=60000),
        cell(None, batch_size=1024),
    ]
    sentences = every_example.answer(SweepResult(False, cells)).sentences
    assert "After 20 passes the network reads 97.00\u202f% with 64 at a time." in sentences
    assert "All 60,000 at once got to 91.53\u202f% in 12.50 passes." in sentences


def test_the_question_is_about_the_mark_that_is_answered() -> None:
    assert "Which is first to read 90\u202f% of the unseen digits, by passes over" in every_example.EXPERIMENT.question
