"""`make bench`: that it measures all it promises, and what it makes of it. Not how fast anything is."""

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from app.choices import SETTINGS
from app.config import RunConfig
from app.settings import Settings
from benchmarks.bounds import BY_INSTRUCTIONS, WITH_AVX512, Bound, bounds_for, instructions, kernel, shortfalls
from benchmarks.effort import Effort, Rounds
from benchmarks.report import bench
from benchmarks.stages import Stages
from tests.server_process import command

ROOT = Path(__file__).resolve().parents[1]
LITTLE = Effort(
    step_rounds=Rounds(1),
    step_round_s=0,
    shapes=[RunConfig(batch_size=16, hidden=[16, 8])],
    shape_rounds=Rounds(1),
    shape_round_s=0,
    anatomy_rounds=Rounds(1),
    learning_rates=(0.01,),
    old_steps=90,
    pairs=1,
    race=RunConfig(epochs=1, hidden=[16]),
    warm_up=RunConfig(epochs=1, hidden=[16]),
    race_rounds=Rounds(1),
    drawn_rounds=Rounds(1),
    picture_rounds=Rounds(1),
    sweep_rates=2,
    sweep_rounds=Rounds(1),
    viewers=20,
    # With few digits the usual one would be over before it is looked at.
    live=RunConfig(epochs=100, batch_size=1, hidden=[16]),
    watched_s=0.5,
    viewer_rounds=Rounds(1),
    starts=Rounds(1),
    presses=1,
    command_rounds=Rounds(1),
)


@pytest.mark.slow
def test_everything_is_measured_reported_and_judged(few_idx_files, tmp_path, capsys):
    file = tmp_path / "figures.json"

    passed = bench(Settings(data_dir=few_idx_files, cache_dir=tmp_path / "cache"), file, LITTLE)

    figures = json.loads(file.read_text())
    assert {"floor", "sgd", "momentum", "adam"} <= set(figures["step_us"])
    assert figures["total_steps_per_s"] > 0
    assert {"sgd", "momentum", "adam"} == set(figures["ratio_to_floor"])
    assert {"ratio_to_pytorch", "ratio_to_jax", "first_frame_ms", "viewer_cost", "pictures_cost"} <= set(figures)
    assert (figures["viewers"]["n"], figures["viewers"]["missed"]) == (20, 0)
    assert figures["viewers"]["p99_ms"] > 0
    commands = {"resume", "pause", "step", "resume, slow", "full speed", "slow down", "worst"}
    assert set(figures["command_ms"]) == commands
    assert figures["command_ms"]["worst"] > 0
    assert figures["predict_p95_ms"] > 0
    assert figures["sweep_cost"] > 1
    assert {"plain", "fast"} == set(figures["anatomy_us"])
    assert list(figures["shapes"]) == ["batch 16, 16-8"]
    for peer in ("ratio_to_pytorch", "ratio_to_jax"):
        by_optimizer = figures["shapes"]["batch 16, 16-8"][peer]
        assert figures["worst_shape"][peer] == (by_optimizer and max(by_optimizer.values()))
    short = shortfalls(figures, bounds_for(instructions(figures["machine"]["kernel"])))
    assert passed == (not short)
    told = " ".join(capsys.readouterr().out.split())
    for title in ("One step", "One step in other shapes", "A step after 90 or more", "Races"):
        assert title in told
    assert f"The bounds are those for {instructions(kernel())}" in told
    assert figures["slowdown"]["old_steps"] == 90
    for stage in ("steps", "races", "many viewers of one run", "starts", "commands"):
        assert re.search(rf"\d:\d\d {stage}", told), "a line for each stage, since this is no terminal"
    assert re.search(r"Measured in \d+:\d\d minutes\.", told)
    assert all(" ".join(line.split()) in told for line in short)


def test_an_unwritable_file_is_reported_before_anything_is_measured():
    said = subprocess.run(**command("bench", "--json", "/no/such/folder/figures.json", module="benchmarks"))

    assert said.returncode == 2
    assert "/no/such/folder/figures.json cannot be written" in said.stderr


def test_a_figure_within_its_bounds_is_no_shortfall():
    assert shortfalls({"a": {"b": 1.1}, "c": 4}, {"a.b": Bound(high=1.1), "c": Bound(low=4)}) == []


@pytest.mark.parametrize(
    ("bound", "value", "told"),
    [
        (Bound(high=1.1), 1.11, "speed.sgd is 1.11; it should be at most 1.1"),
        (Bound(low=1.7), 1.69, "speed.sgd is 1.69; it should be at least 1.7"),
        (Bound(high=1.1), float("nan"), "speed.sgd is nan; it should be at most 1.1"),
    ],
)
def test_a_figure_out_of_its_bounds_is_reported(bound, value, told):
    assert shortfalls({"speed": {"sgd": value}}, {"speed.sgd": bound}) == [told]


def test_every_kernel_has_bounds_for_the_same_figures():
    assert {instructions(name) for name in ("Haswell", "Zen", "unknown", *WITH_AVX512)} == set(BY_INSTRUCTIONS)
    assert len({frozenset(bounds) for bounds in BY_INSTRUCTIONS.values()}) == 1


def test_the_kernel_is_the_one_that_numpy_has_chosen():
    code = "from benchmarks.bounds import kernel; print(kernel())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OPENBLAS_CORETYPE": "Haswell"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() in ("Haswell", "unknown"), "unknown where NumPy has another library"


def test_as_many_rounds_are_made_as_there_is_time_for(monkeypatch):
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def rounds_of(round_s: float, rounds: Rounds) -> int:
        nonlocal now
        made = 0
        for _ in rounds:
            now += round_s
            made += 1
        return made

    assert rounds_of(1, Rounds(5, 10)) == 5, "never more than asked for"
    assert rounds_of(3, Rounds(5, 10)) == 3, "a fourth would end after 12 s"
    assert rounds_of(3, Rounds(5, 10, least=4)) == 4
    assert rounds_of(60, Rounds(5, 10)) == 1
    assert rounds_of(60, Rounds(5)) == 5


def test_in_a_terminal_the_stage_is_one_line_that_changes():
    screen = io.StringIO()
    with Stages(Console(file=screen, force_terminal=True, width=80)) as stages:
        stages.begin("races")
        stages.begin("starts")

    told = screen.getvalue()
    assert "Measuring: starts" in told
    assert not re.search(r"\d:\d\d  ", told)


def test_stages_that_end_early_print_no_time():
    told = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Stages(Console(file=told)) as stages:
        stages.begin("races")
        raise KeyboardInterrupt

    assert told.getvalue() == "0:00  races\n"


def test_what_cannot_be_measured_here_is_no_shortfall():
    nothing = {"ratio_to_jax": None, "idle_memory_mb": None}

    assert shortfalls(nothing, {"ratio_to_jax.adam": Bound(high=1), "idle_memory_mb": Bound(high=220)}) == []


def test_a_figure_that_is_forgotten_is_a_fault():
    with pytest.raises(KeyError):
        shortfalls({"ratio_to_floor": {}}, {"ratio_to_floor.sgd": Bound(high=1)})


def test_every_learning_rate_that_the_page_offers_is_tried_for_slowdown():
    assert Effort().learning_rates == SETTINGS["learning_rate"].presets
