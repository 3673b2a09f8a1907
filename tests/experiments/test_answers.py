"""What the experiments that are races answer follows from the numbers, whether they agree with the claim or not."""

import math
from typing import Any

import numpy as np
import pytest

from app.events import EXAMPLES, TARGETS
from app.experiments import pulls_ahead, same_push, train_longer
from app.experiments.base import Answer, RaceResult
from app.experiments.registry import all_experiments
from app.runs.history import COLUMNS, Kind
from tests.runs.recorded import NO_PUSH, RECORDED, Recorded


def recorded(name: str) -> Recorded:
    return next(each for each in RECORDED if each.name == name)


def race(name: str = "default-finished", **lanes: dict[str, Any]) -> RaceResult:
    """A recorded run, in which lanes with these optimizers have these values instead."""
    told = recorded(name)
    changed = [{**lane, **lanes.get(lane["optimizer"], {})} for lane in told.run["lanes"]]
    return RaceResult({**told.run, "lanes": changed}, told.evaluations, [NO_PUSH] * len(changed))


def reached(step: int) -> list[dict[str, Any]]:
    return [{"accuracy": TARGETS[0], "step": step, "seconds": step / 1000}]


def test_every_experiment_is_found_and_its_guesses_differ() -> None:
    names = ["every-example", "pulls-ahead", "one-dial", "same-push", "train-longer", "noise"]
    assert list(all_experiments()) == names
    for each in all_experiments().values():
        keys = [guess.key for guess in each.guesses]
        assert len(set(keys)) == len(keys) > 2


# Who pulls ahead first, and who is ahead at the end.


UNMEASURED = "whether it was because Adam adjusts per weight is not measured here."


def ahead(
    sgd: tuple[int, float],
    momentum: tuple[int, float],
    adam: tuple[int, float],
    gap: tuple[float, float] = (0.07, 0.04),
) -> Answer:
    """Of a race in which each lane passed 90 % after so many batches and ended at so much.

    Adam is so far ahead of SGD after the first epoch, and at the end.
    """
    lanes = {"sgd": sgd, "momentum": momentum, "adam": adam}
    told = race(**{name: {"reached": reached(step), "test_accuracy": end} for name, (step, end) in lanes.items()})
    columns, tables = COLUMNS[Kind.EVALUATIONS], []
    for lane, table in zip(told.run["lanes"], told.evaluations, strict=True):
        early = table[columns.index("step")] <= told.run["batches_per_epoch"]
        measured = table.copy()
        leads = np.where(early, *gap) if lane["optimizer"] == "adam" else 0.0
        measured[columns.index("test_accuracy")] = 0.9 + leads
        tables.append(measured)
    return pulls_ahead.answer(told._replace(evaluations=tables))


def test_first_and_then_overtaken_is_answered_with_both_parts() -> None:
    choice, sentences = ahead((1700, 0.92), (230, 0.97), (60, 0.96))

    assert choice == "adam-caught"
    assert sentences[0] == "Adam passed 90\u202f% after 60 batches; Momentum after 230 and SGD after 1,700."
    assert sentences[1] == (
        "Yet at the end Momentum is ahead with 97.00\u202f%; Adam has 96.00\u202f%, 1.0 point less. "
        "Being first was not winning."
    )
    assert sentences[2] == (
        "The claim holds partly here: Adam was the first to read 90\u202f%; SGD took longest; after the first epoch "
        "Adam was 7.0 points ahead of SGD, at the end Adam was 4.0 points ahead of SGD; " + UNMEASURED
    )


def test_a_gap_that_grows_is_most_visible_late() -> None:
    sentences = ahead((1700, 0.92), (230, 0.97), (60, 0.96), gap=(0.02, 0.04)).sentences
    assert sentences[-1].startswith("The claim holds partly here: Adam was the first to read 90")
    assert sentences[-1].endswith(
        "after the first epoch Adam was 2.0 points ahead of SGD, at the end Adam was 4.0 points ahead of SGD; "
        + UNMEASURED
    )


def test_a_gap_that_has_closed_is_no_gap_of_zero() -> None:
    for late in (0.0, 0.0004, -0.0004):
        sentences = ahead((1700, 0.92), (230, 0.97), (60, 0.96), gap=(0.02, late)).sentences
        assert sentences[-1].endswith(
            f"after the first epoch Adam was 2.0 points ahead of SGD, at the end Adam and SGD were level; {UNMEASURED}"
        )


def test_a_first_one_that_stays_ahead_or_level_is_said_to() -> None:
    choice, sentences = ahead((1700, 0.92), (230, 0.95), (60, 0.96))
    assert (choice, sentences[1]) == ("adam-stays", "Adam is still ahead at the end, with 96.00\u202f%.")
    choice, sentences = ahead((1700, 0.92), (230, 0.9603), (60, 0.96))
    assert choice == "adam-caught"
    assert sentences[1] == ("At the end Momentum (96.03\u202f%) and Adam (96.00\u202f%) are level.")


def test_a_race_that_contradicts_the_claim_says_so() -> None:
    behind = (-0.07, -0.04)
    choice, sentences = ahead((50, 0.97), (230, 0.95), (600, 0.96), behind)
    assert choice == "sgd-first"
    assert sentences[0].startswith("SGD passed 90\u202f% after 50 batches")
    assert sentences[-1] == (
        "The claim does not hold here: SGD was the first to read 90\u202f%; SGD did not take longest; after the first "
        "epoch Adam was 7.0 points behind SGD, at the end Adam was 4.0 points behind SGD."
    )
    sentences = ahead((90, 0.97), (50, 0.95), (600, 0.96), behind).sentences
    assert sentences[-1].startswith("The claim does not hold here: Momentum was the first")
    sentences = ahead((900, 0.97), (50, 0.95), (600, 0.96), behind).sentences
    assert sentences[-1].startswith("The claim holds partly here: Momentum was the first")


def test_a_race_that_does_not_settle_it_gives_no_guess_right() -> None:
    assert ahead((60, 0.97), (230, 0.95), (60, 0.96)).choice is None
    assert pulls_ahead.answer(race("default-lead")).choice is None
    fallen = pulls_ahead.answer(race("diverged-finished"))
    assert fallen.choice is None
    assert fallen.sentences[-1].endswith("fell out, so this race does not settle it.")


# Not all weights need the same push.


def pushed(**slopes: float) -> Answer:
    """Of a race whose lanes push with these slopes over three decades, and move a loud and a quiet weight by them."""
    tables = []
    for lane in recorded("default-finished").run["lanes"]:
        slope = slopes[lane["optimizer"]]
        row = dict.fromkeys(COLUMNS[Kind.PUSH], math.nan)
        row |= {"step": 100, "slope": slope, "decades": 3.0}
        for i in range(EXAMPLES):
            gradient = 10.0 ** -(2 + i)
            row |= {f"gradient_{i}": gradient, f"change_{i}": gradient**slope}
        tables.append(np.array(list(row.values()), np.float32)[:, None])
    told = race()
    return same_push.answer(told._replace(pushes=tables))


def test_the_answer_says_how_much_less_a_quiet_weight_moves_with_each_optimizer() -> None:
    choice, sentences = pushed(sgd=1.0, momentum=1.0, adam=0.25)
    assert choice == "less"
    assert sentences == [
        "By the straight line that fits the weights best, one with a 1,000 times smaller gradient moves 1,000 times "
        "less with SGD, 1,000 times less with Momentum and 6 times less with Adam.",
        "Of the weights that are followed, the one with the largest "
        "gradient moved over the whole run, beside the one with the smallest, 100 times as far with SGD (its gradient: "
        "100 times as large), 100 times as far with Momentum (100 times) and 3 times as far with Adam (100 times).",
        "The claim holds here: with Adam a weight with a 1,000 times smaller gradient moves 6 times less, not 1,000 "
        "times less as at one shared rate: beside that its step is 180 times bigger.",
    ]
    assert pushed(sgd=1.0, adam=0.0, momentum=1.0).sentences[-1].startswith("The claim holds here: with Adam")
    assert pushed(sgd=1.0, adam=1.0, momentum=1.0).sentences[-1] == (
        "The claim does not hold here: with Adam, too, a 1,000 times smaller gradient still moves its weight 1,000 "
        "times less."
    )


def test_weights_off_their_fitted_line_are_given_with_the_least_and_the_most() -> None:
    names = COLUMNS[Kind.PUSH]
    tables = []
    for slope, bend in ((1.0, 1.0), (1.0, 1.0), (0.25, 3.0)):
        table = np.full((len(names), 1), math.nan, np.float32)
        table[names.index("step")], table[names.index("slope")], table[names.index("decades")] = 100, slope, 3.0
        for half_decade in range(8):
            # The last two pairs of medians that are three decades apart, one of them bent.
            median = 10 ** (slope * half_decade / 2) * (bend if half_decade == 7 else 1)
            table[names.index(f"q50_{half_decade}")] = median
        tables.append(table)

    sentences = same_push.answer(race()._replace(pushes=tables)).sentences

    assert sentences[1] == (
        "The weights are not all on their line: between medians that far apart it is 1,000 times less with "
        "SGD, 1,000 times less with Momentum and 6 to 17 times less with Adam."
    )


def test_weights_are_compared_over_the_whole_run_not_by_its_last_moment() -> None:
    names = COLUMNS[Kind.PUSH]
    table = np.full((len(names), 3), math.nan, np.float32)
    table[names.index("step")] = [1, 2, 3]
    table[names.index("slope")], table[names.index("decades")] = 1.0, 3.0
    # Before weights are known, and while both move, and when the quiet one has hardly any gradient.
    for i, values in enumerate([(4, 6), (1, 1)], start=1):
        table[names.index(f"gradient_{i}"), 1:] = table[names.index(f"change_{i}"), 1:] = values
    table[names.index("gradient_2"), 2] = 1e-9
    told = race()

    sentences = same_push.answer(told._replace(pushes=[table] * len(told.pushes))).sentences

    # 5 beside a half, and 5 beside 1.
    beside = "moved over the whole run, beside the one with the smallest, 5 times as far with SGD"
    assert f"{beside} (its gradient: 10 times as large), " in sentences[1]


def test_what_moves_as_far_is_not_told_as_once_or_no_times_less() -> None:
    for ends, told in (
        ((1.0, 27.0), "up to 27 times less (in places as far)"),
        ((0.3, 27.0), "up to 27 times less (in places 3 times as far)"),
        ((0.3, 0.9), "as far to 3 times as far"),
        ((0.9, 1.1), "as far"),
        ((6.0, 6.0), "6 times less"),
        ((6.0, 17.0), "6 to 17 times less"),
    ):
        assert same_push.range_of(*ends) == told


@pytest.mark.parametrize(("slope", "choice"), [(0.0, "same"), (-0.1, "same"), (0.25, "less"), (0.95, "like-sgd")])
def test_the_push_of_adam_is_judged_by_what_was_measured(slope: float, choice: str) -> None:
    assert pushed(sgd=1.0, momentum=1.0, adam=slope).choice == choice


def test_without_a_push_nothing_is_claimed() -> None:
    assert same_push.answer(race()).choice is None


# Train longer and something breaks.


def trained(*rows: tuple[float, float, float]) -> Answer:
    """Of a lane evaluated with these training accuracies, test accuracies and test losses, an epoch after the other."""
    told = recorded("learned-by-heart")
    columns = dict.fromkeys(COLUMNS[Kind.EVALUATIONS], np.zeros(len(rows)))
    train, test, loss = np.array(rows).T
    steps = np.arange(1, len(rows) + 1) * told.run["batches_per_epoch"]
    columns |= {"step": steps, "train_accuracy": train, "test_accuracy": test, "test_loss": loss}
    run = {**told.run, "status": "finished"}
    return train_longer.answer(RaceResult(run, [np.array(list(columns.values()), np.float32)], [NO_PUSH]))


def test_a_test_accuracy_that_stalls_while_the_loss_turns_is_recognized() -> None:
    choice, sentences = trained(
        (0.95, 0.95, 0.15), (0.98, 0.975, 0.08), (0.992, 0.98, 0.07), (0.998, 0.98, 0.085), (0.999, 0.98, 0.1),
        (1.0, 0.979, 0.11),
    )  # fmt: skip
    assert choice == "stalls"
    assert sentences == [
        "Training accuracy passed 99\u202f% in epoch 3 and ends at 100.00\u202f% over all training digits.",
        "Test accuracy was best in epoch 3 with 98.00\u202f% and ends at 97.90\u202f%: it stalls, it does not drop.",
        "The loss shows what breaks: on unseen digits it turned in epoch 3, and rose from 0.070 to 0.110.",
        "The claim holds partly here: training accuracy passed 99\u202f%; test accuracy stalled; it did not drop; it "
        "is memorizing: the test loss rose again while the gap to training accuracy was open.",
    ]


def test_a_loss_that_has_come_down_again_is_not_said_to_have_risen_to_what_it_was() -> None:
    sentences = trained(
        (0.95, 0.95, 0.15), (0.98, 0.975, 0.08), (0.992, 0.98, 0.07), (0.998, 0.98, 0.085), (0.999, 0.98, 0.1),
        (1.0, 0.98, 0.09), (1.0, 0.979, 0.0701),
    ).sentences  # fmt: skip
    assert sentences[2] == (
        "The loss shows what breaks: on unseen digits it turned in epoch 3, and rose from 0.070 to 0.100 at its "
        "highest; its last is 0.070."
    )


def test_a_test_accuracy_that_drops_or_climbs_is_recognized() -> None:
    drops = trained((0.95, 0.95, 0.15), (0.98, 0.98, 0.08), (1.0, 0.97, 0.07), (1.0, 0.965, 0.06))
    assert drops.choice == "drops"
    assert "dropped to 96.50\u202f%, 1.5 points lower" in drops.sentences[1]
    assert drops.sentences[-1].startswith("The claim holds partly here: training accuracy passed")
    assert drops.sentences[-1].endswith("it dropped; no sign of memorizing: the test loss has not turned.")
    memorized = trained((0.98, 0.98, 0.08), (1, 0.98, 0.07), (1, 0.975, 0.09), (1, 0.97, 0.1), (1, 0.965, 0.11))
    assert memorized.sentences[-1].startswith("The claim holds here: training accuracy passed")
    climbs = trained((0.9, 0.9, 0.3), (0.92, 0.92, 0.25), (0.94, 0.94, 0.2), (0.95, 0.95, 0.15))
    assert climbs.choice == "climbs"
    assert climbs.sentences[0] == "Training accuracy did not pass 99\u202f%: it reached 95.00\u202f%."
    assert climbs.sentences[-1].startswith("The claim does not hold here: training accuracy did not pass")
    assert climbs.sentences[2] == "The test loss has not turned: its last is its lowest, 0.150."
