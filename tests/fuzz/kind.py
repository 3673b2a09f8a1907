"""One kind of input: how it is made, how it is sent, and what came of it."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.fuzz.target import HANG_S

# Of each kind, what is shown of the inputs that broke a bound.
MOST_SHOWN, SHOWN_CHARACTERS = 5, 300


class Kind(NamedTuple):
    """`send` gives the status of every answer; it raises what it did not expect, AssertionError at a wrong value.

    Of what costs little there are so many `times` as many inputs as of others.
    """

    name: str
    inputs: SearchStrategy[Any]
    send: Callable[[Any], list[int]]
    times: int = 1


class Outcome:
    """What came of one kind's inputs."""

    def __init__(self) -> None:
        self.inputs = self.errors = self.tracebacks = self.wrong = self.hangs = self.leaked = 0
        self.broken: list[str] = []


def try_out(kind: Kind, count: int, chosen_seed: int, tracebacks: Callable[[], int]) -> Outcome:
    """Send `count` inputs, whatever becomes of the ones before. `tracebacks` is how many the log has."""
    outcome = Outcome()
    before = tracebacks()

    def send(given_input: Any) -> None:
        nonlocal before
        outcome.inputs += 1
        problem = ""
        try:
            # A machine that is busy with something else stands still now and then, but not twice for the same input.
            statuses = _within(kind.send, given_input)
            if statuses is None:
                statuses = _within(kind.send, given_input)
            if statuses is None:
                outcome.hangs += 1
                problem = f"took more than {HANG_S:g} s, twice"
            # 501 and 503 say what is not offered, or not now.
            elif faults := [status for status in statuses if status >= 500 and status not in (501, 503)]:
                outcome.errors += len(faults)
                problem = f"answered {faults[0]}"
        except AssertionError as error:
            outcome.wrong += 1
            problem = f"wrong: {error}"
        except Exception as error:
            outcome.tracebacks += 1
            problem = f"{type(error).__name__}: {error}"
        if (now := tracebacks()) > before:
            outcome.tracebacks += now - before
            before, problem = now, problem or "traceback in the log"
        if problem and len(outcome.broken) < MOST_SHOWN:
            outcome.broken.append(f"{kind.name}: {problem}: {repr(given_input)[:SHOWN_CHARACTERS]}")

    for_each(kind.inputs, count, chosen_seed, send)
    return outcome


def for_each(inputs: SearchStrategy[Any], count: int, chosen_seed: int, do: Callable[[Any], None]) -> None:
    """Do this with `count` inputs; the same seed, the same inputs."""

    @seed(chosen_seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def generated(given_input: Any) -> None:
        do(given_input)

    generated()


def _within(send: Callable[[Any], list[int]], given_input: Any) -> list[int] | None:
    """The statuses; None if they took longer than HANG_S."""
    began = time.monotonic()
    try:
        statuses = send(given_input)
    except (TimeoutError, httpx.TimeoutException):
        return None
    return statuses if time.monotonic() - began <= HANG_S else None
