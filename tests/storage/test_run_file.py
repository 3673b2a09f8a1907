"""One run in a file of its own, as the recorded race on the landing page is."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.config import RunConfig
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.storage.run_file import read_run, write_run
from app.training.dataset import Dataset
from tests.storage.test_store import same


@pytest.fixture
async def run(manager: Manager) -> Run:
    return await manager.wait(manager.start(RunConfig.of({"hidden": [4], "epochs": 2, "batch_size": 1})).id)


async def test_a_run_is_read_from_a_file_in_a_place_where_nothing_can_be_written(run, few_digits, tmp_path):
    file = tmp_path / "shipped" / "race.db"
    write_run(run, file, "recorded", few_digits)
    assert [each.name for each in file.parent.iterdir()] == ["race.db"]
    file.chmod(0o444)
    file.parent.chmod(0o555)

    found = read_run(file, "recorded", few_digits)

    assert found and found.id == "recorded"
    found.id = run.id
    same(found, run)
    assert [each.name for each in file.parent.iterdir()] == ["race.db"]


async def test_writing_again_leaves_nothing_of_before(run, few_digits: Dataset, tmp_path: Path):
    file = tmp_path / "race.db"
    write_run(run, file, "first", few_digits)
    size = file.stat().st_size

    write_run(run, file, "second", few_digits)

    assert read_run(file, "first", few_digits) is None
    assert file.stat().st_size == size


async def test_a_file_takes_little_more_room_than_what_is_in_it(run, few_digits: Dataset, tmp_path: Path):
    file = tmp_path / "race.db"
    write_run(run, file, "recorded", few_digits)

    with closing(sqlite3.connect(file)) as connection:
        [[content]] = connection.execute("SELECT bytes FROM runs")

    assert content < file.stat().st_size < content + 40_000


@pytest.mark.parametrize("changed", ["test_labels", "test_images"])
async def test_a_run_of_other_digits_is_none_of_ours(run, few_digits: Dataset, tmp_path: Path, changed: str):
    other = {changed: 9 - few_digits.test_labels if changed == "test_labels" else 255 - few_digits.test_images}
    write_run(run, tmp_path / "race.db", "recorded", few_digits)

    assert read_run(tmp_path / "race.db", "recorded", few_digits._replace(**other)) is None


@pytest.mark.parametrize("folder", ["C#", "100%", "50%25", "what?", "a b", "mode=rw&x", "ü", os.fsdecode(b"\xff\xfe")])
async def test_a_file_is_read_from_a_folder_of_any_name(run, few_digits: Dataset, tmp_path: Path, folder: str):
    file = tmp_path / folder / "race.db"
    write_run(run, file, "recorded", few_digits)

    assert read_run(file, "recorded", few_digits)
