"""Which learning rates are on a plateau, how wide it is, and how that is written."""

import pytest

from app.report.sweeps.description import describe_sweep
from app.report.sweeps.outcome import outcome
from app.report.sweeps.plateau import Plateau, in_short
from app.report.sweeps.result import curves
from app.report.sweeps.sentences import sentences
from app.report.sweeps.verdict import Verdict
from tests.report.sweeps.made import lane, state, swept, trial, verdicts


def test_a_plateau_is_what_is_within_a_point_of_the_best_without_a_gap() -> None:
    (curve,) = curves(*swept({"sgd": [[0.895], [0.7], [0.9], [0.891]]}))

    assert curve.plateau is not None
    assert (curve.plateau.low, curve.plateau.high, curve.plateau.at_least) == (0.1, 1.0, True)
    assert curve.plateau.decades == pytest.approx(1)


THREE_WIDTHS: dict[str, list[list[float | None]]] = {
    # One decade by the mean of the seeds; with each seed alone one, none, and two.
    "sgd": [[0.5, 0.5, 0.905], [0.9, 0.9, 0.9], [0.905, 0.88, 0.905], [0.5, None, 0.5]],
}


def test_the_spread_of_a_plateau_is_that_of_its_width_with_each_seed_alone() -> None:
    found = swept(THREE_WIDTHS)

    (curve,) = curves(*found)

    assert [(each.low, each.high, each.at_least) for each in curve.seed_plateaus] == [
        (0.01, 0.1, False),
        (0.01, 0.01, False),
        (0.001, 0.1, True),
    ]
    plateau = describe_sweep(state(*found))["curves"][0]["plateau"]
    assert plateau is not None and plateau["width"] is not None
    assert (plateau["low"], plateau["high"]) == (0.01, 0.1)
    assert (plateau["width"]["mean"], plateau["width"]["deviation"]) == pytest.approx((1, 1))
    assert plateau["text"] == "1.0 decade: 0.01 to 0.1 (0.0 to ≥ 2.0 depending on the seed)"
    said = outcome(state(*found)).sentences[-1]
    assert "SGD over 1.0 decade (0.01 to 0.1; 0.0 to ≥ 2.0 depending on the seed)" in said


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ([[0.5], [0.9], [0.9], [0.5]], "1.0 decade: 0.01 to 0.1"),
        ([[0.5, 0.6], [0.9, 0.91], [0.9, 0.91], [0.5, 0.6]], "1.0 decade: 0.01 to 0.1 (with every seed)"),
        ([[0.5, 0.5], [0.9, 0.9], [0.5, 0.5], [0.5, 0.5]], "only 0.01 (with every seed)"),
        ([[0.5, 0.5], [0.9, 0.9], [0.895, 0.5], [0.5, 0.5]], "only 0.01 (0.0 to 1.0 decades depending on the seed)"),
    ],
)
def test_how_wide_a_plateau_is_with_each_seed_is_there_to_read(table: list[list[float | None]], text: str) -> None:
    plateau = describe_sweep(state(*swept({"sgd": table})))["curves"][0]["plateau"]

    assert plateau is not None
    assert plateau["text"] == text
    assert (plateau["width"] is None) == (len(table[0]) == 1)


def test_while_a_seed_is_in_training_the_spread_of_widths_is_unknown() -> None:
    found, lanes = swept(THREE_WIDTHS)
    lanes[-4:] = [lane(0.9), lane(0.9), lane(None, "waiting"), lane(None, "waiting")]

    (curve,) = curves(found, lanes)

    assert curve.seed_plateaus == []


def test_a_plateau_of_one_rate_at_an_end_of_the_grid_may_go_on_beyond() -> None:
    (curve,) = curves(*swept({"sgd": [[0.5], [0.6], [0.7], [0.9]]}))
    good = trial(0.96, 0.96)

    told = sentences([Verdict(curve, good, good)])

    assert "Learning rates within a point of the best: SGD at 1 and perhaps beyond." in told


@pytest.mark.parametrize(
    ("plateau", "text"),
    [
        (Plateau(1, 1, True), "at 1, perhaps beyond"),
        (Plateau(1, 1, False), "only 1"),
        (Plateau(0.1, 1, True), "≥ 1.0 decade: 0.1 to 1"),
        (Plateau(0.001, 0.0316, False), "1.5 decades: 0.001 to 0.0316"),
    ],
)
def test_a_table_says_how_wide_a_plateau_is_and_from_where_to_where(plateau: Plateau, text: str) -> None:
    assert in_short(plateau) == text


def test_a_plateau_is_reported_only_once_the_rates_beside_it_are_trained() -> None:
    found, lanes = swept({"sgd": [[0.5], [0.9], [0.6], [0.8]]})
    waiting = [*lanes[:2], lane(None, "waiting"), lanes[3]]

    assert outcome(state(found, lanes)).sentences[1] == "Learning rates within a point of the best: SGD only at 0.01."
    assert len(outcome(state(found, waiting)).sentences) == 1
    assert curves(found, waiting)[0].plateau is None


def test_a_plateau_of_one_learning_rate_has_no_width() -> None:
    good, bad = trial(0.96, 0.96), trial(0.9, 0.9)

    told = sentences(verdicts(sgd=(bad, good), adam=(bad, good)))

    assert "Learning rates within a point of the best: SGD only at 0.1 and Adam only at 0.1." in told
