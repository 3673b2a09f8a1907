"""`playground sweep`: a grid of trainings in a terminal."""

import csv
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from app.sweeps.grid import grid
from app.sweeps.sweep import Sweep
from app.terminal.sweep import _Bars
from tests.server_process import command
from tests.waiting import TIMEOUT_S

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(few_idx_files: Path, tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path / "cache"), "COLUMNS": "120"}


def sweep(settings: dict[str, str], *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(**command("sweep", "--hidden", "16", *options, **settings), check=False)


def test_a_sweep_ends_with_a_table_a_verdict_and_its_files_which_agree(settings, tmp_path):
    table, everything, picture = tmp_path / "sweep.csv", tmp_path / "sweep.json", tmp_path / "sweep.png"
    grid = ["--lr", "1e-3:1e-1:3", "--optimizer", "sgd", "--optimizer", "adam", "--seeds", "2"]

    result = sweep(settings, *grid, "--csv", str(table), "--json", str(everything), "--png", str(picture))

    assert result.returncode == 0, result.stderr
    with table.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    of_grid = [row for row in rows if row["phase"] == "grid"]
    assert [(row["seed"], row["optimizer"], row["learning_rate"]) for row in of_grid] == [
        (seed, optimizer, rate)
        for seed in ("42", "43")
        for optimizer in ("sgd", "adam")
        for rate in ("0.001", "0.01", "0.1")
    ]
    told = json.loads(everything.read_text())
    assert [cell["test_accuracy"] for cell in told["cells"] + told["fresh"]] == [
        float(row["test_accuracy"]) for row in rows
    ]
    assert {(row["phase"], row["seed"]) for row in rows} - {("grid", "42"), ("grid", "43")} == {
        ("fresh seeds", "44"),
        ("fresh seeds", "45"),
    }
    assert [verdict["name"] for verdict in told["verdicts"]] == ["SGD", "Adam"]
    # The winner's rate was trained again, from seeds not used for the choice.
    assert [verdict["tuned"]["accuracy"]["seeds"] for verdict in told["verdicts"]] == [2, 2]
    words = " ".join(result.stdout.split())
    assert all(" ".join(sentence.split()) in words for sentence in told["sentences"])
    assert re.search(r"SGD\s+│", result.stdout)
    assert all(heading in words for heading in ("batches", "seconds"))
    assert "…" not in result.stdout, "nothing is cut at 80 columns"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_learning_rates_to_compare_there_is_no_verdict(settings, tmp_path):
    everything = tmp_path / "sweep.json"

    result = sweep(
        settings, "--optimizer", "sgd", "--over", "batch-size=32,64", "--lr", "0.1", "--json", str(everything)
    )

    assert result.returncode == 0, result.stderr
    told = json.loads(everything.read_text())
    assert [cell["at"]["batch_size"] for cell in told["cells"]] == [32, 64]
    assert (told["verdicts"], told["fresh"]) == ([], [])
    assert told["sentences"][0].startswith("At the end: ")


def test_interrupted_it_shows_and_writes_what_there_is(settings, tmp_path):
    table = tmp_path / "sweep.csv"
    long = ["--epochs", "100", "--batch-size", "1", "--csv", str(table)]
    with subprocess.Popen(**command("sweep", *long, **settings, TTY_COMPATIBLE="1", TERM="xterm")) as process:
        try:
            # The bars are there once the first trainings have begun.
            assert process.stderr.readline()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()

    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "27 trainings" in output
    statuses = [line.split(",")[4] for line in table.read_text().splitlines()[1:]]
    assert len(statuses) == 27
    assert set(statuses) <= {"interrupted", "waiting", "finished"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "0:1:5"], "--lr 0:1:5: expected a learning rate from 0.000001 to 10, got '0'. Write one"),
        (["--optimizer", "sofia"], "optimizer should be 'sgd', "),
        (["--lr", "1e-4:1:400"], "With these optimizers, at most 333 learning rates fit."),
        (["--png", "/no/such/folder/sweep.png"], "cannot be written"),
    ],
)
def test_a_wrong_option_gets_a_sentence(settings, options, message):
    result = sweep(settings, *options)

    assert result.returncode == 2
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_bars_name_no_time_left_once_they_have_ended(capsys):
    bars = _Bars(Sweep("a-sweep", grid({"optimizer": ["sgd", "adam"]}), 60_000))
    with bars:
        for bar in bars._bars.values():
            bars._progress.update(bar, left="a few seconds left")

    told = capsys.readouterr().err
    assert "Adam" in told
    assert "left" not in told
