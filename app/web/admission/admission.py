"""Who may start a run, and who may watch: for each visitor so much, so that there is room for all, and those with the
passphrase, if the host has set one.

Runs that all places are taken for are refused by the manager.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import QuotaExceeded, RateLimited, TooManyViewers
from app.runs.run import Run
from app.scheduling.manager import UNKNOWN_S, Manager
from app.settings import Settings
from app.web.admission.passphrase import PassphraseCheck, same_words
from app.web.admission.rate_limits import Rate, RateLimit
from app.web.admission.visitor import address_of, source_of

# The header with the key of a class's teacher.
TEACHER = "X-Teacher-Key"
VIEWERS_RETRY_S = 15.0
# Of one run: a key that is held down steps some thirty times a second.
COMMANDS = Rate(200, 5)
# All but steps are kept with the run.
KEPT_COMMANDS = Rate(2000, 3600)


class Admission:
    """Of one server. Visitors are told apart as `web.visitor` does."""

    def __init__(self, settings: Settings, manager: Manager) -> None:
        self._settings = settings
        self._manager = manager
        self.passphrase = PassphraseCheck(settings.passphrase)
        self._teacher_key = settings.teacher_key.get_secret_value()
        self._starts = RateLimit(Rate(settings.starts_per_minute, 60))
        self._starts_of_class = RateLimit(Rate(settings.starts_per_minute * max(1, settings.classroom), 60))
        self._commands, self._kept_commands = RateLimit(COMMANDS), RateLimit(KEPT_COMMANDS)
        self._watching, self._viewers = 0, Counter[str]()

    @property
    def classroom(self) -> bool:
        """Whether equal races are one."""
        return self._settings.classroom > 0

    async def admit(self, visitor: str, passphrase: str | None) -> None:
        """Somebody asks for a race. Raises WrongPassphrase or Crowded."""
        await self.passphrase.check(visitor, passphrase)

    def is_teacher(self, key: str | None) -> bool:
        """Whether this is the key of the class's teacher."""
        return bool(self._settings.classroom and key and self._teacher_key and same_words(key, self._teacher_key))

    def check_share(self, visitor: str) -> None:
        """A run is to be started. Raises QuotaExceeded."""
        if problem := self.look(visitor):
            raise problem

    def command(self, run: Run, kept: bool) -> None:
        """The owner of a run commands it; `kept` if that is kept with the run. Raises RateLimited."""
        for limit in (self._commands, self._kept_commands)[: 1 + kept]:
            if not limit.hit(run.id):
                raise RateLimited(
                    f"This run has been given {limit.amount:,} commands within {_span(limit.per_s)}, which is "
                    "the most. It goes on as it was; it can be stopped at any time.",
                    max(1.0, limit.wait_s(run.id)),
                )

    def look(self, visitor: str) -> QuotaExceeded | None:
        """Why the visitor could not start a run now; asking costs nothing."""
        return next(filter(None, (self._look(*share) for share in self._shares(visitor))), None)

    def _shares(self, visitor: str) -> Iterator[tuple[str, int]]:
        """Whom a visitor's doing is counted for, and how many shares that one has."""
        yield visitor, 1
        if (address := address_of(visitor)) != visitor:
            # Whoever makes up browsers takes from the class, and from nobody else.
            yield address, self._settings.classroom

    def _look(self, who: str, shares: int) -> QuotaExceeded | None:
        starts = self._starts if shares == 1 else self._starts_of_class
        if not starts.test(who):
            return QuotaExceeded(
                f"The most races that {source_of(who)} may start within a minute have been started: {starts.amount}.",
                max(1.0, starts.wait_s(who)),
            )
        places = self._manager.places
        own = places.runs_of(lambda visitor: who in (visitor, address_of(visitor)))
        if len(own) >= shares * self._settings.max_runs_per_visitor:
            return QuotaExceeded(
                f"The most races that {source_of(who)} may have at once are running or queued: {len(own)}. "
                "Stop one, or wait for one to end.",
                places.first_left_s(own) or UNKNOWN_S,
            )
        return None

    def started(self, visitor: str) -> None:
        """A run was really started: only those count."""
        for who, shares in self._shares(visitor):
            (self._starts if shares == 1 else self._starts_of_class).hit(who)

    @contextmanager
    def watching(self, visitor: str) -> Iterator[None]:
        """For as long as one stream is open. Raises QuotaExceeded or TooManyViewers."""
        if self._watching >= self._settings.max_viewers:
            raise TooManyViewers("As many people watch here as this server can serve.", VIEWERS_RETRY_S)
        for who, shares in self._shares(visitor):
            if self._viewers[who] >= (most := shares * self._settings.max_viewers_per_visitor):
                raise QuotaExceeded(
                    f"{most:,} pages from {source_of(who)} watch already, the most allowed at once.", VIEWERS_RETRY_S
                )
        whose = [who for who, _ in self._shares(visitor)]
        self._watching += 1
        self._viewers.update(whose)
        try:
            yield
        finally:
            self._watching -= 1
            self._viewers.subtract(whose)
            # A counter keeps those who have none as well.
            self._viewers += Counter()


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 60 else f"{seconds // 60} minutes"
