"""How much memory and CPU time a process and its children take together. Only Linux tells it."""

import os
from pathlib import Path

PROCESSES = Path("/proc")


def proportional_mb(pid: int) -> float | None:
    """Of the process and all below it, in MB; what several of them share counts once.

    None where the system does not say.
    """
    if not (PROCESSES / str(pid) / "smaps_rollup").exists():
        return None
    return sum(_proportional_kb(member) for member in _family(pid)) / 1024


def cpu_seconds(pid: int) -> float | None:
    """That the process and all below it have computed for so far. None where the system does not say."""
    if not (PROCESSES / str(pid) / "stat").exists():
        return None
    return sum(_cpu_ticks(member) for member in _family(pid)) / os.sysconf("SC_CLK_TCK")


def own_cpu_seconds(pid: int) -> float | None:
    """The same of the process alone."""
    if not (PROCESSES / str(pid) / "stat").exists():
        return None
    return _cpu_ticks(pid) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    children = (PROCESSES / str(pid) / "task").glob("*/children")
    below = [int(child) for task in children for child in task.read_text().split()]
    return [pid] + [member for child in below for member in _family(child)]


def _proportional_kb(pid: int) -> int:
    lines = (PROCESSES / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _cpu_ticks(pid: int) -> int:
    """User and system time. The fields before may hold spaces, in brackets."""
    fields = (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
