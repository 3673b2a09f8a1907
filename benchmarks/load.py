"""The whole of `make load`: crowds that watch and crowds that start on this machine, and if it is enough."""

import os
from typing import Any

from rich.console import Console
from rich.table import Table

from app.settings import Settings
from benchmarks import one_core, starters, viewers
from benchmarks.stages import Stages


def load(settings: Settings, count: int) -> bool:
    """Measure and print; whether everybody got everything in time, and nobody's run was slowed more than it may be."""
    console = Console()
    with Stages(console) as stages:
        stages.begin("many viewers of one run")
        watched = viewers.measure_viewers(settings, count)
        stages.begin("what 100 viewers cost")
        cost = viewers.measure_viewer_cost(settings)
        stages.begin("viewers on the run's own core")
        own_core = one_core.measure_one_core(settings)
        stages.begin("many starts at once")
        started = starters.measure_starters(settings)
    console.print(_viewers(watched, cost, own_core), _starters(started))
    return (
        bool(watched["p99_ms"] < viewers.HIGHEST_P99_MS and not watched["missed"])
        and cost <= viewers.MOST_THEY_MAY_COST
        and own_core <= one_core.MOST_THEY_MAY_COST
        and starters.well(started)
    )


def _viewers(told: dict[str, Any], cost: float, own_core: float) -> Table:
    table = _table(f"{told['n']:,} viewers of one live run, {os.cpu_count()} cores")
    table.add_row("age of a frame at a viewer, median", f"{told['p50_ms']:.0f} ms")
    table.add_row("p99", f"{told['p99_ms']:.0f} ms (under {viewers.HIGHEST_P99_MS:.0f})")
    table.add_row("highest", f"{told['max_ms']:.0f} ms")
    table.add_row("batches missed by anybody", f"{told['missed']:,}")
    table.add_row("seconds until all had joined", f"{told['joined_s']:.1f}")
    if told["joining_p99_ms"] is not None:
        table.add_row("p99 meanwhile, for those who had", f"{told['joining_p99_ms']:.0f} ms")
    table.add_row(
        f"{viewers.FEW_VIEWERS} viewers cost the workers", f"{cost:.1%} (at most {viewers.MOST_THEY_MAY_COST:.0%})"
    )
    table.add_row(
        f"{one_core.VIEWERS:,} viewers cost a run on one core with the server",
        f"{own_core:.1%} (at most {one_core.MOST_THEY_MAY_COST:.0%})",
    )
    return table


def _starters(told: dict[str, Any]) -> Table:
    table = _table(f"{told['n']} visitors who start at once")
    for said, count in sorted(told["answers"].items()):
        table.add_row(f"answered: {said.replace('_', ' ')}", f"{count}")
    table.add_row("answered after, median", f"{told['median_s'] * 1e3:.0f} ms")
    table.add_row("the last", f"{told['slowest_s'] * 1e3:.0f} ms (at most {starters.ANSWERED_WITHIN_S * 1e3:.0f})")
    table.add_row("/healthz meanwhile", f"{told['healthz_ms']:.0f} ms (at most {starters.HEALTHY_WITHIN_MS:.0f})")
    if told["memory_ratio"] is not None:
        table.add_row(
            "memory before, and after all were stopped", f"{told['before_mb']:.0f} MB, {told['after_mb']:.0f} MB"
        )
    return table


def _table(title: str) -> Table:
    table = Table(title=title)
    table.add_column("")
    table.add_column("", justify="right")
    return table
