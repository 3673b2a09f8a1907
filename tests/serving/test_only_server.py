"""A second server on a file of SQLite does not start until the first has ended, however that ended."""

import subprocess

import httpx
import pytest

from tests.server_process import command, described, served, start_racing
from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


def test_a_second_server_on_a_file_is_refused_until_the_first_is_gone(few_idx_files, tmp_path, sqlite_url):
    file, where = tmp_path / "runs" / "runs.db", {"DATABASE_URL": sqlite_url}
    with served(few_idx_files, tmp_path, **where) as (process, address):
        racing = start_racing(address)
        # By another name of the same file.
        (tmp_path / "same").symlink_to(file.parent)
        environment = {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path), "RUNS_DIR": str(tmp_path / "same")}
        second = command("serve", **environment)
        del second["env"]["DATABASE_URL"]
        refused = subprocess.run(**second, timeout=TIMEOUT_S)

        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1
        assert f"Another server keeps its runs in {file}" in refused.stderr
        assert "another file (RUNS_DIR or DATABASE_URL)" in refused.stderr
        assert "PostgreSQL" in refused.stderr
        run = httpx.get(f"{address}/api/runs/{racing}", timeout=TIMEOUT_S).json()
        assert (run["status"], run["saved"]) == ("running", True)
        copied = subprocess.run(**command("backup", str(tmp_path / "copy.db"), **where), timeout=TIMEOUT_S)
        assert copied.returncode == 0, copied.stderr
        process.kill()

    with served(few_idx_files, tmp_path, **where) as (_, address):
        assert described(address, racing)["status"] == "interrupted"


def test_a_server_starts_where_there_is_no_lock_to_be_had_and_says_so(few_idx_files, tmp_path, sqlite_url):
    (tmp_path / "runs" / "runs.db.lock").mkdir(parents=True)
    small = {"hidden": [4], "epochs": 1}
    with (
        (tmp_path / "log").open("w") as log,
        served(few_idx_files, tmp_path, stderr=log, DATABASE_URL=sqlite_url) as (_, address),
    ):
        run_id = httpx.post(f"{address}/api/runs", json=small, timeout=TIMEOUT_S).json()["id"]
        until(lambda: described(address, run_id)["saved"], "it is saved all the same")
    said = [line for line in (tmp_path / "log").read_text().splitlines() if "cannot be kept from the file" in line]

    assert len(said) == 1
    assert "Is a directory" in said[0]
