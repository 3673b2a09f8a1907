"""A sweep's sentences follow from its trainings, and say so when no optimizer wins."""

import pytest

from app.events import RunStatus
from app.report.sweeps.caption import caption, description_of_sweep, title_of_sweep
from app.report.sweeps.outcome import outcome
from app.report.sweeps.picture import HEIGHT, WIDTH, draw_sweep
from app.report.sweeps.result import Spread, curves, rate_map
from app.report.sweeps.sentences import sentences
from app.report.sweeps.table import sweep_csv
from app.report.sweeps.verdict import Trial, fresh_cells
from app.sweeps.grid import grid
from app.sweeps.state import Result
from app.sweeps.sweep import Sweep
from tests.report.sweeps.made import RATES, lane, state, swept, trial, verdicts


def test_the_best_rate_is_the_one_with_the_highest_mean_of_those_where_every_training_came_through() -> None:
    (curve,) = curves(*swept({"sgd": [[0.5, 0.5], [0.9, 0.8], [0.86, 0.88], [0.99, None]]}))

    assert curve.best is not None
    assert curve.best.rate == 0.1
    assert [point.fallen for point in curve.points] == [0, 0, 0, 1]


def test_trainings_that_have_yet_to_begin_are_in_no_curve() -> None:
    found, lanes = swept({"sgd": [[0.5], [0.6], [0.7], [0.8]]})
    lanes[2:] = [lane(None, "waiting")] * 2

    (curve,) = curves(found, lanes)

    assert [point.accuracies for point in curve.points] == [[0.5], [0.6], [], []]
    assert curve.best is not None
    assert curve.best.rate == 0.01


def test_a_difference_beyond_the_spread_has_a_winner_in_either_direction() -> None:
    high, low = trial(0.96, 0.961, 0.962), trial(0.93, 0.931, 0.932)

    sgd_wins = sentences(verdicts(sgd=(low, high), adam=(high, low)))
    adam_wins = sentences(verdicts(sgd=(high, low), adam=(low, high)))

    assert (
        "Each at its best of 4 learning rates, on fresh seeds: SGD wins with 96.10 % ± 0.10, 3.0 points above Adam"
        in sgd_wins[0].replace("\u202f", " ")
    )
    assert "Each at the learning rate it comes with, on fresh seeds: Adam wins" in sgd_wins[1]
    assert "Each at its best of 4 learning rates, on fresh seeds: Adam wins" in adam_wins[0]
    assert "Each at the learning rate it comes with, on fresh seeds: SGD wins" in adam_wins[1]


def test_a_difference_within_the_spread_has_no_winner() -> None:
    told = sentences(verdicts(sgd=(trial(0.9, 0.9), trial(0.95, 0.97)), adam=(trial(0.9, 0.9), trial(0.96, 0.97))))

    assert "cannot be told apart; the difference is within the spread over the seeds" in told[0]
    assert "wins" not in told[0]


def test_one_seed_alone_is_called_so() -> None:
    told = sentences(verdicts(sgd=(trial(0.9), trial(0.95)), adam=(trial(0.9), trial(0.96))))

    assert "Adam is highest" in told[0]
    assert "one seed does not tell whether that is luck" in told[0]


def test_a_rate_that_fails_on_fresh_seeds_is_reported() -> None:
    broken = Trial.of(0.1, [Result("run", each, []) for each in (lane(0.9), lane(None, "diverged"))])

    told = sentences(verdicts(sgd=(broken, broken), adam=(trial(0.9, 0.9), trial(0.96, 0.96))))

    assert told[-1] == "SGD diverged or failed with a fresh seed at the rate that was best before."


def test_a_csv_has_a_line_for_each_training_in_the_order_of_the_grid() -> None:
    found, lanes = swept({"sgd": [[0.5], [None], [0.7], [0.8]]})
    lanes[2], lanes[3] = lane(0.96, steps_to_95=468), lane(None, "waiting")

    lines = "".join(sweep_csv(state(found, lanes))).splitlines()

    assert lines[0] == (
        "phase,seed,optimizer,learning_rate,status,steps,seconds,test_accuracy,test_loss,batches_to_95,seconds_to_95"
    )
    assert lines[1] == "grid,0,sgd,0.001,finished,937,0.5,0.5,0.25,,"
    assert lines[2] == "grid,0,sgd,0.01,diverged,937,0.5,,0.25,,"
    assert lines[3] == "grid,0,sgd,0.1,finished,937,0.5,0.96,0.25,468,0.468"
    assert len(lines) == 5


def test_a_map_has_the_mean_over_the_seeds_by_step_and_rate() -> None:
    found, lanes = swept({"sgd": [[0.5, 0.6]] * 4})
    rows = [[[30, 0.03, 0.1, 0.25, 1.0], [937, 1.0, 1.0, 0.5 + 0.25 * cell.at["seed"], 0.5]] for cell in found.cells]

    drawn = rate_map(curves(found, lanes)[0], state(found, lanes, rows).cells)

    assert (drawn.steps, drawn.rates) == ([30, 937], RATES)
    assert drawn.accuracy.tolist() == [[0.25] * 4, [0.625] * 4]


def is_png_of_its_size(png: bytes) -> bool:
    return png.startswith(b"\x89PNG") and (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("optimizers", [["adam"], ["sgd", "momentum", "adam"], ["sgd", "adam", "lion"]])
def test_the_picture_is_a_png_of_its_size(optimizers: list[str]) -> None:
    found, lanes = swept({name: [[0.5, 0.6], [0.7, 0.8], [0.9, None], [None, None]] for name in optimizers})
    rows = [[[30, 0.03, 0.1, 0.2, 1.0], [937, 1.0, 1.0, 0.9, None]]] * len(lanes)

    assert is_png_of_its_size(draw_sweep(state(found, lanes, rows)))
    # Of one that has yet to begin, too.
    assert is_png_of_its_size(draw_sweep(Sweep("a-sweep", found, 60_000).state))


def test_a_sweep_without_learning_rates_is_drawn_by_epochs_and_summarized_by_its_ends() -> None:
    found = grid({"batch_size": [8, 64], "seed": [1, 2]})
    lanes = [lane(0.9 if cell.at["batch_size"] == 8 else 0.95) for cell in found.cells]
    rows = [[[0, 0.0, 0.0, 0.1, 2.3], [937, 1.0, 1.0, 0.9, 0.5]]] * 4

    png = draw_sweep(state(found, lanes, rows))

    assert is_png_of_its_size(png)
    assert outcome(state(found, lanes, rows)).sentences[0].startswith("At the end: batch size 64 wins with 95.00")


def test_curves_are_called_by_what_they_differ_in_alone() -> None:
    def named(**axes: list) -> list[str]:
        found = grid(axes)
        return [curve.name for curve in curves(found, [lane(0.9)] * len(found.cells))]

    assert named(optimizer=["adam"], batch_size=[64, 1024]) == ["batch size 64", "batch size 1,024"]
    assert named(optimizer=["sgd", "adam"], batch_size=[64]) == ["SGD", "Adam"]
    assert named(optimizer=["adam"], batch_size=[64]) == ["Adam, batch size 64"]


def test_a_link_to_a_sweep_is_called_by_what_came_out_and_before_by_what_is_compared() -> None:
    found, lanes = swept({"sgd": [[0.5], [0.6], [0.7], [0.8]], "adam": [[0.5], [0.9], [0.7], [0.8]]})
    going_on, over = state(found, lanes), state(found, lanes)._replace(status=RunStatus.STOPPED)

    assert title_of_sweep(going_on, "MNIST") == "SGD and Adam at 4 learning rates on MNIST"
    assert title_of_sweep(over, "MNIST").startswith(
        "Stopped after 8 of 8 trainings. The best of the grid so far: SGD 80.00"
    )
    assert description_of_sweep(over).startswith("8 of 8 trainings, one seed, stopped; batch size 64")


def test_a_sweep_that_was_cut_short_says_how_much_of_it_was_trained() -> None:
    found, lanes = swept({"sgd": [[0.5, 0.5], [0.6, 0.6], [0.7, 0.7], [0.8, 0.8]]})
    one_seed = state(found, [*lanes[:4], *[lane(None, "interrupted")] * 4])._replace(status=RunStatus.INTERRUPTED)
    two = state(found, [*lanes[:6], *[lane(None, "interrupted")] * 2])._replace(status=RunStatus.INTERRUPTED)

    assert (
        outcome(one_seed)
        .sentences[0]
        .startswith("Interrupted after 4 of 8 trainings. The best of the grid so far: SGD")
    )
    assert caption(one_seed).startswith("4 of 8 trainings, one seed, interrupted; ")
    assert caption(two).startswith("6 of 8 trainings, up to 2 seeds, interrupted; ")


def test_seeds_that_the_choice_has_not_seen_are_found_also_behind_the_highest_there_is() -> None:
    seeds = [2**32 - 1, 2**32 - 2, 0]
    found = grid({"learning_rate": RATES, "seed": seeds})
    drawn = curves(found, [lane(0.9)] * len(found.cells))

    assert {cell.at["seed"] for cell in fresh_cells(found, drawn)} == {1, 2, 3}


def test_a_spread_of_one_has_no_deviation() -> None:
    assert Spread.of([0.5]) == Spread(0.5, 0.0, 1)
