"""Who wins a sweep is known only as finely as its grid, and its sentences say so; its ranges end at the seeds'."""

from app.report.sweeps.description import describe_sweep
from app.report.sweeps.outcome import outcome
from app.report.sweeps.sentences import sentences
from tests.report.sweeps.made import state, swept, trial, verdicts

BEYOND = "an end of the grid, and a better one may lie beyond."


def so_far(**accuracies: list[float]) -> list[str]:
    found, lanes = swept({name: [[each] for each in row] for name, row in accuracies.items()})
    return outcome(state(found, lanes)).sentences


def test_the_verdict_says_of_how_many_rates_each_is_at_its_best() -> None:
    told = sentences(verdicts(sgd=(trial(0.9, 0.9), trial(0.95, 0.951)), adam=(trial(0.9, 0.9), trial(0.96, 0.961))))

    assert told[0].startswith("Each at its best of 4 learning rates, on fresh seeds: Adam wins with")
    assert not [each for each in told if "beyond" in each]


def test_a_best_rate_at_an_end_of_the_grid_is_named_since_a_better_one_may_lie_beyond() -> None:
    inside, low, high = [0.5, 0.9, 0.8, 0.5], [0.9, 0.8, 0.5, 0.4], [0.5, 0.8, 0.85, 0.9]

    assert so_far(sgd=high, adam=inside)[-1] == f"The best rate of SGD (1) is at {BEYOND}"
    assert so_far(sgd=high, adam=low)[-1] == f"The best rates of SGD (1) and Adam (0.001) are at {BEYOND}"
    assert BEYOND not in " ".join(so_far(sgd=inside, adam=inside))


def test_a_verdict_says_so_too() -> None:
    (judged,) = verdicts(adam=(trial(0.96, 0.96), trial(0.96, 0.96)))
    cut = judged._replace(curve=judged.curve._replace(points=judged.curve.points[:3]))

    assert sentences([cut])[-1] == f"The best rate of Adam (0.1) is at {BEYOND}"
    assert BEYOND not in " ".join(sentences([judged]))


def test_the_range_of_a_point_is_that_of_its_seeds() -> None:
    found, lanes = swept({"sgd": [[0.5, 0.7], [0.5, None], [None, None], [0.5, 0.5]]})
    (curve,) = describe_sweep(state(found, lanes))["curves"]

    accuracies = [point["accuracy"] for point in curve["points"]]
    assert [each and (each["lowest"], each["highest"]) for each in accuracies] == [
        (0.5, 0.7),
        (0.5, 0.5),
        None,
        (0.5, 0.5),
    ]
