"""Copies of the runs' file: made while a server goes on, put back when none does, and never a damaged one."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from app.errors import BadDatabaseUrl
from app.settings import Settings
from app.storage.backup import back_up, database_file, restore
from app.storage.database import Damaged, Database
from tests.server_process import command, described, pieces_saved, served, start_racing
from tests.storage.test_database import ids, run_of, write
from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


def kept_in(file: Path, *names: str) -> None:
    """Runs of these ids, written by a server that was killed: the newest are in the log beside the file."""
    database = Database(file, "digits")
    database.open()
    write(database, *map(run_of, names))
    killed = file.with_name("killed")
    killed.mkdir()
    for each in file.parent.glob(f"{file.name}*"):
        shutil.copy(each, killed)
    database.close()
    for each in killed.iterdir():
        each.replace(file.with_name(each.name))
    killed.rmdir()
    assert Path(f"{file}-wal").stat().st_size


def found_in(file: Path, *names: str) -> list[str]:
    database = Database(file, "digits")
    database.open()
    try:
        return ids(database, *map(run_of, names))
    finally:
        database.close()


def damage(file: Path) -> None:
    """Bytes of another disk in the middle of its tables."""
    with file.open("rb+") as data:
        data.seek(4096)
        data.write(os.urandom(3 * 4096))


def test_a_copy_has_what_is_in_the_log_and_is_one_file(tmp_path):
    kept_in(tmp_path / "runs.db", "a", "b")

    assert back_up(tmp_path / "runs.db", tmp_path / "copy.db") == 2

    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    assert found_in(tmp_path / "copy.db", "a", "b", "c") == ["a", "b"]


def test_a_copy_that_is_put_back_is_what_there_is_then_and_what_there_was_is_kept(tmp_path):
    kept_in(tmp_path / "runs.db", "a")
    back_up(tmp_path / "runs.db", tmp_path / "copy.db")
    later = tmp_path / "later"
    later.mkdir()
    kept_in(later / "runs.db", "b", "c")

    runs, before = restore(tmp_path / "copy.db", later / "runs.db")

    assert (runs, before) == (1, later / "runs.db.before-restore")
    assert found_in(later / "runs.db", "a", "b", "c") == ["a"]
    assert found_in(before, "a", "b", "c") == ["b", "c"]


def test_what_an_earlier_restore_kept_is_kept_by_a_later_one(tmp_path):
    (tmp_path / "later").mkdir()
    database = tmp_path / "later" / "runs.db"
    kept_in(database, "a", "b")
    for name in ("c", "d"):
        (tmp_path / name).mkdir()
        kept_in(tmp_path / name / "runs.db", name)
        back_up(tmp_path / name / "runs.db", tmp_path / f"{name}.db")
    first, second = [restore(tmp_path / f"{name}.db", database)[1] for name in ("c", "d")]

    assert found_in(first, "a", "b") == ["a", "b"]
    assert found_in(second, "c") == ["c"]
    assert found_in(database, "d") == ["d"]


def test_a_copy_goes_where_nothing_was(tmp_path):
    kept_in(tmp_path / "runs.db", "a")
    back_up(tmp_path / "runs.db", tmp_path / "copy.db")

    assert restore(tmp_path / "copy.db", tmp_path / "new" / "runs.db") == (1, None)
    assert found_in(tmp_path / "new" / "runs.db", "a") == ["a"]


@pytest.mark.parametrize("content", [b"", b"no database at all", "damaged", "other", "newer"])
def test_what_is_no_copy_changes_nothing(tmp_path, content):
    kept_in(tmp_path / "runs.db", "a")
    copy = tmp_path / "copy.db"
    if isinstance(content, bytes):
        copy.write_bytes(content)
    elif content == "damaged":
        back_up(tmp_path / "runs.db", copy)
        damage(copy)
    else:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("CREATE TABLE runs (id)")
            if content == "newer":
                connection.execute("CREATE TABLE alembic_version (version_num)")
                connection.execute("INSERT INTO alembic_version VALUES ('9999')")
                connection.commit()

    with pytest.raises(BadDatabaseUrl, match=r"copy\.db"):
        restore(copy, tmp_path / "runs.db")

    assert found_in(tmp_path / "runs.db", "a") == ["a"]
    assert not list(tmp_path.glob("*unfinished*")) + list(tmp_path.glob("*before*"))


def test_a_damaged_file_is_not_copied_over_a_good_copy(tmp_path):
    kept_in(tmp_path / "runs.db", "a")
    back_up(tmp_path / "runs.db", tmp_path / "copy.db")
    found_in(tmp_path / "runs.db", "a")
    damage(tmp_path / "runs.db")

    with pytest.raises(BadDatabaseUrl):
        back_up(tmp_path / "runs.db", tmp_path / "copy.db")

    assert found_in(tmp_path / "copy.db", "a") == ["a"]


def test_a_damaged_file_is_replaced_by_a_copy(tmp_path):
    kept_in(tmp_path / "runs.db", "a")
    back_up(tmp_path / "runs.db", tmp_path / "copy.db")
    found_in(tmp_path / "runs.db", "a")
    damage(tmp_path / "runs.db")
    with pytest.raises(Damaged, match="playground restore"):
        found_in(tmp_path / "runs.db", "a")

    restore(tmp_path / "copy.db", tmp_path / "runs.db")

    assert found_in(tmp_path / "runs.db", "a") == ["a"]


@pytest.mark.parametrize(
    ("url", "told"),
    [("postgresql://user:secret@host/runs", "pg_dump"), ("", "memory alone"), ("mysql://host/runs", "sqlite:///file")],
)
def test_a_backup_of_runs_that_are_in_no_file_is_refused_with_a_reason(url, told):
    with pytest.raises(BadDatabaseUrl, match=told) as problem:
        database_file(Settings(database_url=url))

    assert "secret" not in str(problem.value)


def test_a_server_is_copied_while_it_goes_on_and_restored_when_it_has_ended(few_idx_files, tmp_path, sqlite_url):
    where = {"DATABASE_URL": sqlite_url}
    copy = str(tmp_path / "copy.db")

    def playground(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(**command(*arguments, **where), timeout=TIMEOUT_S)

    with served(few_idx_files, tmp_path, **where) as (process, address):
        run_id = start_racing(address)
        until(lambda: pieces_saved(sqlite_url, run_id), "a part is saved")
        copied, refused = playground("backup", copy), playground("restore", copy)
        process.kill()
        process.wait()

    assert (copied.returncode, copied.stderr) == (0, "")
    assert copied.stdout.startswith("1 run copied from ")
    assert refused.returncode == 2
    assert "A server uses" in refused.stderr
    restored = playground("restore", copy)
    assert (restored.returncode, restored.stdout.partition(" from ")[0]) == (0, "1 run restored")
    with served(few_idx_files, tmp_path, **where) as (_, address):
        assert described(address, run_id)["status"] == "interrupted"


def test_a_server_on_a_damaged_file_says_so_in_a_line_writes_nothing_and_races(few_idx_files, tmp_path, sqlite_url):
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    file.parent.mkdir()
    kept_in(file, "a")
    found_in(file, "a")
    damage(file)
    before = file.read_bytes()

    with served(few_idx_files, tmp_path, DATABASE_URL=sqlite_url) as (process, address):
        run = f"{address}/api/runs/{start_racing(address)}"
        until(lambda: httpx.get(run, timeout=TIMEOUT_S).json()["saved"] is False, "the run is told as not saved")
        process.terminate()
        _, log = process.communicate(timeout=TIMEOUT_S)

    told = [line for line in log.splitlines() if "damaged" in line]
    assert len(told) == 1
    assert "playground restore" in told[0]
    assert "Traceback" not in log
    assert file.read_bytes() == before
