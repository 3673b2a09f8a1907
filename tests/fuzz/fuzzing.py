"""All kinds of input after each other, to one server; a table of what came of them, and the verdict."""

import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console

from tests.fuzz.addresses import addresses
from tests.fuzz.idx import idx
from tests.fuzz.kept import kept
from tests.fuzz.kind import Outcome, try_out
from tests.fuzz.links import links
from tests.fuzz.requests import described, raw
from tests.fuzz.sockets import sockets
from tests.fuzz.stored import stored, stored_sweeps
from tests.fuzz.target import Target, target
from tests.trials.verdict import Check, table, verdict

KINDS = (described, raw, sockets, links, addresses, kept, stored, stored_sweeps, idx)
# Connections of the store and threads for files come and go.
SPARE_HANDLES = 8
REST_S = 20.0


def fuzz(inputs: int, seed: int, console: Console) -> int:
    """Print what was found; the exit status: 1 if a bound is broken."""
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, target(Path(folder)) as fuzzed:
        for make in KINDS:
            kind = make(fuzzed)
            before = _handles(fuzzed)
            began = time.monotonic()
            outcome = try_out(kind, kind.times * -(-inputs // len(KINDS)), seed, lambda: fuzzed.server.tracebacks)
            outcome.leaked = _leaked(fuzzed, before)
            outcomes[kind.name] = outcome
            console.print(f"{kind.name}: {outcome.inputs:,} inputs in {time.monotonic() - began:.0f} s")
    shown = table("Generated inputs", "kind", "inputs", "5xx", "tracebacks", "wrong values", "hangs", "leaked handles")
    for name, each in outcomes.items():
        figures = each.inputs, each.errors, each.tracebacks, each.wrong, each.hangs, each.leaked
        shown.add_row(name, *(f"{figure:,}" for figure in figures))
    console.print(shown)
    for line in (line for each in outcomes.values() for line in each.broken):
        console.print(line, markup=False, highlight=False)
    return verdict(checks(list(outcomes.values())), console)


def checks(outcomes: list[Outcome]) -> list[Check]:
    """Not one of anything."""
    sums = {
        "answers 5xx": sum(each.errors for each in outcomes),
        "tracebacks": sum(each.tracebacks for each in outcomes),
        "wrong values": sum(each.wrong for each in outcomes),
        "hangs": sum(each.hangs for each in outcomes),
        "leaked handles": sum(each.leaked for each in outcomes),
    }
    return [Check(what, f"{found:,}", "0", found == 0) for what, found in sums.items()]


def _handles(fuzzed: Target) -> int:
    """Open files of the server and of this process, which reads the IDX files."""
    return fuzzed.server.held().descriptors + psutil.Process().num_fds()


def _leaked(fuzzed: Target, before: int) -> int:
    """More than before and SPARE_HANDLES, even after a while."""
    deadline = time.monotonic() + REST_S
    while (more := _handles(fuzzed) - before - SPARE_HANDLES) > 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    return max(0, more)
