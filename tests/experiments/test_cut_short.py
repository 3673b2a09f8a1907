"""What was not trained to its end says why it answers nothing."""

import numpy as np
import pytest

from app.events import LaneEnded, LaneStatus, RunStarted, StopRequested
from app.experiments.fit import grid_of
from app.experiments.registry import all_experiments
from app.report.sweeps.result import curves
from app.report.sweeps.verdict import fresh_cells
from app.runs.run import Run
from app.sweeps.state import Result
from app.sweeps.sweep import Sweep
from app.web.experiments.routes import answer_of

DIGITS = 60_000


def sweep_of(name: str) -> Sweep:
    sweep = Sweep("sweep", grid_of(all_experiments()[name].runs, DIGITS), DIGITS)
    sweep.apply(RunStarted("whole"))
    return sweep


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("unwatched", " because no one watched it"),
        ("others", " because others waited for its place"),
        ("owner", ""),
    ],
)
def test_a_sweep_that_was_stopped_says_how_far_it_got_and_why(by, why) -> None:
    experiment, sweep = all_experiments()["every-example"], sweep_of("every-example")
    assert "stopped" not in " ".join(answer_of(experiment, sweep).sentences)
    sweep.apply(StopRequested(by))
    sweep.end()

    choice, sentences = answer_of(experiment, sweep)

    assert choice is None
    assert sentences[0] == (
        f"This sweep was stopped after 0 of 3 trainings{why}, so it does not answer the question. Run it again."
    )


def test_a_sweep_that_was_stopped_on_fresh_seeds_says_that_not_all_was_measured() -> None:
    """Its grid is trained, and so are the fresh seeds of SGD and Momentum, but not those of Adam."""
    sweep = sweep_of("one-dial")
    for training in sweep.cells:
        training.result = trained(training.result, 0.95)
    sweep.train_again(fresh_cells(sweep.grid, curves(sweep.grid, sweep.lanes)))
    for training in sweep.fresh:
        if training.cell.optimizer != "adam":
            training.result = trained(training.result, 0.95)
    sweep.apply(StopRequested("owner"))
    sweep.end()

    sentences = answer_of(all_experiments()["one-dial"], sweep).sentences

    done = sum(training.cell.optimizer != "adam" for training in sweep.fresh)
    assert sentences[0] == (
        f"This sweep was stopped after {done} of {len(sweep.fresh)} trainings on fresh seeds, so not all was measured. "
        "Run it again."
    )
    assert "how soon Adam gets to 95\u202f% at its best rate has not been measured" in sentences[-1]


def trained(result: Result, accuracy: float) -> Result:
    lane = {**result.lane, "status": LaneStatus.FINISHED, "test_accuracy": accuracy}
    return result._replace(lane={**lane, "reached": [{"accuracy": 0.95, "step": 400, "seconds": 0.1}]})


def test_a_sweep_whose_server_ended_says_so() -> None:
    sweep = sweep_of("noise")
    sweep.interrupt()
    [first, *_] = answer_of(all_experiments()["noise"], sweep).sentences
    assert (
        first == "This sweep was interrupted after 0 of 4 trainings, so it does not answer the question. Run it again."
    )


def test_a_run_that_was_stopped_says_how_far_it_got_and_why() -> None:
    experiment = all_experiments()["pulls-ahead"]
    run = Run("run", experiment.runs.config, np.empty(0, np.uint8), 937)
    run.apply(RunStarted("whole"))
    run.apply(StopRequested("unwatched"))
    for lane in range(len(run.lanes)):
        run.apply(LaneEnded(lane, LaneStatus.STOPPED, 0))

    choice, sentences = answer_of(experiment, run)

    assert choice is None
    assert sentences[0] == (
        "This run was stopped after 0 batches because no one watched it, so it does not answer the question. "
        "Run it again."
    )
