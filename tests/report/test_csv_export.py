"""The CSV of recorded runs is what the fixtures hold, to the byte, and reads back as what was measured."""

import csv

import numpy as np
import pytest

from app.report.csv_export import batches_csv, evaluations_csv
from tests.runs.recorded import RECORDED, Recorded

BATCHES = [recorded for recorded in RECORDED if "batches_csv" in recorded.expected]
EVALUATIONS = [recorded for recorded in RECORDED if "evaluations_csv" in recorded.expected]


def named(recorded: Recorded) -> str:
    return recorded.name


@pytest.mark.parametrize("recorded", BATCHES, ids=named)
def test_the_batches_are_the_recorded_text(recorded: Recorded) -> None:
    assert list(batches_csv(recorded.run, recorded.batches, recorded.smoothing)) == recorded.expected["batches_csv"]


@pytest.mark.parametrize("recorded", EVALUATIONS, ids=named)
def test_the_evaluations_are_the_recorded_text(recorded: Recorded) -> None:
    assert list(evaluations_csv(recorded.run, recorded.evaluations)) == recorded.expected["evaluations_csv"]


@pytest.mark.parametrize("recorded", BATCHES, ids=named)
def test_every_batch_reads_back_as_it_was_measured(recorded: Recorded) -> None:
    rows = list(csv.DictReader(batches_csv(recorded.run, recorded.batches, 0.9)))

    for lane, table in enumerate(recorded.batches):
        of_lane = [row for row in rows if row["lane"] == str(lane)]
        for name, column in zip(("loss", "accuracy", "seconds"), table, strict=True):
            np.testing.assert_array_equal(np.array([row[name] for row in of_lane], np.float32), column)


def test_without_smoothing_the_average_is_the_batch_itself() -> None:
    rows = list(csv.DictReader(batches_csv(BATCHES[0].run, BATCHES[0].batches, 0)))

    assert [row["smoothed_loss"] for row in rows] == [row["loss"] for row in rows]


def test_a_changed_learning_rate_stands_from_its_first_step_on() -> None:
    recorded = next(each for each in BATCHES if each.name == "short")
    (change,) = recorded.run["lanes"][2]["learning_rate_changes"]
    text = batches_csv(recorded.run, recorded.batches, 0)
    rates = [row["learning_rate"] for row in csv.DictReader(text) if row["lane"] == "2"]

    assert rates == ["0.01"] * (change["step"] - 1) + [str(change["learning_rate"])] * (len(rates) - change["step"] + 1)


def test_the_learning_rate_follows_its_schedule() -> None:
    recorded = next(each for each in BATCHES if each.name == "schedules")
    rows = list(csv.DictReader(batches_csv(recorded.run, recorded.batches, 0)))
    step, cosine, warm_up = ([float(row["learning_rate"]) for row in rows if row["lane"] == lane] for lane in "012")

    assert len(step) == 20
    assert step == [0.01] * 7 + [0.001] * 7 + [0.0001] * 6
    np.testing.assert_allclose(cosine, 0.1 * (1 + np.cos(np.pi * np.arange(20) / 20)) / 2, rtol=1e-6)
    np.testing.assert_allclose(warm_up, 0.01 * np.append(1, (1 + np.cos(np.pi * np.arange(19) / 19)) / 2), rtol=1e-6)


def test_rows_say_whose_they_are() -> None:
    recorded = next(each for each in BATCHES if each.name == "tiny-batches")
    rows = list(csv.DictReader(batches_csv(recorded.run, recorded.batches, 0)))

    told = {(row["seed"], row["lane"], row["name"], row["optimizer"]) for row in rows}
    assert told == {("42", "0", "Adam", "adam"), ("42", "1", "Adam 2", "adam")}
