"""`playground race`: the same race in a terminal."""

import csv
import json
import re
import subprocess
from pathlib import Path
from typing import IO

import pytest

from app import cli
from app.config import RunConfig
from app.engine.inline import InlineEngine
from app.lane_options import race_choices
from app.scheduling.manager import Manager
from app.settings import Settings
from app.training.kernels import Kernel
from app.web.described import described
from tests.server_process import command, workers
from tests.waiting import TIMEOUT_S

pytestmark = pytest.mark.slow

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def settings(few_idx_files: Path, tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path / "cache"), "COLUMNS": "100"}


def race(settings: dict[str, str], *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(**command("race", *options, **settings), check=False)


def test_a_race_ends_with_a_table_of_its_lanes(settings):
    result = race(settings, "--epochs", "2", "--lr", "0.05", "--lr", "adam=0.002", "--hidden", "32,16")

    assert result.returncode == 0, result.stderr
    for words in (["SGD", "0.05"], ["Momentum", "0.05"], ["Adam", "0.002"]):
        assert any(all(word in line for word in words) for line in result.stdout.splitlines()), result.stdout


def test_lanes_of_ones_own_race_with_what_was_chosen_for_all_and_for_single_ones(settings, tmp_path):
    file = tmp_path / "race.json"

    result = race(
        settings, "--epochs", "1", "--optimizer", "adam", "--optimizer", "lion", "--optimizer", "adam",
        "--lr", "adam2=0,5", "--schedule", "cosine", "--schedule", "lion=step", "--weight-decay", "adam=0.1",
        "--activation", "tanh", "--initialisation", "xavier", "--target", "50 %", "--json", str(file),
    )  # fmt: skip

    assert result.returncode == 0, result.stderr
    config = json.loads(file.read_text())["config"]
    assert (config["activation"], config["initialisation"], config["target_accuracy"]) == ("tanh", "xavier", 0.5)
    assert [
        (lane["optimizer"], lane["learning_rate"], lane["schedule"], lane["weight_decay"]) for lane in config["lanes"]
    ] == [
        ("adam", None, "cosine", 0.1),
        # None was given, so it takes its default one and not the shared one.
        ("lion", 0.001, "step", 0),
        ("adam", 0.5, "cosine", 0),
    ]


def test_a_learning_rate_for_all_is_for_all():
    assert race_choices(["lion", "adamw", "lion"], ["0.1", "lion2=0.2"], [], ["0.5"]) == {
        "learning_rate": 0.1,
        "lanes": [
            {"optimizer": "lion", "weight_decay": 0.5},
            {"optimizer": "adamw", "weight_decay": 0.5},
            {"optimizer": "lion", "learning_rate": 0.2, "weight_decay": 0.5},
        ],
    }


def read(file: Path, decimal: str = ".") -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        rows = csv.DictReader(opened, delimiter=";" if decimal == "," else ",")
        return [{name: cell.replace(decimal, ".") for name, cell in row.items()} for row in rows]


def test_the_csv_has_every_batch_of_every_lane(settings, tmp_path):
    file = tmp_path / "race.csv"

    result = race(settings, "--epochs", "2", "--csv", str(file), "--smoothing", "0")

    assert result.returncode == 0, result.stderr
    rows = read(file)
    assert [row["smoothed_loss"] for row in rows] == [row["loss"] for row in rows]
    for lane, optimizer in enumerate(["sgd", "momentum", "adam"]):
        of_lane = [row for row in rows if row["lane"] == str(lane)]
        assert [int(row["step"]) for row in of_lane] == list(range(1, 63))
        assert {row["optimizer"] for row in of_lane} == {optimizer}
        assert of_lane[-1]["examples"] == str(62 * 64)
        assert float(of_lane[-1]["epoch"]) == 2
        assert all(float(row["loss"]) > 0 for row in of_lane)


def test_the_evaluations_and_the_story_agree(settings, tmp_path):
    file = tmp_path / "evaluations.csv"

    result = race(settings, "--epochs", "2", "--evaluations", str(file), "--decimal", "comma")

    assert result.returncode == 0, result.stderr
    rows = read(file, decimal=",")
    last = {row["optimizer"]: float(row["test_accuracy"]) for row in rows if row["step"] == "62"}
    assert set(last) == {"sgd", "momentum", "adam"}
    assert [row["epoch"] for row in rows if row["step"] == "31"] == ["1.00000"] * 3
    assert f"wins with {max(last.values()):.2%}"[:-1] in result.stdout
    assert "ahead of" in result.stdout


async def test_the_json_is_the_run_as_the_server_describes_it(settings, tmp_path, few_digits):
    file = tmp_path / "race.json"
    result = race(settings, "--epochs", "2", "--seed", "7", "--json", str(file))
    assert result.returncode == 0, result.stderr
    written = json.loads(file.read_text())

    manager = Manager(Settings(), InlineEngine(few_digits, Kernel(written["form"])), few_digits)
    await manager.open()
    run = await manager.wait(manager.start(RunConfig(epochs=2, seed=7)).id)
    await manager.close()

    def alike(told: dict) -> dict:
        lanes = [{**lane, "seconds": None, "reached": len(lane["reached"])} for lane in told["lanes"]]
        return {**told, "id": None, "created_at": None, "version": None, "lanes": lanes}

    assert alike(written) == json.loads(json.dumps(alike(described(run))))


def lanes_that_train(progress: IO[str]) -> set[str]:
    """Read the progress bars until each of the three lanes has made a step: until then a worker may be warming up."""
    made = set()
    while len(made) < 3 and (line := progress.readline()):
        made |= {name for name, steps in re.findall(r"(SGD|Momentum|Adam)\D+(\d+)/", ANSI.sub("", line)) if int(steps)}
    return made


def test_a_failed_lane_makes_the_exit_status_1(settings):
    long = ["--epochs", "100", "--batch-size", "1", "--hidden", "256"]
    # Drawn as in a terminal: only there the bars move while the race goes on.
    with subprocess.Popen(**command("race", *long, **settings, TTY_COMPATIBLE="1", TERM="xterm")) as process:
        try:
            assert lanes_that_train(process.stderr) == {"SGD", "Momentum", "Adam"}
            for worker in workers(process):
                worker.kill()
            output, errors = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()

    assert process.returncode == 1, errors
    assert "was killed by SIGKILL" in output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "fast"], "--lr should be a number"),
        (["--lr", "rmsprop=0.1"], "--lr rmsprop=…: there is no such lane; the lanes are sgd, momentum, adam"),
        (["--optimizer", "adam", "--weight-decay", "adam2=0.1"], "there is no such lane; the lanes are adam."),
        (
            ["--weight-decay", "sgd=much"],
            "--weight-decay should be a number, or one for a lane as sgd=0.001; got 'much'",
        ),
        (["--optimizer", "sofia"], "lanes.0 should name an optimizer, 'sgd', "),
        (["--optimizer", "sgd"] * 7, "lanes should have at most 6 items"),
        (["--schedule", "adam=linear"], "lanes.2.adam.schedule should be 'constant', 'step'"),
        (["--activation", "gelu"], "activation should be 'relu', 'tanh' or 'sigmoid'; got 'gelu'"),
        (["--target", "10"], "target_accuracy should be greater than or equal to 0.5"),
        (["--lr", "nan"], "learning_rate should be"),
        (["--hidden", "128,5"], "'128,5' may be one number or several layers: write layers with a comma and a space"),
        (["--hidden", "1,100"], "'1,100' may be one number or several layers: write layers with a comma and a space"),
        (["--smoothing", "9,5"], "expected a number from 0 to 0.999, got '9,5'"),
        (["--batch-size", "1,5"], "expected a whole number, got '1,5'"),
        (["--target", "many%"], "expected a share, as 0.95 or 95%, got 'many%'"),
        (["--hidden", "big"], "Invalid value for '--hidden': expected whole numbers with commas between"),
        (["--epochs", "0"], "epochs should be greater than or equal to 1"),
        (["--batch-size", "5000"], "batch_size should be at most 2,000"),
        (["--lr", "[/x]"], "got '[/x]'"),
        (["--csv", "/no/such/folder/race.csv"], "cannot be written"),
    ],
)
def test_a_wrong_option_gets_a_sentence(settings, options, message, monkeypatch, capsys):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        status = cli.explaining(lambda: cli.app(["race", *options]))
    except SystemExit as refused:
        # By the parser, which prints it in a frame.
        status = refused.code

    assert status == 2
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())


@pytest.mark.parametrize(("options", "message"), [(["--epochs", "0"], "epochs should"), (["--epochs", "x"], "got 'x'")])
def test_a_wrong_option_ends_the_program_with_exit_status_2(settings, options, message):
    result = race(settings, *options)

    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
