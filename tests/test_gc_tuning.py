"""What is only held by itself is found: the newest within a second, the old when that is worth a look through all."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from app.gc_tuning import ALL_EVERY_S, FEW_VIEWERS, Garbage

OLDEST = 2


class Loop:
    """Holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    thresholds = gc.get_threshold()
    yield Garbage(now=0.0)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def left_behind(generation: int) -> weakref.ref[Loop]:
    """An object without references, after it has lived for so long."""
    loop = Loop()
    for _ in range(generation):
        gc.collect(OLDEST)
    return weakref.ref(loop)


def test_what_is_new_is_gone_within_a_second(garbage):
    new = left_behind(0)

    garbage.collect(now=1.0, viewers=3_000, left=0)

    assert new() is None


def test_what_had_lasted_is_gone_within_a_minute_where_few_watch(garbage):
    old = left_behind(OLDEST)

    garbage.collect(now=ALL_EVERY_S - 1, viewers=FEW_VIEWERS, left=0)
    assert old() is not None
    garbage.collect(now=ALL_EVERY_S, viewers=FEW_VIEWERS, left=0)

    assert old() is None


def test_a_crowd_is_looked_through_once_as_many_have_left_as_are_there(garbage):
    old = left_behind(OLDEST)

    garbage.collect(now=ALL_EVERY_S, viewers=3_000, left=2_999)
    assert old() is not None
    garbage.collect(now=ALL_EVERY_S + 1, viewers=3_000, left=3_000)
    assert old() is None

    old = left_behind(OLDEST)
    garbage.collect(now=3 * ALL_EVERY_S, viewers=3_000, left=5_999)
    assert old() is not None
