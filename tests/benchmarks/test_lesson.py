"""A small lesson on a real server: all vote, and what is not enough is called so."""

from pathlib import Path

import pytest

from app.settings import Settings
from benchmarks.classroom.voting import Measured, measure_lesson, well


@pytest.mark.slow
def test_every_phone_votes_and_follows(few_idx_files: Path, tmp_path: Path) -> None:
    measured = measure_lesson(Settings(data_dir=few_idx_files, cache_dir=tmp_path), phones=12, asked_s=0.1)

    assert (measured.voters, measured.refused) == (12, 0)
    assert len(measured.asked_ms) == 12
    assert well(measured._replace(voted_s=1.0, asked_ms=[1.0], share=0.1), phones=12)


@pytest.mark.parametrize(
    "wrong", [{"voters": 299}, {"refused": 1}, {"voted_s": 5.1}, {"asked_ms": [1001.0]}, {"share": 0.26}]
)
def test_what_is_not_enough_is_called_so(wrong: dict) -> None:
    enough = Measured(voters=300, refused=0, voted_s=5.0, asked_ms=[1000.0], share=0.25)

    assert well(enough)
    assert not well(enough._replace(**wrong))
