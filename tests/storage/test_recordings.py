"""The recordings that the experiments show before they are run."""

from itertools import takewhile

import numpy as np

from app.events import Detail, Frame
from app.experiments.base import Race
from app.experiments.registry import all_experiments
from app.report.sweeps.result import POINT, curves_of
from app.runs.history import COLUMNS, Kind
from app.storage import front_page_run, recordings
from app.sweeps.grid import grid
from app.training.optimizers import OPTIMIZERS
from app.training.trainer import train
from app.web.experiments.routes import answer_of, recording_id

SEVERAL = 300


def test_each_experiment_has_a_recording_of_what_it_runs_which_answers_it(digits):
    found = {each.id: each for each in (*recordings.recorded_runs(digits), *recordings.recorded_sweeps(digits))}

    for experiment in all_experiments().values():
        recorded, runs = found[recording_id(experiment)], experiment.runs
        if isinstance(runs, Race):
            assert recorded.config == runs.config
        else:
            assert recorded.grid == grid(runs.axes, dict(runs.config))
        assert recorded.status == "finished"
        assert answer_of(experiment, recorded).choice in {guess.key for guess in experiment.guesses}
        # Two minutes, on two cores.
        assert recordings.about().took_s[recorded.id] <= 120


def test_the_race_that_follows_the_sweep_of_rates_is_at_good_ones_of_its_recording(digits):
    experiment = all_experiments()["one-dial"]
    recorded = next(each for each in recordings.recorded_sweeps(digits) if each.id == recording_id(experiment))
    curves = {curve.optimizer: curve for curve in curves_of(recorded.state)}

    rates = dict(part.split(".learning_rate=") for part in experiment.next.path.removeprefix("/?").split("&"))

    assert rates.keys() == curves.keys()
    for name, rate in rates.items():
        mean = next(point.mean for point in curves[name].points if point.rate == float(rate))
        assert mean >= curves[name].best.mean - POINT, name
        assert f"{OPTIMIZERS[name].label} at {rate}" in experiment.next.text


def test_recordings_are_small_and_say_where_they_were_made():
    files = (recordings.FILE, recordings.ABOUT, front_page_run.FILE)
    assert sum(file.stat().st_size for file in files) <= 3_000_000
    assert "cores" in recordings.about().machine


def test_a_server_that_races_on_other_digits_has_none(few_digits):
    assert recordings.recorded_runs(few_digits) == recordings.recorded_sweeps(few_digits) == []


def test_a_recording_is_what_comes_when_it_is_run_again(digits):
    experiment = all_experiments()["train-longer"]
    run = next(run for run in recordings.recorded_runs(digits) if run.id == recording_id(experiment))
    recorded = run.history.tables(Kind.METRICS)[0][COLUMNS[Kind.METRICS].index("loss")]

    frames = (event for event in train(digits, run.config, 0, detail=Detail.CURVES) if isinstance(event, Frame))
    again = np.concatenate([frame.loss for frame in takewhile(lambda frame: frame.first_step <= SEVERAL, frames)])

    # Another machine may add in another order.
    np.testing.assert_allclose(again[:SEVERAL], recorded[:SEVERAL], rtol=0.02, atol=0.002)
