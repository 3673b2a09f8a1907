"""A sweep's sentences say where every optimizer stands, in accuracy and in batches."""

from app.events import RunStatus
from app.report.sweeps.outcome import outcome
from app.report.sweeps.result import curves
from app.report.sweeps.sentences import sentences
from app.report.sweeps.verdict import Trial, fresh_cells
from app.runs.description import LaneDescription
from app.sweeps.state import Result
from app.sweeps.sweep import Sweep
from tests.report.sweeps.made import lane, state, swept, trial, verdicts


def test_the_verdict_says_where_each_optimizer_stands() -> None:
    sgd, momentum, adam = trial(0.951, 0.957), trial(0.9505, 0.9507), trial(0.957, 0.961)
    lion = trial(0.9401, 0.9403)

    def first(*trials: Trial) -> str:
        names = ("sgd", "momentum", "adam", "lion")
        told = sentences(verdicts(**{name: (each, each) for name, each in zip(names, trials, strict=False)}))
        return told[0].replace("\u202f", " ").partition(": ")[2]

    assert first(sgd, momentum, adam) == (
        "SGD (95.40 % ± 0.42) and Adam (95.90 % ± 0.28) cannot be told apart; the difference is within the spread over "
        "the seeds; Momentum (95.06 % ± 0.01) is behind Adam."
    )
    assert "Momentum (95.06 % ± 0.01) and Lion (94.02 % ± 0.01) are behind Adam." in first(sgd, momentum, adam, lion)
    assert first(momentum, lion, adam) == (
        "Adam wins with 95.90 % ± 0.28, 0.8 points above SGD and 1.9 points above Momentum, which is more than the "
        "spread over the seeds."
    )
    # The second may differ significantly from the first while the third, whose seeds differ more, does not.
    assert first(trial(0.97, 0.97), trial(0.96, 0.96), trial(0.93, 0.97)).startswith(
        "SGD (97.00 % ± less than 0.01) and Adam"
    )
    assert first(trial(0.95), trial(0.96), trial(0.97)).startswith(
        "Adam is highest with 97.00 %, 1.0 point above Momentum and 2.0 points above SGD; one seed"
    )


def test_the_batches_of_each_optimizer_are_named() -> None:
    def told(*steps: tuple[int, int]) -> str:
        trials = [Trial.of(0.1, [Result("run", lane(0.96, steps_to_95=step), []) for step in each]) for each in steps]
        names = ("sgd", "momentum", "adam")
        found = sentences(verdicts(**{name: (each, each) for name, each in zip(names, trials, strict=True)}))
        return found[2].replace("\u202f", " ").removeprefix("At their best learning rates ")

    # A mean of 204.5 reads 205, as in the table of the page.
    assert (
        told((204, 205), (700, 700), (196, 196))
        == "Adam needs 196 batches to 95 %, the fewest; SGD needs 205 and Momentum needs 700."
    )
    assert told((1, 1), (700, 700), (2, 2)).startswith("SGD needs 1 batch to 95 %, the fewest; Adam needs 2 and")
    assert told((200, 240), (700, 700), (205, 225)) == (
        "Adam needs 215 batches to 95 % and SGD needs 220: the difference is within the spread; Momentum needs 700."
    )
    assert told((200, 200), (700, 700), (200, 200)) == (
        "SGD and Adam need equally many batches to 95 %, 200; Momentum needs 700."
    )


def timed(accuracy: float, *hits: tuple[int, int]) -> Trial:
    """Of trainings that were at 95 % at the second evaluation and not yet at the first; 1,000 batches take a second."""
    results = [
        Result("run", lane(accuracy, steps_to_95=at), [[step, 0.1, step / 1000, 0.9, 0.1] for step in (before, at)])
        for before, at in hits
    ]
    return Trial.of(0.1, results)


def test_what_differs_by_less_than_lies_between_two_evaluations_has_no_winner() -> None:
    near, far = timed(0.97, (439, 468), (439, 468)), timed(0.96, (468, 497), (439, 468))

    told = sentences(verdicts(sgd=(far, far), adam=(near, near)))

    assert told[2].replace("\u202f", " ") == (
        "At their best learning rates Adam needs 468 batches to 95 % and SGD needs 483: the difference is within the "
        "spread."
    )
    later = timed(0.96, (439, 490), (439, 490))
    told = sentences(verdicts(sgd=(later, later), adam=(near, near)))
    assert told[2].endswith("the difference is less than lies between two evaluations, so it is not decided.")
    # Where Adam was there, SGD was not yet.
    after = timed(0.96, (468, 490), (468, 490))
    assert ", the fewest; SGD needs 490." in sentences(verdicts(sgd=(after, after), adam=(near, near)))[2]


def test_the_fewest_seconds_have_a_sentence_apart_from_the_fewest_batches() -> None:
    def needing(batches: int, seconds: float) -> Trial:
        row = {**lane(0.96), "reached": [{"accuracy": 0.95, "step": batches, "seconds": seconds}]}
        return Trial.of(0.1, [Result("run", row, []), Result("run", row, [])])

    sgd, adam = needing(900, 0.0771), needing(468, 0.1061)
    told = [each.replace("\u202f", " ") for each in sentences(verdicts(sgd=(sgd, sgd), adam=(adam, adam)))]

    assert told[2] == "At their best learning rates Adam needs 468 batches to 95 %, the fewest; SGD needs 900."
    assert told[3] == (
        "At their best learning rates SGD needs 0.077 s of training to 95 %, the least; Adam needs 0.106 s."
    )


def test_an_optimizer_that_is_not_trained_on_fresh_seeds_yet_is_not_compared() -> None:
    found, lanes = swept({name: [[0.5], [0.6], [0.7], [0.6]] for name in ("sgd", "momentum", "adam")})
    sweep = Sweep("a-sweep", found, 60_000)
    sweep.train_again(fresh_cells(found, curves(found, lanes)))
    fresh = [
        each._replace(result=each.result._replace(lane=lane(0.9))) if each.cell.optimizer != "adam" else each
        for each in sweep.state.fresh
    ]
    so_far = state(found, lanes)._replace(fresh=fresh)
    told = outcome(so_far).sentences
    cut = outcome(so_far._replace(status=RunStatus.STOPPED)).sentences

    assert told[0] == "Adam is not trained on all fresh seeds, and left out here."
    assert cut[0] == f"Stopped after 4 of 6 trainings on fresh seeds. {told[0]}"
    trained = [each._replace(result=each.result._replace(lane=lane(0.9))) for each in sweep.state.fresh]
    assert "left out" not in " ".join(outcome(so_far._replace(fresh=trained)).sentences)


def test_the_fewest_batches_are_compared_among_those_that_reached_the_target() -> None:
    fast, slow = trial(0.96, 0.96, steps_to_95=300), trial(0.97, 0.97, steps_to_95=800)

    told = sentences(verdicts(sgd=(slow, slow), momentum=(slow, trial(0.94, 0.94)), adam=(fast, fast)))

    assert "At their best learning rates Adam needs 300 batches to 95" in told[2]
    assert "SGD needs 800" in told[2]
    assert told[2].endswith(" Momentum does not get there from every seed.")


def test_a_tie_is_called_one_and_those_that_never_get_there_are_named() -> None:
    even, short = trial(0.96, steps_to_95=468), trial(0.94)

    told = sentences(verdicts(sgd=(short, short), momentum=(even, even), adam=(even, even)))
    none = sentences(verdicts(sgd=(short, short), adam=(short, short)))

    assert told[0].replace("\u202f", " ").endswith("Momentum and Adam are level at 96.00 %, 2.0 points above SGD.")
    assert told[2].replace("\u202f", " ") == (
        "At their best learning rates Momentum and Adam need equally many batches to 95 %, 468. SGD does not get there."
    )
    assert none[2].replace("\u202f", " ") == "At their best learning rates SGD and Adam do not get to 95 %."


def test_a_sweep_of_which_nothing_came_through_says_so() -> None:
    found, lanes = swept({"sgd": [[None]] * 4})

    assert outcome(state(found, lanes)).sentences == ["Every training diverged or failed. Try lower learning rates."]
    assert outcome(state(found, [*lanes[:3], lane(None, "waiting")])).sentences == []
    failed: list[LaneDescription] = [{**lane(None, "failed"), "reason": "Out of memory."} for _ in lanes]
    assert outcome(state(found, failed)).sentences == ["Every training failed. Out of memory."]
