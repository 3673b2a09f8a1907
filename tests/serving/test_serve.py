"""`playground serve` as a user starts and ends it: real processes and signals."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import httpx
import psutil
import pytest

from tests.server_process import command, family, free_port, served, start_racing, workers
from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


@pytest.fixture
def server(few_idx_files: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    with served(few_idx_files, tmp_path) as (process, address):
        yield process, address


def test_one_line_prints_the_address_and_the_page_is_there(server):
    _, address = server

    assert httpx.get(address, timeout=TIMEOUT_S).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_mid_race_ends_everything_without_a_traceback(server, number):
    process, address = server
    start_racing(address)
    children = family(process)

    process.send_signal(number)
    _, errors = process.communicate(timeout=TIMEOUT_S)

    assert len(children) >= 4
    assert psutil.wait_procs(children, timeout=TIMEOUT_S)[1] == []
    assert "Traceback" not in errors
    assert " ERROR " not in errors
    assert errors.count(f"server started version={version('optimizer-playground')} address={address} ") == 1


def test_nothing_is_left_after_the_server_is_killed(server):
    process, address = server
    start_racing(address)
    children = family(process)

    process.kill()

    assert len(children) >= 4
    assert psutil.wait_procs(children, timeout=TIMEOUT_S)[1] == []


def test_a_killed_worker_fails_its_lane_with_a_reason(server):
    process, address = server
    run_id = start_racing(address)

    workers(process)[0].kill()

    def lanes() -> list[str]:
        return sorted(
            lane["status"] for lane in httpx.get(f"{address}/api/runs/{run_id}", timeout=TIMEOUT_S).json()["lanes"]
        )

    until(lambda: lanes() == ["failed", "running", "running"], "one lane fails, the others go on")


def test_workers_and_server_compute_with_one_thread_whatever_the_environment_says(monkeypatch, few_idx_files, tmp_path):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "8")
    with served(few_idx_files, tmp_path) as (process, address):
        start_racing(address)

        # Another listens for commands.
        assert [worker.num_threads() for worker in workers(process)] == [2, 2, 2]
        assert psutil.Process(process.pid).num_threads() == 1


def test_no_more_lanes_train_at_once_than_the_runs_that_may(monkeypatch, few_idx_files, tmp_path):
    monkeypatch.setenv("MAX_RUNNING", "1")
    with served(few_idx_files, tmp_path) as (process, address):
        start_racing(address)
        queued = httpx.post(f"{address}/api/runs", json={}, timeout=TIMEOUT_S).json()

        assert (queued["status"], queued["position"]) == ("queued", 1)
        assert len(workers(process)) == 3


def test_a_busy_port_gets_a_sentence(few_idx_files, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {"PORT": port, "DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path)}
        result = subprocess.run(**command("serve", **settings), check=False)

    assert result.returncode == 2
    assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use." in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("PORT", "eighty", "PORT should be a valid integer"),
        ("PORT", "70000", "PORT should be less than or equal to 65535"),
        ("HOST", "no.such.host.invalid", "is not an address of this machine"),
        ("DATA_DIR", "/no/such/folder", "train-images-idx3-ubyte: no such file"),
        ("MAX_RUNNING", "0", "MAX_RUNNING should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_gets_a_sentence(few_idx_files, tmp_path, setting, value, message):
    settings = {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path), setting: value}
    result = subprocess.run(**command("serve", **settings), check=False)

    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("ulimit -n 20", "This process may open 20 files, and needs at least 100: raise `ulimit -n`."),
        ("ulimit -v 60000", "This machine lacks something that the playground needs: failed to map segment"),
        ("ulimit -v 150000", "This machine lacks something that the playground needs: "),
        ("exec > /dev/full", "The address cannot be written to standard output: No space left on device."),
    ],
    ids=["files", "memory", "more memory", "full output"],
)
def test_missing_resources_of_the_machine_get_a_sentence(few_idx_files, tmp_path, limit, message):
    settings = {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path)}
    started = command("serve", **settings)
    started["args"] = ["sh", "-c", f'{limit}; exec "$@"', "sh", *started["args"]]
    result = subprocess.run(**started, check=False)

    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.returncode == 2


def test_workers_that_cannot_be_started_end_the_server_with_a_sentence(few_idx_files, tmp_path):
    settings = {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path)}
    started = command("serve", **settings)
    broken = "import app.engine.fork_server_process as forking; forking.MAIN = 'raise SystemExit(1)'"
    started["args"] = [sys.executable, "-c", f"{broken}; from app.__main__ import main; main()", "serve"]
    result = subprocess.run(**started, check=False)

    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert errors == ["Error: A worker did not start: the process that starts workers ended."]
    assert "Traceback" not in result.stderr
    assert result.returncode == 2


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"], ids=["output", "both"])
def test_with_its_output_closed_it_serves_and_ends(few_idx_files, tmp_path, closed):
    port = str(free_port())
    started = command("serve", DATA_DIR=str(few_idx_files), CACHE_DIR=str(tmp_path), PORT=port)
    started["args"] = ["sh", "-c", f'exec "$@" {closed}', "sh", *started["args"]]

    def ready() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=TIMEOUT_S).status_code == 200
        return False

    with subprocess.Popen(**started) as process:
        try:
            until(ready, "it is ready")
        finally:
            process.terminate()
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert "Traceback" not in errors
    assert process.returncode == 0


def test_digits_with_other_file_names_are_reported_at_the_start(few_idx_files, tmp_path):
    renamed = tmp_path / "digits"
    renamed.mkdir()
    for file in few_idx_files.iterdir():
        # As kaggle has them.
        (renamed / file.name.replace("-idx", ".idx")).write_bytes(file.read_bytes())

    result = subprocess.run(**command("serve", DATA_DIR=str(renamed), CACHE_DIR=str(tmp_path)), check=False)

    assert result.returncode == 2
    assert result.stderr == (
        f"Error: {renamed}/train-images-idx3-ubyte: no such file, gzipped (.gz) or not. Found train-images.idx3-ubyte: "
        "rename the right one to train-images-idx3-ubyte.\n"
    )


def test_a_damaged_file_is_refused_at_start(few_idx_files, tmp_path):
    damaged = tmp_path / "digits"
    damaged.mkdir()
    for file in few_idx_files.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    images = damaged / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:-1])

    result = subprocess.run(**command("serve", DATA_DIR=str(damaged), CACHE_DIR=str(tmp_path)), check=False)

    assert result.returncode == 2
    assert f"{images}: truncated" in result.stderr.replace("\n", "")


def test_a_checkout_and_its_runs_may_lie_in_a_folder_of_any_name(few_idx_files: Path, tmp_path: Path):
    checkout = tmp_path / os.fsdecode(b"C# 100% \xff?")
    checkout.mkdir()
    for part in ("app", "static", "templates"):
        (checkout / part).symlink_to(Path(__file__).parents[2] / part)
    started = command("serve", DATA_DIR=str(few_idx_files), CACHE_DIR="cache", RUNS_DIR="runs")
    del started["env"]["DATABASE_URL"]
    with subprocess.Popen(**started, cwd=checkout) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline())[0]
            run_id = start_racing(address)
            until(lambda: httpx.get(f"{address}/api/runs/{run_id}", timeout=TIMEOUT_S).json()["saved"], "it is saved")
        finally:
            process.terminate()
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert (checkout / "runs" / "runs.db").exists()
    assert "Traceback" not in errors
    assert " WARNING " not in errors
