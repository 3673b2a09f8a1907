"""Says in one sentence, part by part, whether a claim of the article holds in what was run."""

from collections.abc import Iterable
from typing import NamedTuple


class Part(NamedTuple):
    """One statement of a claim."""

    holds: bool | None
    """None where the result does not decide it."""
    found: str
    """What was found, with its figures."""


def claim(parts: Iterable[Part]) -> str:
    """A claim holds if all its parts do, and partly if only some do, whether the others fail or are undecided. If none
    holds, it does not hold; unless most are undecided: then it is not decided.
    """
    found = list(parts)
    came_out = [part.holds for part in found]
    undecided = came_out.count(None)
    if True in came_out:
        how = "holds here" if all(came_out) else "holds partly here"
    elif 2 * undecided > len(found):
        how = "is not decided here"
    else:
        how = "does not hold here, as far as it is decided" if undecided else "does not hold here"
    return f"The claim {how}: {'; '.join(part.found for part in found)}."
