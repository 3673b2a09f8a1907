"""Recorded runs are told in the sentences that the fixtures hold."""

import math

import pytest

from app.report.lane_names import names
from app.report.story import MOST_SENTENCES, emphasised_story, story
from tests.runs.recorded import RECORDED, Recorded

EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.name)


@EACH
def test_a_recorded_run_is_told_in_its_sentences(recorded: Recorded) -> None:
    assert emphasised_story(recorded.run, recorded.evaluations) == recorded.expected["sentences"]


@EACH
def test_what_begins_to_be_emphasised_ends(recorded: Recorded) -> None:
    pieces = [sentence.split("**") for sentence in recorded.expected["sentences"]]
    assert all(len(each) % 2 == 1 and all(each[1::2]) for each in pieces)
    assert story(recorded.run, recorded.evaluations) == ["".join(each) for each in pieces]


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
        "Every lane failed", "test loss is rising", "A gap is opening", "learning rate went from", "Paused after",
        "Stopped after", "in the queue", "Still guessing", "None of them learned to read", "is paused",
        "because no one was watching", "only the update rule differs",
    ],
)  # fmt: skip
def test_every_kind_of_sentence_is_recorded(words: str) -> None:
    assert any(words in " ".join(story(recorded.run, recorded.evaluations)) for recorded in RECORDED)


@pytest.mark.parametrize(("name", "others"), [("default-finished", "both"), ("six-lanes", "all others")])
def test_equal_margins_are_told_once(name: str, others: str) -> None:
    recorded = next(each for each in RECORDED if each.name == name)
    first, *rest = recorded.run["lanes"]
    lanes = [{**first, "test_accuracy": 0.96}, *({**lane, "test_accuracy": 0.95} for lane in rest)]
    told = story({**recorded.run, "status": "finished", "lanes": lanes}, recorded.evaluations)

    assert f"wins with 96.00\u202f% correct on unseen digits, 1.0 point ahead of {others}." in told[0]


def test_one_high_test_loss_is_noise_and_no_learning_by_heart() -> None:
    recorded = next(each for each in RECORDED if each.name == "learning-by-heart")
    evaluations = recorded.evaluations[0].copy()
    lowest = evaluations[3, :-3].min()
    evaluations[3, -2] = lowest

    assert "rising" in " ".join(story(recorded.run, recorded.evaluations))
    assert "rising" not in " ".join(story(recorded.run, [evaluations]))


def test_a_lane_whose_newest_loss_is_no_number_is_told_all_the_same() -> None:
    recorded = next(each for each in RECORDED if each.name == "learning-by-heart")
    evaluations = recorded.evaluations[0].copy()
    evaluations[3, -1] = math.nan

    assert emphasised_story(recorded.run, [evaluations])[0] == recorded.expected["sentences"][0]
