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
    """A claim holds if all its parts do, partly if some do, and not if none does; undecided parts are named too."""
    found = list(parts)
    came_out = {part.holds for part in found}
    if came_out == {None}:
        how = "is not decided here"
    elif None in came_out and True not in came_out:
        # An undecided part may be false, too.
        how = "does not hold here, as far as it is decided"
    elif came_out == {None, True}:
        how = "holds here, as far as it is decided"
    elif came_out == {True}:
        how = "holds here"
    else:
        how = "holds partly here" if True in came_out else "does not hold here"
    return f"The claim {how}: {'; '.join(part.found for part in found)}."
