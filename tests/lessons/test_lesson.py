"""A lesson: one vote a browser, hidden at first, closed by the answer."""

import pytest

from app.errors import InvalidVote, TooManyVoters, VotingClosed
from app.lessons.lesson import MOST_VOTERS, Lesson, Shown

GUESSES = {"adam": "Adam", "sgd": "SGD"}
RUN = Shown("run", "some-run")


@pytest.fixture
def lesson() -> Lesson:
    return Lesson("id", "pulls-ahead", GUESSES, "owner")


def voted(lesson: Lesson, *choices: str) -> None:
    for number, choice in enumerate(choices):
        lesson.vote(f"browser-{number}", choice)


def test_a_vote_is_one_a_browser_and_can_be_changed(lesson: Lesson) -> None:
    voted(lesson, "adam", "adam", "sgd")
    lesson.vote("browser-0", "sgd")
    lesson.show_votes(True)

    told = lesson.describe()
    assert (told["voters"], told["votes"]) == (3, {"adam": 1, "sgd": 2})
    assert lesson.vote_of("browser-0") == "sgd"
    assert lesson.vote_of("another") is None


def test_votes_are_hidden_until_they_are_shown_or_the_answer_is(lesson: Lesson) -> None:
    voted(lesson, "adam")
    assert (lesson.describe()["voters"], lesson.describe()["votes"]) == (1, None)
    lesson.show_votes(True)
    assert lesson.describe()["votes"] == {"adam": 1, "sgd": 0}
    lesson.show_votes(False)
    assert lesson.describe()["votes"] is None
    lesson.reveal(RUN)
    assert lesson.describe()["votes"] == {"adam": 1, "sgd": 0}


@pytest.mark.parametrize(("answer", "right"), [("adam", 2), ("sgd", 1), (None, None)])
def test_how_many_were_right_follows_from_what_came_out(lesson: Lesson, answer: str | None, right: int | None) -> None:
    voted(lesson, "adam", "sgd", "adam")
    lesson.reveal(RUN)
    assert (lesson.describe()["outcome"], lesson.right) == (None, None)

    lesson.settle(answer, ["A sentence."])

    assert lesson.right == right
    assert lesson.describe()["outcome"] == {"choice": answer, "sentences": ["A sentence."]}


def test_no_vote_counts_once_the_answer_is_revealed(lesson: Lesson) -> None:
    voted(lesson, "adam")
    lesson.reveal(RUN)

    with pytest.raises(VotingClosed, match="revealed"):
        lesson.vote("browser-0", "sgd")
    assert lesson.describe()["votes"] == {"adam": 1, "sgd": 0}


def test_another_run_is_answered_anew(lesson: Lesson) -> None:
    voted(lesson, "adam")
    lesson.reveal(RUN)
    lesson.settle("adam", [])
    lesson.reveal(RUN)
    assert lesson.right == 1

    lesson.reveal(Shown("run", "another"))
    assert lesson.right is None
    assert lesson.describe()["result"] == {"kind": "run", "id": "another"}


def test_a_vote_for_none_of_the_guesses_says_which_there_are(lesson: Lesson) -> None:
    with pytest.raises(InvalidVote, match="one of 'adam', 'sgd'; got 'lion'"):
        lesson.vote("browser-0", "lion")


def test_made_up_browsers_are_bounded_and_those_that_have_voted_may_still_change(lesson: Lesson) -> None:
    voted(lesson, *["adam"] * MOST_VOTERS)

    with pytest.raises(TooManyVoters):
        lesson.vote("one more", "adam")
    lesson.vote("browser-0", "sgd")
    assert lesson.describe()["voters"] == MOST_VOTERS
