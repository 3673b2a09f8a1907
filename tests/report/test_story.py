"""Recorded runs have the sentences of the fixtures."""

import math
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from app.report.lane_names import names
from app.report.story import MOST_SENTENCES, emphasised_story, story
from app.runs.history import COLUMNS, Kind
from tests.runs.recorded import NO_PUSH, RECORDED, Recorded

EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.name)


@EACH
def test_a_recorded_run_has_these_sentences(recorded: Recorded) -> None:
    assert emphasised_story(recorded.run, recorded.evaluations, recorded.pushes) == recorded.expected["sentences"]


@EACH
def test_what_begins_to_be_emphasised_ends(recorded: Recorded) -> None:
    pieces = [sentence.split("**") for sentence in recorded.expected["sentences"]]
    assert all(len(each) % 2 == 1 and all(each[1::2]) for each in pieces)
    assert story(recorded.run, recorded.evaluations, recorded.pushes) == ["".join(each) for each in pieces]


@EACH
def test_a_story_has_one_to_three_sentences(recorded: Recorded) -> None:
    assert 1 <= len(recorded.expected["sentences"]) <= MOST_SENTENCES


@EACH
def test_lanes_are_called_by_their_optimizer_and_by_what_differs(recorded: Recorded) -> None:
    assert names(recorded.run["config"]) == recorded.expected["names"]


@pytest.mark.parametrize(
    "words",
    [
        "leads with", "wins with", "finish in a virtual tie", "is catching up", "took the lead", "The lead changed",
        "overtook it", "was first to", "so far", "None of the networks reached", "diverged at batch", "failed at batch",
        "Every lane failed", "test loss has risen", "A gap is opening", "learning rate went from", "Paused after",
        "Stopped after", "in the queue", "Still guessing", "None of them learned to read", "is paused",
        "because no one was watching", "only the update rule differs",
    ],
)  # fmt: skip
def test_every_kind_of_sentence_is_recorded(words: str) -> None:
    assert any(words in " ".join(story(recorded.run, recorded.evaluations, recorded.pushes)) for recorded in RECORDED)


@pytest.mark.parametrize(("name", "others"), [("default-finished", "both"), ("six-lanes", "all others")])
def test_equal_margins_are_mentioned_once(name: str, others: str) -> None:
    recorded = next(each for each in RECORDED if each.name == name)
    first, *rest = recorded.run["lanes"]
    lanes = [{**first, "test_accuracy": 0.96}, *({**lane, "test_accuracy": 0.95} for lane in rest)]
    told = story({**recorded.run, "status": "finished", "lanes": lanes}, recorded.evaluations, recorded.pushes)

    assert f"wins with 96.00\u202f% correct on unseen digits, 1.0 point ahead of {others}." in told[0]


MEMORIZING = "It is memorizing the training digits."


def learning_by_heart(*test_losses: float) -> str:
    """The sentence about a lane that is better on training digits than on unseen ones, with these test losses."""
    recorded = next(each for each in RECORDED if each.name == "learning-by-heart")
    evaluations = recorded.evaluations[0][:, -len(test_losses) :].copy()
    evaluations[3] = test_losses
    evaluations[COLUMNS[Kind.EVALUATIONS].index("train_accuracy")] = 1
    return " ".join(story(recorded.run, [evaluations], recorded.pushes))


def test_one_high_test_loss_is_noise_and_no_memorizing() -> None:
    assert MEMORIZING not in learning_by_heart(0.2, 0.1, 0.2, 0.1, 0.2)
    assert MEMORIZING in learning_by_heart(0.2, 0.1, 0.12, 0.13, 0.12)


def test_a_lane_that_memorizes_goes_on_doing_so_until_its_loss_is_lower_than_ever() -> None:
    assert MEMORIZING in learning_by_heart(0.2, 0.1, 0.12, 0.13, 0.12, 0.105)
    assert MEMORIZING not in learning_by_heart(0.2, 0.1, 0.12, 0.13, 0.12, 0.09)


def test_the_losses_that_are_told_show_the_rise_even_if_the_loss_has_fallen_since() -> None:
    told = learning_by_heart(0.2, 0.1, 0.12, 0.13, 0.12, 0.105)
    assert re.search(r"0\.100 at batch [\d,]+, 0\.120 at batch [\d,]+\. It is memorizing", told)
    assert re.search(
        r"0\.100 at batch [\d,]+, 0\.130 now\. It is memorizing", learning_by_heart(0.2, 0.1, 0.12, 0.13, 0.13)
    )


def test_lanes_that_are_apart_are_compared_at_the_newest_batch_that_all_were_measured_after() -> None:
    recorded = next(each for each in RECORDED if each.name == "default-lead")
    columns = COLUMNS[Kind.EVALUATIONS]

    def told(*scores: list[float]) -> str:
        """The first sentence of a race whose lanes have these accuracies after batches 100, 200 and so on."""
        rows = [{"step": [100 * (i + 1) for i in range(len(each))], "test_accuracy": each} for each in scores]
        tables = [np.array([row.get(name, [0] * len(row["step"])) for name in columns], np.float32) for row in rows]
        lanes = [
            {**lane, "test_accuracy": each[-1], "steps": 100 * len(each)}
            for lane, each in zip(recorded.run["lanes"], scores, strict=True)
        ]
        return story({**recorded.run, "lanes": lanes}, tables, recorded.pushes)[0].replace("\u202f", " ")

    alike = [0.5, 0.6, 0.7, 0.8]
    assert told(alike[:2], alike, alike[:3]) == (
        "Compared at batch 200, SGD, Momentum and Adam are in a virtual tie: "
        "60.00 %, 60.00 % and 60.00 % correct on unseen digits."
    )
    assert told([0.5, 0.6], [0.4, 0.5, 0.9], [0.3, 0.4]) == (
        "Compared at batch 200, SGD leads with 60.00 % correct on unseen digits, 10.0 points ahead of Momentum."
    )
    assert told([0.1], [0.11, 0.5, 0.9], [0.1, 0.3]) == ("Compared at batch 100, all were still guessing.")
    assert told([0.5, 0.6], [0.4, 0.5], [0.3, 0.4]).endswith("unseen digits, 10.0 points ahead of Momentum.")


@pytest.mark.parametrize(
    ("quick", "second", "words"),
    [
        ((False, True), 0.789, "Adam leads with 87.76 % correct on unseen digits, 8.9 points ahead of Momentum."),
        ((False, True), 0.870, "Adam and Momentum are in a virtual tie: 87.76 % and 87.00 % correct on unseen digits."),
        ((True, True), 0.870, "Adam leads with 87.76 % correct on unseen digits, 0.8 points ahead of Momentum."),
        ((True, True), 0.875, "Adam and Momentum are in a virtual tie: 87.76 % and 87.50 % correct on unseen digits."),
        ((False, False), 0.875, "Adam leads with 87.76 % correct on unseen digits, 0.3 points ahead of Momentum."),
    ],
)
def test_the_newest_batch_counts_even_if_some_lanes_were_measured_by_fewer_digits_there(
    quick: tuple[bool, bool], second: float, words: str
) -> None:
    recorded = next(each for each in RECORDED if each.name == "default-lead")
    columns = COLUMNS[Kind.EVALUATIONS]

    def measured(newest: float, by_a_part: bool) -> NDArray[np.float32]:
        """Evaluations after batches 30 and 37."""
        row = {"step": [30, 37], "test_accuracy": [newest - 0.1, newest], "quick": [1, by_a_part]}
        return np.array([row.get(name, [0.0, 0.0]) for name in columns], np.float32)

    scores, parts = [0.65, second, 0.8776], [quick[1], quick[1], quick[0]]
    run = {
        **recorded.run,
        "lanes": [
            {**lane, "test_accuracy": score, "quick": part, "steps": 40}
            for lane, score, part in zip(recorded.run["lanes"], scores, parts, strict=True)
        ],
    }
    told = story(run, [measured(*each) for each in zip(scores, parts, strict=True)], recorded.pushes)[0]

    assert told.replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("steps", "begins"),
    [((110, 110, 110), "Paused after batch 110: "), ((104, 110, 106), "Paused after batches 104 to 110: ")],
)
def test_a_paused_race_says_how_far_its_lanes_are(steps: tuple[int, ...], begins: str) -> None:
    recorded = next(each for each in RECORDED if each.name == "default-early")
    rows = [each[:, :-1] if lane == 1 else each for lane, each in enumerate(recorded.evaluations)]
    newest = min(each[0, -1] for each in rows)
    alike = [each[:, each[0] <= newest] for each in rows]
    lanes = [{**lane, "steps": each} for lane, each in zip(recorded.run["lanes"], steps, strict=True)]
    told = story({**recorded.run, "status": "paused", "lanes": lanes}, alike, recorded.pushes)

    assert told[0].startswith(begins)


def test_a_lane_whose_newest_loss_is_not_finite_is_still_mentioned() -> None:
    recorded = next(each for each in RECORDED if each.name == "learning-by-heart")
    evaluations = recorded.evaluations[0].copy()
    evaluations[3, -1] = math.nan

    assert emphasised_story(recorded.run, [evaluations], recorded.pushes)[0] == recorded.expected["sentences"][0]


def guessing(steps: int, losses: tuple[float, float], lanes: int = 3) -> str:
    """The first sentence of a finished race in which all read as well as guessing does."""
    recorded = next(each for each in RECORDED if each.name == "default-finished")
    config = {**recorded.run["config"], "lanes": recorded.run["config"]["lanes"][:lanes]}
    ended = {"test_accuracy": 0.1, "steps": steps, "ended_at": steps, "reached": []}
    run = {**recorded.run, "config": config, "lanes": [{**lane, **ended} for lane in recorded.run["lanes"][:lanes]]}
    rows = {
        "step": [0, steps],
        "test_accuracy": [0.1, 0.1],
        "test_loss": losses,
        "train_accuracy": [0.1, 0.1],
        "quick": [0, 0],
    }
    table = np.array([rows.get(name, [0.1] * 2) for name in COLUMNS[Kind.EVALUATIONS]], np.float32)
    return story(run, [table] * lanes, [NO_PUSH] * lanes)[0]


def test_advice_for_lanes_near_chance_follows_from_their_numbers() -> None:
    given = "10.00\u202f% correct on unseen digits is no better than guessing"

    assert guessing(1, (2.4, 2.3)) == (
        f"None of them learned to read. {given}; one batch teaches too little: more epochs or smaller batches help."
    )
    assert f"{given}; 29 batches teach too little: more" in guessing(29, (2.4, 9.0))
    assert f"{given}; a smaller learning rate may help." in guessing(30, (2.4, 9.0))
    assert f"{given}; another learning rate may help." in guessing(937, (2.4, 2.3))
    assert guessing(937, (2.4, 9.0), lanes=1).startswith("SGD did not learn to read. 10.00")


def test_the_few_digits_of_a_quick_evaluation_change_no_lead() -> None:
    recorded = next(each for each in RECORDED if each.name == "default-finished")
    columns = COLUMNS[Kind.EVALUATIONS]

    def tables(ahead: float, quick: float) -> list[NDArray[np.float32]]:
        """Momentum is ahead at the second evaluation and Adam at the third; SGD is behind both."""
        scores = [[0.1, 0.3, 0.5], [0.1, 0.6 + ahead, 0.9], [0.1, 0.6, 0.95]]
        rows = [{"step": [0, 10, 937], "test_accuracy": each, "quick": [quick, quick, 0]} for each in scores]
        return [np.array([row.get(name, [0.3] * 3) for name in columns], np.float32) for row in rows]

    def told(ahead: float, quick: float) -> str:
        newest = zip(recorded.run["lanes"], (0.5, 0.9, 0.95), strict=True)
        run = {**recorded.run, "lanes": [{**lane, "test_accuracy": score} for lane, score in newest]}
        return " ".join(story(run, tables(ahead, quick), [NO_PUSH] * 3))

    for ahead, quick, changed in [(0.004, 0, True), (0.004, 1, False), (0.006, 1, True)]:
        assert ("Momentum led until Adam overtook it" in told(ahead, quick)) is changed


def test_quick_evaluations_do_not_say_that_a_lane_is_catching_up() -> None:
    recorded = next(each for each in RECORDED if each.name == "default-closing-in")
    tables = [table.copy() for table in recorded.evaluations]
    for table in tables:
        table[COLUMNS[Kind.EVALUATIONS].index("quick")] = 1

    assert "catching up" in " ".join(story(recorded.run, recorded.evaluations, recorded.pushes))
    assert "catching up" not in " ".join(story(recorded.run, tables, recorded.pushes))


def test_accuracies_of_other_digits_are_not_compared_around_a_change_of_the_learning_rate() -> None:
    recorded = next(each for each in RECORDED if each.name == "rate-change")
    (change,) = [each for lane in recorded.run["lanes"] for each in lane["learning_rate_changes"]]
    tables = [table.copy() for table in recorded.evaluations]
    for table in tables:
        steps, quick = (table[COLUMNS[Kind.EVALUATIONS].index(name)] for name in ("step", "quick"))
        quick[steps < change["step"]] = 1

    assert "accuracy was" in " ".join(story(recorded.run, recorded.evaluations, recorded.pushes))
    assert "accuracy was" not in " ".join(story(recorded.run, tables, recorded.pushes))
