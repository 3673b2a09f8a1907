"""How much memory a process and its children take together. Only Linux tells it."""

from pathlib import Path

PROCESSES = Path("/proc")


def proportional_mb(pid: int) -> float | None:
    """Of the process and all below it, in MB; what several of them share counts once. None where nobody can tell."""
    if not (PROCESSES / str(pid) / "smaps_rollup").exists():
        return None
    return sum(_proportional_kb(member) for member in _family(pid)) / 1024


def _family(pid: int) -> list[int]:
    children = (PROCESSES / str(pid) / "task").glob("*/children")
    below = [int(child) for task in children for child in task.read_text().split()]
    return [pid] + [member for child in below for member in _family(child)]


def _proportional_kb(pid: int) -> int:
    lines = (PROCESSES / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
