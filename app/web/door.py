"""Who may start a run, and who may watch: for each visitor so much, so that there is room for all, and those with the
passphrase, if the host has set one.

Runs that all places are taken for are refused by the manager.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import TooFast, TooMany, TooManyViewers
from app.runs.manager import UNKNOWN_S, Manager
from app.runs.run import Run
from app.settings import Settings
from app.web.passphrase import PassphraseCheck
from app.web.rate_limits import Rate, RateLimit
from app.web.visitor import source_of

VIEWERS_RETRY_S = 15.0
# Of one run: a key that is held down steps some thirty times a second.
COMMANDS = Rate(200, 5)
# All but steps are kept with the run.
KEPT_COMMANDS = Rate(2000, 3600)


class Door:
    """Of one server. Visitors are told apart as `web.visitor` does."""

    def __init__(self, settings: Settings, manager: Manager) -> None:
        self._settings = settings
        self._manager = manager
        self.passphrase = PassphraseCheck(settings.passphrase)
        self._starts = RateLimit(Rate(settings.starts_per_minute, 60))
        self._commands, self._kept_commands = RateLimit(COMMANDS), RateLimit(KEPT_COMMANDS)
        self._viewers: Counter[str] = Counter()

    async def admit(self, visitor: str, passphrase: str | None) -> None:
        """Somebody asks to start a run. Raises WrongPassphrase, Crowded or TooMany."""
        await self.passphrase.check(visitor, passphrase)
        if problem := self.look(visitor):
            raise problem

    def command(self, run: Run, kept: bool) -> None:
        """The owner of a run commands it; `kept` if that is kept with the run. Raises TooFast."""
        for limit in (self._commands, self._kept_commands)[: 1 + kept]:
            if not limit.hit(run.id):
                raise TooFast(
                    f"This run has been given {limit.amount:,} commands within {_span(limit.per_s)}, which is "
                    "the most. It goes on as it was; it can be stopped at any time.",
                    max(1.0, limit.wait_s(run.id)),
                )

    def look(self, visitor: str) -> TooMany | None:
        """Why the visitor could not start a run now; asking costs nothing."""
        if not self._starts.test(visitor):
            return TooMany(
                f"The most races that {source_of(visitor)} may start within a minute have been started: "
                f"{self._starts.amount}.",
                max(1.0, self._starts.wait_s(visitor)),
            )
        places = self._manager.places
        own = places.runs_of(visitor.__eq__)
        if len(own) >= self._settings.max_runs_per_visitor:
            return TooMany(
                f"The most races that {source_of(visitor)} may have at once are running or queued: {len(own)}. "
                "Stop one, or wait for one to end.",
                places.first_left_s(own) or UNKNOWN_S,
            )
        return None

    def started(self, visitor: str) -> None:
        """A run was really started: only those count."""
        self._starts.hit(visitor)

    @contextmanager
    def watching(self, visitor: str) -> Iterator[None]:
        """For as long as one stream is open. Raises TooMany or TooManyViewers."""
        if self._viewers.total() >= self._settings.max_viewers:
            raise TooManyViewers("As many people watch here as this server can serve.", VIEWERS_RETRY_S)
        if self._viewers[visitor] >= (most := self._settings.max_viewers_per_visitor):
            raise TooMany(
                f"{most:,} pages from {source_of(visitor)} watch already, the most allowed at once.", VIEWERS_RETRY_S
            )
        self._viewers[visitor] += 1
        try:
            yield
        finally:
            self._viewers[visitor] -= 1
            if not self._viewers[visitor]:
                del self._viewers[visitor]


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 60 else f"{seconds // 60} minutes"
