"""How many lessons there may be, how long each lives, and what room a class has."""

from collections.abc import Iterator

import pytest

from app.errors import LessonNotFound, QuotaExceeded, RateLimited, TooManyLessons
from app.lessons import lessons as module
from app.lessons.lesson import Lesson, Shown
from app.lessons.lessons import ADDRESSES, AT_ONCE, LEFT_AFTER_S, LIVES_S, MOST_LESSONS, PLACES, STARTS, VOTES, Lessons

GUESSES = {"adam": "Adam", "sgd": "SGD"}


class Clock:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    monkeypatch.setattr("app.quotas.monotonic", clock)
    return clock


def start(lessons: Lessons, visitor: str = "teacher", address: str = "school") -> Lesson:
    return lessons.start("pulls-ahead", GUESSES, "owner", visitor, address)


def test_a_lesson_is_found_until_its_hours_are_over(clock: Clock) -> None:
    lessons = Lessons()
    lesson = start(lessons)

    clock.now = LIVES_S - 1
    assert lessons.find(lesson.id) is lesson
    clock.now = LIVES_S
    with pytest.raises(LessonNotFound, match="a few hours"):
        lessons.find(lesson.id)
    assert lessons.places_at("school") == 0


def test_one_visitor_has_so_many_at_once_and_within_an_hour(clock: Clock) -> None:
    lessons = Lessons()
    for _ in range(AT_ONCE):
        start(lessons)
    with pytest.raises(QuotaExceeded, match="at once") as refused:
        start(lessons)
    assert (refused.value.limit, refused.value.retry_after_s) == ("lessons", LIVES_S)
    start(lessons, "another")


def test_starts_are_counted_by_the_hour(clock: Clock) -> None:
    lessons = Lessons()
    for number in range(STARTS.amount):
        lessons._end(start(lessons))
        clock.now = number
    with pytest.raises(QuotaExceeded, match="within an hour"):
        start(lessons)
    clock.now = STARTS.per_s + 1
    start(lessons)


def test_when_there_are_as_many_as_may_be_one_that_was_left_makes_room(clock: Clock) -> None:
    lessons = Lessons()
    held = [start(lessons, f"visitor {number}") for number in range(MOST_LESSONS)]
    with pytest.raises(TooManyLessons):
        start(lessons)

    clock.now = LEFT_AFTER_S
    for lesson in held[1:]:
        lessons.seen(lesson)
    start(lessons)

    with pytest.raises(LessonNotFound):
        lessons.find(held[0].id)
    assert lessons.find(held[1].id) is held[1]


def test_a_class_has_room_where_it_opens_the_lesson_and_as_much_for_two_as_for_one(clock: Clock) -> None:
    lessons = Lessons()
    one, other = start(lessons), start(lessons)
    lessons.let_in(one, "second network")

    assert (lessons.places_at("school"), lessons.places_at("second network")) == (PLACES, PLACES)
    assert lessons.places_at("elsewhere") == 0
    lessons._end(one)
    assert (lessons.places_at("school"), lessons.places_at("second network")) == (PLACES, 0)
    lessons._end(other)
    assert lessons.places_at("school") == 0


def test_a_lesson_makes_room_at_so_many_addresses_alone(clock: Clock) -> None:
    lessons = Lessons()
    lesson = start(lessons)
    for number in range(ADDRESSES):
        lessons.let_in(lesson, f"address {number}")

    assert lessons.places_at(f"address {ADDRESSES - 2}") == PLACES
    assert lessons.places_at(f"address {ADDRESSES - 1}") == 0


def test_a_browser_votes_so_often_within_a_minute_and_others_go_on(clock: Clock) -> None:
    lessons = Lessons()
    lesson = start(lessons)
    for _ in range(VOTES.amount):
        lessons.vote(lesson, "browser", "adam")

    with pytest.raises(RateLimited) as refused:
        lessons.vote(lesson, "browser", "sgd")
    assert (refused.value.limit, refused.value.retry_after_s) == ("votes", VOTES.per_s)
    lessons.vote(lesson, "another", "sgd")


def test_the_lesson_that_shows_a_run_is_known(clock: Clock) -> None:
    lessons = Lessons()
    lesson = start(lessons)
    lesson.reveal(Shown("run", "a run"))

    assert lessons.showing("a run")
    assert not lessons.showing("another")


def test_a_class_has_its_room_at_every_server(clock: Clock) -> None:
    holding, other = Lessons(), Lessons()
    lesson = start(holding)
    lesson.reveal(Shown("run", "a run"))

    other.hold_elsewhere(holding.classes)

    assert (other.places_at("school"), other.places_at("elsewhere")) == (PLACES, 0)
    assert (other.showing("a run"), other.showing("another")) == (True, False)
    clock.now = LIVES_S
    other.hold_elsewhere(holding.classes)
    assert (other.places_at("school"), other.showing("a run")) == (0, False)
