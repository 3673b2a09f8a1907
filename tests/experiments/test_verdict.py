"""A claim is judged part by part, and the same figures are judged alike wherever they are told."""

from app.experiments.base import SweepResult
from app.experiments.convergence import faster
from app.experiments.verdict import Part, claim
from app.report.sweeps.result import Spread
from app.report.sweeps.sentences import sentences
from tests.report.sweeps.made import trial, verdicts


def test_a_claim_of_which_most_is_undecided_is_not_called_true_or_false() -> None:
    def verdict(*parts: bool | None) -> str:
        return claim([Part(part, "found") for part in parts]).partition(":")[0]

    assert verdict(True, True) == "The claim holds here"
    assert verdict(True, None, None) == verdict(True, None) == verdict(True, False) == "The claim holds partly here"
    assert verdict(False, None, None) == verdict(None) == "The claim is not decided here"
    assert verdict(False, None) == "The claim does not hold here, as far as it is decided"
    assert verdict(False, False) == "The claim does not hold here"


def test_who_cannot_be_told_from_the_first_is_the_same_in_the_answer_and_in_the_verdict() -> None:
    """Momentum is within the spread of Adam, and not of SGD, which is the first."""
    spent = {"sgd": Spread(0.099, 0.006, 3), "adam": Spread(0.106, 0.002, 3), "momentum": Spread(0.108, 0.001, 3)}
    told, _ = faster(SweepResult(True, [], spent, spent), set(spent))
    assert told[-1].endswith(" Adam and SGD cannot be told apart.")

    trials = {name: trial(0.96, 0.96)._replace(seconds=each) for name, each in spent.items()}
    judged = sentences(verdicts(**{name: (each, each) for name, each in trials.items()}))
    assert [each.replace("\u202f", " ") for each in judged if "of training" in each] == [
        "At their best learning rates SGD needs 0.099 s of training to 95 % and Adam needs 0.106 s: the difference is "
        "within the spread; Momentum needs 0.108 s."
    ]
