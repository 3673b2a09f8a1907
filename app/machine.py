"""What this process may use of its machine: less than there is if its container, or its service, has a limit."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

MB = 1_000_000
GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def cores(groups: Path = GROUPS, own: Path = OWN) -> int:
    """How many: fewer than there are if it is bound to some, or if a control group has a quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for quota in _limits(groups, own, "", "cpu.max"):
        allowed, period = quota.split()
        if allowed != "max":
            count = min(count, int(allowed) // int(period))
    return max(1, count)


@cache
def memory_mb(groups: Path = GROUPS, own: Path = OWN) -> int:
    """How much there is for this process and its workers. Every start of a run asks, and files are read once."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    # In version 1 of control groups no limit is a very large number.
    found = [*_limits(groups, own, "", "memory.max"), *_limits(groups, own, "memory", "memory.limit_in_bytes")]
    return min([machine, *(int(limit) for limit in found if limit.isdecimal())]) // MB


def _limits(groups: Path, own: Path, controller: str, file: str) -> Iterator[str]:
    """What `file` says in the control group of this process and in those around it.

    A container may see its own group as the outermost one, under whatever name the process has it.
    """
    lines = own.read_text().splitlines() if own.exists() else []
    named = [name for _, controllers, name in (line.split(":", 2) for line in lines) if controllers == controller]
    inner = Path((named or ["/"])[0].lstrip("/"))
    for group in (inner, *inner.parents):
        limit = groups / controller / group / file
        if ".." not in group.parts and limit.exists():
            yield limit.read_text().strip()
