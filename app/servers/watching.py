"""Who watches what through which server: each tells the leader what it has, and is told what the others have.

What a server has not renewed for a while counts no more: it has ended, or is cut off.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import NamedTuple

from app.runs.run import Run
from app.sweeps.sweep import Sweep

FORGOTTEN_AFTER_S = 6.0


class Seen(NamedTuple):
    """Through one server: viewers of each run and sweep, and open streams of each visitor."""

    viewers: dict[str, int]
    streams: dict[str, int]


class Watching:
    """At the leader, all that the other servers have told."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Seen]] = {}

    def tell(self, server: str, seen: Seen) -> None:
        """This is what one server has now, in place of what it had."""
        self._told[server] = monotonic(), seen

    def clear(self) -> None:
        self._told.clear()

    def viewers(self, watched: str, but: str = "") -> int:
        """Of a run or sweep, through other servers than this one and `but`."""
        return sum(seen.viewers.get(watched, 0) for server, seen in self._recent() if server != but)

    def streams(self, but: str = "") -> Counter[str]:
        """Of each visitor, through the same."""
        counted: Counter[str] = Counter()
        for server, seen in self._recent():
            if server != but:
                counted.update(seen.streams)
        return counted

    def _recent(self) -> Iterator[tuple[str, Seen]]:
        oldest = monotonic() - FORGOTTEN_AFTER_S
        for server, (told_at, seen) in list(self._told.items()):
            if told_at < oldest:
                del self._told[server]
            else:
                yield server, seen


def viewers_of(kept: Iterable[Run | Sweep]) -> dict[str, int]:
    """Through this server, of what is watched at all."""
    return {each.id: each.own_viewers for each in kept if each.own_viewers}
