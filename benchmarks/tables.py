"""Tables for a terminal, and the figures of `make bench` as such. Measures nothing."""

from rich.table import Table

from benchmarks.bounds import Figures

OPTIMIZERS = ("sgd", "momentum", "adam")


def tables(figures: Figures) -> list[Table]:
    return [_steps(figures), _anatomy(figures), _shapes(figures), _slowdown(figures), _others(figures)]


def _steps(figures: Figures) -> Table:
    us = figures["step_us"]
    table = new_table("One step: batch 64, 784-128-10, one core, CPU time", "", "µs", "to the floor")
    for name, time in us.items():
        table.add_row(name, f"{time:.0f}", f"{time / us['floor']:.2f}")
    return table


def _anatomy(figures: Figures) -> Table:
    """Shares of the plain step, so that both forms are on one scale."""
    kernels = figures["anatomy_us"]
    table = new_table("Where a step's time goes, in % of a plain one", "", *OPTIMIZERS)
    wholes = {name: sum(kernels["plain"][name].values()) for name in OPTIMIZERS}
    for part in kernels["plain"][OPTIMIZERS[0]]:
        shares = ([kernels[kernel][name][part] / wholes[name] for kernel in ("plain", "fast")] for name in OPTIMIZERS)
        table.add_row(part, *(f"{plain:.0%} → {fast:.0%}" for plain, fast in shares))
    return table


def _shapes(figures: Figures) -> Table:
    """For the three optimizers, the ratio to the floor, and to the peers if they were measured."""
    ratios = [name for name in ("ratio_to_floor", "ratio_to_pytorch", "ratio_to_jax") if figures[name]]
    others = (name.removeprefix("ratio_").replace("_", " ") for name in ratios)
    table = new_table(f"One step in other shapes: {', '.join(OPTIMIZERS)}", "", *others)
    for shape, told in figures["shapes"].items():
        table.add_row(shape, *(" ".join(f"{told[name][optimizer]:.2f}" for optimizer in OPTIMIZERS) for name in ratios))
    return table


def _slowdown(figures: Figures) -> Table:
    by_optimizer, steps = figures["slowdown"]["by_optimizer"], figures["slowdown"]["old_steps"]
    rates = next(iter(by_optimizer.values()))
    table = new_table(f"A step after {steps:,} or more to one of the first, by learning rate", "", *rates)
    for name, by in by_optimizer.items():
        table.add_row(name, *("–" if ratio is None else f"{ratio:.2f}" for ratio in by.values()))
    table.caption = "–: diverged"
    return table


def _others(figures: Figures) -> Table:
    table = new_table(f"Races, viewers and the start, {figures['machine']['cores']} cores", "", "")
    viewers = figures["viewers"]
    for name, shown in {
        "the default race, s": f"{figures['race_s']:.2f}",
        "the same with a viewer, s": f"{figures['race_watched_s']:.2f}",
        "the same in one process, its lanes in turn, s": f"{figures['race_in_turn_s']:.2f}",
        "steps a second, all lanes together": f"{figures['total_steps_per_s']:,.0f}",
        "times as fast as in turn": f"{figures['together_ratio']:.2f}",
        "a viewer costs": f"{figures['viewer_cost']:.1%}",
        "the pictures of why cost, in CPU time": _or_unknown(figures["pictures_cost"], ".1%"),
        "from a drawn digit to the answers, in a race, p95, ms": f"{figures['predict_p95_ms']:.1f}",
        "a sweep's time by that of its steps": f"{figures['sweep_cost']:.2f}",
        f"{viewers['n']:,} viewers: age of a frame, p99, ms": f"{viewers['p99_ms']:.0f}",
        "batches that any of them missed": f"{viewers['missed']:,}",
        "100 viewers cost": f"{viewers['cost_of_100']:.1%}",
        "from the press to the first batches at a viewer, ms": f"{figures['first_frame_ms']:.0f}",
        "until the slowest command in flight acts at a viewer, ms": f"{figures['command_ms']['worst']:.0f}",
        "from the command to the page, ms": f"{figures['start_ms']:.0f}",
        "the same with data still to unpack, ms": f"{figures['first_start_ms']:.0f}",
        "memory of the idle server with its workers, MB": _or_unknown(figures["idle_memory_mb"]),
    }.items():
        table.add_row(name, shown)
    return table


def new_table(title: str, first: str, *others: str) -> Table:
    """Of no rows yet. The others are columns of figures, which end at the same place."""
    table = Table(title=title)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _or_unknown(value: float | None, shown: str = ".0f") -> str:
    return "not known on this system" if value is None else format(value, shown)
