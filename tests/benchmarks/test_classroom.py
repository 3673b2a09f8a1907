"""A small class on a real server: everyone sees curves, and no one is refused."""

from pathlib import Path

import pytest

from app.config import RunConfig
from app.settings import Settings
from benchmarks.classroom.pressing import measure_classroom, students, table, well


@pytest.mark.slow
def test_everyone_in_a_class_sees_a_race(few_idx_files: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=few_idx_files, cache_dir=tmp_path, max_running=1)
    race = RunConfig(epochs=5, hidden=[16])

    seen = measure_classroom(settings, students(12, changed_every=3, within_s=1, race=race), max_turn_s=1)

    assert len(seen) == 13
    assert all(not each.refusals for each in seen)
    own = [each for each in seen if each.own_s is not None]
    # Four with a seed of their own, the teacher, and the first of the others.
    assert 6 <= len(own) < 13
    assert {each.answer for each in seen} >= {"the class's race", "own race, queued"}
    assert all(each.seen_s <= each.own_s for each in own)
    assert table("A class", seen).row_count >= 7
    assert well([each._replace(seen_s=30.0) for each in seen])
    assert not well([each._replace(seen_s=30.1) for each in seen])
    assert not well([each._replace(refusals=["too_many"]) for each in seen])
