"""Whether a claim holds follows from what was measured, in either direction."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from app.claims.claim import Claim, Figure, Part, Verdict, signed_points, verdict, whole_number
from app.claims.measured import Measured
from app.claims.optimizers import grid_step
from app.claims.table import CLAIMS, METHOD, NOT_MEASURED, document
from app.experiments.base import Experiment
from app.experiments.one_dial import RATES
from app.experiments.registry import all_experiments
from tests.claims.scenes import contradicting, flat, supporting, training


def mixed(one: Measured, other: Measured) -> Measured:
    """The first half of the seeds of one, and the second half of the other's."""

    def joined(a, b):
        if isinstance(a, dict):
            return {name: joined(a[name], b[name]) for name in a}
        return [*a[: len(a) // 2], *b[len(b) // 2 :]]

    return Measured(*map(joined, one, other))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.quote[:40])
def test_what_comes_out_with_every_seed_holds_and_its_opposite_does_not(claim: Claim) -> None:
    assert verdict(claim.parts(supporting())) is Verdict.HOLDS
    assert verdict(claim.parts(contradicting())) is Verdict.FAILS
    assert verdict(claim.parts(mixed(supporting(), contradicting()))) is Verdict.PARTLY
    assert verdict(claim.parts(mixed(contradicting(), supporting()))) is Verdict.PARTLY


def test_pulling_ahead_first_is_no_claim_of_how_the_race_ends() -> None:
    measured = supporting()
    ends = {"adam": 0.9, "momentum": 0.97, "sgd": 0.96}
    race = {
        name: [
            each._replace(view=each.view._replace(lane={**each.lane, "test_accuracy": ends[name]}))
            for each in trainings
        ]
        for name, trainings in measured.race.items()
    }
    [ahead] = [claim for claim in CLAIMS if claim.quote.startswith("Watch which one pulls ahead first.")]

    assert verdict(ahead.parts(measured._replace(race=race))) is Verdict.HOLDS


def test_training_accuracy_climbs_only_if_it_does_by_the_same_digits() -> None:
    """The last evaluation alone is over all training digits, which may be easier than the first of them."""
    measured = supporting()
    level = [(0.985, 0.1, 0.99)] * 4
    longer = [training("adam", level), training("adam", level)]
    easier = [each._replace(view=each.view._replace(lane={**each.lane, "train_accuracy": 0.999})) for each in longer]
    [climbs] = [claim for claim in CLAIMS if claim.quote.startswith("Training accuracy keeps climbing")]

    assert [part.answer for part in climbs.parts(measured._replace(longer=easier))] == ["no", "yes"]
    assert verdict(climbs.parts(measured)) is Verdict.HOLDS


def test_a_claim_of_which_one_part_alone_comes_out_holds_partly() -> None:
    parts = [Part("one", [True, True], []), Part("other", [False, False], [])]

    assert [part.answer for part in parts] == ["yes", "no"]
    assert verdict(parts) is Verdict.PARTLY
    assert Part("third", [True, False, True], []).answer == "with 2 of 3 seeds"


def test_what_is_not_decided_is_neither_yes_nor_no() -> None:
    open_parts = [Part("one", [None, None], [])]
    mixed_part = Part("other", [None, True, False], [])

    assert [part.answer for part in (*open_parts, mixed_part)] == [
        "not decided",
        "with 1 of 3 seeds, not decided with 1",
    ]
    assert verdict(open_parts) is Verdict.UNDECIDED
    assert verdict([*open_parts, Part("false", [False], [])]) is Verdict.UNDECIDED
    assert verdict([*open_parts, Part("true", [True], [])]) is Verdict.PARTLY


def test_faster_convergence_is_judged_by_batches_and_by_seconds_if_evaluations_are_close_enough() -> None:
    """Evaluations are 469 batches apart: one that was there 400 later may have been there before."""

    def adam_at(step: int, seconds: float) -> list[str]:
        measured = supporting()
        trainings = [training("adam", flat(0.98), reached={0.95: step}, seconds=seconds)] * 2
        race = {**measured.race, "adam": trainings, "momentum": [training("momentum", flat(0.97))] * 2}
        return [part.answer for part in claim.parts(measured._replace(race=race))[:2]]

    [claim] = [claim for claim in CLAIMS if claim.quote.startswith("It converges faster")]
    decided = claim.parts(supporting())

    assert [(part.says.split(" to ")[0], part.answer) for part in decided] == [
        ("Adam needs the fewest batches", "yes"),
        ("Adam needs the least time", "yes"),
    ] * 2
    # SGD needs 1,800 batches, of the 1,874 that take it a second; the evaluation before was at batch 1,406.
    assert adam_at(1390, 1.0) == ["yes", "yes"]
    assert adam_at(1500, 1.0) == ["not decided", "not decided"]
    assert adam_at(1000, 3.0) == ["yes", "no"]


def test_a_row_names_the_experiment_that_tests_its_claim_too() -> None:
    text = document(supporting(), {}, [42, 43], "Measured.")

    assert {claim.experiment for claim in CLAIMS if claim.experiment} == set(all_experiments())
    for claim in CLAIMS:
        [row] = [line for line in text.splitlines() if f"** | {claim.quote} | " in line]
        titles = re.findall(r"<br><br>\[([^]]+)\]\(\.\./app/experiments/\w+\.py\)", row.split(" | ")[3])
        assert titles == ([all_experiments()[claim.experiment].title] if claim.experiment else [])


@pytest.mark.parametrize("experiment", all_experiments().values(), ids=lambda each: each.name)
def test_each_sentence_that_an_experiment_quotes_has_a_row_or_a_reason_why_there_is_none(
    experiment: Experiment,
) -> None:
    quotes = [*(claim.quote for claim in CLAIMS), *(quote for quote, _ in NOT_MEASURED)]
    told = " ".join(quotes)

    for sentence in re.split(r"(?<=[.?!]) ", experiment.claim):
        assert sentence in told or _in_two_rows(sentence, quotes), sentence


def _in_two_rows(sentence: str, quotes: list[str]) -> bool:
    """Its first words end a row with "…", and the rest begins the next with it."""
    return any(
        one.endswith(" …") and other.startswith("… ") and sentence == f"{one[:-2]} {other[2:]}"
        for one, other in pairwise(quotes)
    )


def test_a_figure_is_a_median_with_its_range_and_says_where_there_is_none() -> None:
    assert str(Figure("Adam", [50, 70, 62], whole_number)) == "Adam 62 (50 to 70)"
    assert str(Figure("Adam", [62, 62], whole_number)) == "Adam 62"
    assert str(Figure("SGD", [1500, None, 1700], whole_number)) == "SGD 1,600 (1,500 to 1,700), never with 1 of 3 seeds"
    assert str(Figure("SGD", [None, None], whole_number)) == "SGD never"
    assert str(Figure("gap", [-0.01, 0.02], signed_points)) == "gap 0.50 points (-1.00 to 2.00 points)"


def test_the_document_has_a_row_for_each_claim_with_its_verdict_and_counts_them() -> None:
    text = document(contradicting(), {"race": "three optimizers"}, [42, 43], "Measured today.")
    rows = [line for line in text.splitlines() if line.startswith("| **")]

    assert [row.split(" | ")[1] for row in rows] == [claim.quote for claim in CLAIMS]
    assert {re.match(r"\| \*\*([^*]+)\*\* \|", row)[1] for row in rows} == {"doesn't"}
    assert f"Of {len(CLAIMS)} claims {len(CLAIMS)} don't. Measured today." in text
    assert f"Of {len(CLAIMS)} claims {len(CLAIMS)} hold. Measured" in document(supporting(), {}, [42, 43], "Measured.")


def test_a_range_of_rates_says_how_far_apart_the_rates_of_its_grid_are() -> None:
    (row,) = [claim for claim in CLAIMS if "less sensitive" in claim.quote]

    for part in row.parts(supporting()):
        rates = [point.rate for point in supporting().curves[0]["adam"].points]
        assert str(part.figures[-1]) == str(grid_step(rates))
    assert str(grid_step([0.001, 0.00316, 0.01])) == "one rate of the grid to the next 0.50 decades"


def test_the_page_on_board_has_the_words_of_today() -> None:
    written = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")

    assert METHOD in written
    assert written.count(str(grid_step(RATES))) == 4
    rows = [row for row in written.splitlines() if row.startswith("| **")]
    assert [row.split(" | ")[1] for row in rows] == [claim.quote for claim in CLAIMS]
    assert "| verdict | the article says | what came out | trained, experiment |" in written
    assert written.endswith("".join(f"| {quote} | {why} |\n" for quote, why in NOT_MEASURED))


def test_no_verdict_is_given_on_a_cause_that_is_not_measured() -> None:
    assert not [claim.quote for claim in CLAIMS if "because" in claim.quote]
    assert "Adam adapts quickly because it adjusts per weight." in dict(NOT_MEASURED)
