"""What a soak found: the samples of a server by minute, and whether it held ever more. Pure arithmetic."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from rich.table import Table

from tests.trials.server import Held
from tests.trials.verdict import Check, table

# Of the server in the second half, and of its workers together; what is smaller drowns in what is on its way.
MOST_MB_A_MINUTE = 1.0
# At rest after the second half: a connection of the database more, an idle thread. One left by each visit is hundreds.
FEW = 8
# A slope of fewer minutes is that of one export or card.
LEAST_MINUTES = 4.0


class Sample(NamedTuple):
    """What was held, after so many minutes."""

    minute: float
    held: Held


class Soaked(NamedTuple):
    """`rests` are those after each half, when no visitor was there."""

    samples: list[Sample]
    rests: list[Held]
    faults: list[str]
    tracebacks: int


def growth(samples: Sequence[Sample], of: str) -> float:
    """MB a minute in the second half: the slope of the least squares."""
    half = samples[-1].minute / 2
    later = [(sample.minute, getattr(sample.held, of)) for sample in samples if sample.minute >= half]
    minutes, megabytes = np.array(later).T
    return float(np.polynomial.Polynomial.fit(minutes, megabytes, 1).convert().coef[1])


def by_minute(samples: Sequence[Sample]) -> Table:
    """The median of each minute, in memory, and the most of each, in the rest."""
    shown = table("What the server holds", "minute", "server, MB", "workers, MB", "descriptors", "threads")
    for minute, group in groupby(samples, lambda sample: int(sample.minute)):
        held = [sample.held for sample in group]
        shown.add_row(
            f"{minute + 1}",
            f"{np.median([each.server_mb for each in held]):.1f}",
            f"{np.median([each.workers_mb for each in held]):.1f}",
            f"{max(each.descriptors for each in held)}",
            f"{max(each.threads for each in held)}",
        )
    return shown


def checks(soaked: Soaked) -> list[Check]:
    """Every bound of a soak. Memory is judged from LEAST_MINUTES on."""
    first, second = soaked.rests
    flat = f"at most {FEW} more"
    found = [
        Check("descriptors at rest", f"{first.descriptors} → {second.descriptors}", flat,
              second.descriptors <= first.descriptors + FEW),
        Check("threads at rest", f"{first.threads} → {second.threads}", flat, second.threads <= first.threads + FEW),
        Check("errors of the server", _some(soaked.faults), "none", not soaked.faults),
        Check("tracebacks in its log", f"{soaked.tracebacks}", "none", not soaked.tracebacks),
    ]  # fmt: skip
    if soaked.samples[-1].minute >= LEAST_MINUTES:
        for name, of in (("memory of the server", "server_mb"), ("memory of its workers", "workers_mb")):
            slope = growth(soaked.samples, of)
            bound = f"at most {MOST_MB_A_MINUTE:g} MB a minute in the second half"
            found.append(Check(name, f"{slope:+.2f} MB a minute", bound, slope <= MOST_MB_A_MINUTE))
    else:
        found.append(Check("memory", "not judged", f"a soak of at least {LEAST_MINUTES:g} minutes", True))
    return found


def _some(texts: list[str]) -> str:
    return "; ".join([*texts[:3], *([f"and {len(texts) - 3} more"] if len(texts) > 3 else [])]) or "none"
