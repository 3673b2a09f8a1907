"""Does the faults to a server, one after the other, and measures what is left of each."""

import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from tests.faults.faults import CannotTry, Fault
from tests.faults.victim import FAKETIME, NOW, Victim
from tests.trials.server import trial_server
from tests.trials.verdict import Check, table, verdict
from tests.waiting import until

BOUND_S = 10.0
SETTINGS = {"MAX_RUNNING": "1", "MAX_QUEUED": "3", "MAX_RUNS_PER_VISITOR": "3", "STARTS_PER_MINUTE": "1000"}


class Outcome(NamedTuple):
    """`recovered_s` is from the fault's end to that of a race behind it; `handles` are descriptors more than before."""

    fault: str
    happened: str
    held: bool
    recovered_s: float = 0.0
    tracebacks: int = 0
    handles: int = 0
    errors: int = 0


def trial(faults: list[Fault], bound_s: float, console: Console, first: str = "") -> int:
    """Print a row for each fault; the exit status: 1 if a bound is broken. `first` is as for `trial_server`."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        clock = folder / "clock"
        clock.write_text(NOW)
        faked = {
            "LD_PRELOAD": str(FAKETIME[0]),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        with trial_server(folder, first, **SETTINGS, **(faked if FAKETIME else {})) as server:
            victim = Victim(server, clock)
            with victim.http:
                victim.races_as_always()
                outcomes = [_outcome(fault, victim) for fault in faults]
    shown = table("Faults", "fault", "what happened", "recovered within", "tracebacks", "leaked handles")
    for each in outcomes:
        shown.add_row(
            each.fault, each.happened, f"{each.recovered_s:.1f} s", f"{each.tracebacks}", f"{max(0, each.handles)}"
        )
    console.print(shown)
    return verdict(checks(outcomes, bound_s), console)


def checks(outcomes: list[Outcome], bound_s: float) -> list[Check]:
    broken = [each.fault for each in outcomes if not each.held]
    slowest = max(each.recovered_s for each in outcomes)
    sums = {
        "answers 500": sum(each.errors for each in outcomes),
        "tracebacks": sum(each.tracebacks for each in outcomes),
        "leaked handles": sum(max(0, each.handles) for each in outcomes),
    }
    return [
        Check("faults that did other than they should", ", ".join(broken) or "none", "none", not broken),
        Check("slowest recovery", f"{slowest:.1f} s", f"at most {bound_s:g} s", slowest <= bound_s),
        *(Check(what, f"{count}", "0", count == 0) for what, count in sums.items()),
    ]


def _outcome(fault: Fault, victim: Victim) -> Outcome:
    name = fault.__name__.replace("_", " ")
    before, tracebacks = victim.server.held().descriptors, victim.server.tracebacks
    victim.answers.clear()
    try:
        happened = fault(victim)
        ended = time.monotonic()
        victim.races_as_always()
        recovered_s = time.monotonic() - ended
    except CannotTry as reason:
        return Outcome(name, f"not tried: {reason}", held=True)
    except AssertionError as problem:
        return Outcome(name, str(problem), held=False, tracebacks=victim.server.tracebacks - tracebacks)
    with suppress(AssertionError):
        until(lambda: victim.server.held().descriptors <= before, "as many descriptors as before")
    return Outcome(
        name,
        happened,
        True,
        recovered_s,
        victim.server.tracebacks - tracebacks,
        victim.server.held().descriptors - before,
        victim.answers.count(500),
    )
