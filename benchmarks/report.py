"""The whole of `make bench`: measures everything, prints it, writes it, and says what falls short."""

import json
import multiprocessing
import os
import platform
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from app.config import RunConfig, catalogue
from app.machine import cores
from app.settings import Settings
from app.training.dataset import prepare
from app.training.kernels import fastest_kernel
from benchmarks.anatomy import measure_anatomy
from benchmarks.bounds import Figures, bounds_for, instructions, kernel, shortfalls
from benchmarks.commands import measure_commands
from benchmarks.effort import Effort
from benchmarks.pictures import measure_pictures
from benchmarks.races import measure_races, measure_sweep
from benchmarks.slowdown import Slowdown, measure_slowdown
from benchmarks.stages import Stages
from benchmarks.start import measure_start
from benchmarks.steps import measure_shapes, measure_steps
from benchmarks.tables import tables
from benchmarks.viewers import measure_viewer_cost, measure_viewers


def bench(settings: Settings, json_file: Path | None, effort: Effort) -> bool:
    """Whether every figure holds what it has to."""
    console = Console()
    figures = measure(settings, effort, console)
    console.print(*tables(figures))
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2) + "\n")
    name = figures["machine"]["kernel"]
    short = shortfalls(figures, bounds_for(instructions(name)))
    console.print(f"The bounds are those for {instructions(name)}: matrix products run on OpenBLAS's kernel {name}.")
    console.print("\n".join(["Falls short:", *short]) if short else "Every figure is within its bounds.")
    return not short


def measure(settings: Settings, effort: Effort, console: Console) -> Figures:
    """Everything, one after another, so that one measurement does not bend another."""
    prepared = prepare(settings.data_dir, settings.cache_dir)
    with Stages(console) as stages:
        stages.begin("steps, and those of the peers, if there are any")
        us = _in_a_process_of_its_own(measure_steps, prepared, effort)
        stages.begin("where the time of a step goes")
        anatomy = _in_a_process_of_its_own(measure_anatomy, prepared, effort)
        stages.begin("steps of other shapes")
        shapes = _in_a_process_of_its_own(measure_shapes, prepared, effort)
        stages.begin("ten epochs of every optimizer at every learning rate")
        slowdown = _measure_slowdowns(prepared, effort)
        stages.begin("races")
        races = measure_races(settings, prepared, effort)
        stages.begin("pictures of why")
        pictures = measure_pictures(settings, prepared, effort)
        stages.begin("a sweep of learning rates")
        sweep = measure_sweep(prepared, effort)
        stages.begin("many viewers of one run")
        viewers = measure_viewers(settings, effort.viewers, effort.watched_s, effort.live)
        stages.begin("what 100 viewers cost")
        viewers["cost_of_100"] = measure_viewer_cost(settings, effort.viewer_rounds)
        stages.begin("starts")
        start = measure_start(settings, effort)
        stages.begin("commands")
        commands = measure_commands(settings, effort)
    by_shape = {name: {"step_us": shape, **_ratios(shape)} for name, shape in shapes.items()}
    return {
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "kernel": kernel(),
            "form": fastest_kernel(),
        },
        "step_us": us,
        **_ratios(us),
        "anatomy_us": anatomy,
        "shapes": by_shape,
        "worst_shape": _worst(by_shape),
        "slowdown": slowdown,
        **races,
        **pictures,
        **sweep,
        "viewers": viewers,
        **start,
        "command_ms": commands,
    }


def _ratios(us: dict[str, float]) -> Figures:
    """Our time divided by theirs, for each optimizer; None for peers that are not installed."""
    optimizers = [lane.optimizer for lane in RunConfig().lanes]
    return {
        "ratio_to_floor": {name: us[name] / us["floor"] for name in optimizers},
        **{
            f"ratio_to_{peer}": {name: us[name] / us[f"{peer} {name}"] for name in optimizers}
            if f"{peer} {optimizers[0]}" in us
            else None
            for peer in ("pytorch", "jax")
        },
    }


def _worst(shapes: Figures) -> Figures:
    """Of all shapes and optimizers the highest ratio to each peer; None for peers that are not installed."""
    told = {f"ratio_to_{peer}": [shape[f"ratio_to_{peer}"] for shape in shapes.values()] for peer in ("pytorch", "jax")}
    return {name: max(max(by.values()) for by in ratios) if all(ratios) else None for name, ratios in told.items()}


def _in_a_process_of_its_own(measure: Any, prepared: Path, effort: Effort) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, prepared, effort).result()


def _measure_slowdowns(prepared: Path, effort: Effort) -> Figures:
    """For each optimizer by learning rate, the worst of all, and after how many steps at least."""
    optimizers, workers = list(catalogue()), cores()
    share_s = effort.slowdown_s * workers / (len(optimizers) * len(effort.learning_rates))
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as processes:
        asked: dict[str, dict[str, Future[Slowdown]]] = {
            name: {
                str(rate): processes.submit(measure_slowdown, prepared, name, rate, effort, share_s)
                for rate in effort.learning_rates
            }
            for name in optimizers
        }
        told = {name: {rate: future.result() for rate, future in by.items()} for name, by in asked.items()}
    lasting = [slowdown for by in told.values() for slowdown in by.values() if slowdown.ratio is not None]
    return {
        "by_optimizer": {name: {rate: slowdown.ratio for rate, slowdown in by.items()} for name, by in told.items()},
        "worst": max(slowdown.ratio for slowdown in lasting if slowdown.ratio is not None),
        "old_steps": min(slowdown.old_steps for slowdown in lasting),
    }


def _cpu() -> str:
    """The processor's name, where the system tells it."""
    file = Path("/proc/cpuinfo")
    names = (
        [line.partition(": ")[2] for line in file.read_text().splitlines() if line.startswith("model name")]
        if file.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()
