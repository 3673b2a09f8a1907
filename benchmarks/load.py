"""The whole of `make load`: crowds that watch and crowds that start on this machine, and if it is enough."""

import os
from typing import Any

from rich.console import Console
from rich.table import Table

from app.settings import Settings
from benchmarks import one_core, starters, viewers
from benchmarks.stages import Stages
from benchmarks.tables import new_table


def load(settings: Settings, count: int) -> bool:
    """Measure and print; whether everyone got everything in time, and no run was slowed more than it may be."""
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


def _viewers(figures: dict[str, Any], cost: float, own_core: float) -> Table:
    table = new_table(f"{figures['n']:,} viewers of one live run, {os.cpu_count()} cores", "", "")
    table.add_row("age of a frame at a viewer, median", f"{figures['p50_ms']:.0f} ms")
    table.add_row("p99", f"{figures['p99_ms']:.0f} ms (under {viewers.HIGHEST_P99_MS:.0f})")
    table.add_row("highest", f"{figures['max_ms']:.0f} ms")
    table.add_row("batches missed, over all viewers", f"{figures['missed']:,}")
    table.add_row("seconds until all had joined", f"{figures['joined_s']:.1f}")
    if figures["joining_p99_ms"] is not None:
        table.add_row("p99 meanwhile, for those who had", f"{figures['joining_p99_ms']:.0f} ms")
    table.add_row(
        f"{viewers.FEW_VIEWERS} viewers cost the workers", f"{cost:.1%} (at most {viewers.MOST_THEY_MAY_COST:.0%})"
    )
    table.add_row(
        f"{one_core.VIEWERS:,} viewers cost a run on one core with the server",
        f"{own_core:.1%} (at most {one_core.MOST_THEY_MAY_COST:.0%})",
    )
    return table


def _starters(figures: dict[str, Any]) -> Table:
    table = new_table(f"{figures['n']} visitors who start at once", "", "")
    for outcome, count in sorted(figures["answers"].items()):
        table.add_row(f"answered: {outcome.replace('_', ' ')}", f"{count}")
    table.add_row("answered after, median", f"{figures['median_s'] * 1e3:.0f} ms")
    table.add_row("the last", f"{figures['slowest_s'] * 1e3:.0f} ms (at most {starters.ANSWERED_WITHIN_S * 1e3:.0f})")
    table.add_row("/healthz meanwhile", f"{figures['healthz_ms']:.0f} ms (at most {starters.HEALTHY_WITHIN_MS:.0f})")
    if figures["memory_ratio"] is not None:
        table.add_row(
            "memory before, and after all were stopped", f"{figures['before_mb']:.0f} MB, {figures['after_mb']:.0f} MB"
        )
    return table
