"""A small valid folder of IDX files, and a place for what is prepared from it."""

from pathlib import Path

import pytest

from tests.training.idx import write_idx


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_idx(tmp_path / "source")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
