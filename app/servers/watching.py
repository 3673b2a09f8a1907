"""Who watches what through which server: each reports its own viewers to the leader, which answers those of the others.

A report that is not renewed within seconds no longer counts: its server has ended, or is cut off.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import NamedTuple

from app.runs.run import Run
from app.sweeps.sweep import Sweep

EXPIRES_AFTER_S = 6.0


class Seen(NamedTuple):
    """Through one server: viewers of each run and sweep, and open streams of each visitor."""

    viewers: dict[str, int]
    streams: dict[str, int]


class Watching:
    """At the leader: the latest report of each other server."""

    def __init__(self) -> None:
        self._reports: dict[str, tuple[float, Seen]] = {}

    def report(self, server: str, seen: Seen) -> None:
        """Replaces what this server reported before."""
        self._reports[server] = monotonic(), seen

    def clear(self) -> None:
        self._reports.clear()

    def viewers(self, watched: str, excluding: str = "") -> int:
        """How many watch a run or sweep through servers other than this one and `excluding`."""
        return sum(seen.viewers.get(watched, 0) for server, seen in self._recent() if server != excluding)

    def streams(self, excluding: str = "") -> Counter[str]:
        """Open streams of each visitor, through the same servers."""
        counted: Counter[str] = Counter()
        for server, seen in self._recent():
            if server != excluding:
                counted.update(seen.streams)
        return counted

    def streams_of(self, who: str) -> int:
        """Open streams of one visitor, through all other servers."""
        return sum(seen.streams.get(who, 0) for _, seen in self._recent())

    def opened(self, server: str, counted_as: Iterable[str]) -> None:
        """Count one more stream through this server, which its later reports contain."""
        _, seen = self._reports.setdefault(server, (monotonic(), Seen({}, {})))
        for who in counted_as:
            seen.streams[who] = seen.streams.get(who, 0) + 1

    def _recent(self) -> Iterator[tuple[str, Seen]]:
        oldest = monotonic() - EXPIRES_AFTER_S
        for server, (reported_at, seen) in list(self._reports.items()):
            if reported_at < oldest:
                del self._reports[server]
            else:
                yield server, seen


def viewers_of(kept: Iterable[Run | Sweep]) -> dict[str, int]:
    """Viewers through this server of each run and sweep that has any."""
    return {each.id: each.own_viewers for each in kept if each.own_viewers}
