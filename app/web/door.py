"""Who may start a run, and who may watch: for each visitor so much, so that there is room for all, and those with the
passphrase, if the host has set one.

Runs that all places are taken for are refused by the manager.
"""

import hmac
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from app.errors import TooFast, TooMany, TooManyViewers, WrongPassphrase
from app.runs.manager import UNKNOWN_S, Manager
from app.runs.run import Run
from app.settings import Settings
from app.web.rate_limits import MOST_KEYS, Rate, RateLimit

VIEWERS_RETRY_S = 15.0
# Wrong words of all visitors together. Whoever has known the right ones here is not kept out by them.
GUESSES = Rate(1000, 3600)
# Of one run: a key that is held down steps some thirty times a second.
COMMANDS = Rate(200, 5)
# All but steps are kept with the run.
KEPT_COMMANDS = Rate(2000, 3600)


class Door:
    """Of one server. Visitors are told apart as `web.visitor` does."""

    def __init__(self, settings: Settings, manager: Manager) -> None:
        self._settings = settings
        self._manager = manager
        self._passphrase = settings.passphrase.get_secret_value()
        self._starts = RateLimit(Rate(settings.starts_per_minute, 60))
        self._guesses = RateLimit(GUESSES)
        self._trusted: set[str] = set()
        self._commands, self._kept_commands = RateLimit(COMMANDS), RateLimit(KEPT_COMMANDS)
        self._runs: list[tuple[str, Run]] = []
        self._viewers: Counter[str] = Counter()

    @property
    def locked(self) -> bool:
        """Whether starting a run takes a passphrase."""
        return bool(self._passphrase)

    def admit(self, visitor: str, passphrase: str | None) -> None:
        """Somebody asks to start a run; every attempt counts, wrong ones too. Raises TooMany or WrongPassphrase."""
        if not self._starts.hit(visitor):
            raise self._too_often(visitor)
        if self.locked:
            self._ask(visitor, passphrase)
        self._have_room(visitor)

    def _ask(self, visitor: str, passphrase: str | None) -> None:
        if visitor not in self._trusted and not self._guesses.test():
            raise TooMany(
                "Too many wrong passphrases have been tried here. Try again later.", max(1.0, self._guesses.wait_s())
            )
        if not self._knows(passphrase):
            if passphrase is not None:
                self._guesses.hit()
            wrong = "That is not the passphrase" if passphrase else "Starting a race here takes a passphrase"
            raise WrongPassphrase(f"{wrong}; whoever hosts this page gives it out.")
        if len(self._trusted) < MOST_KEYS:
            self._trusted.add(visitor)

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
        try:
            if not self._starts.test(visitor):
                return self._too_often(visitor)
            self._have_room(visitor)
        except TooMany as problem:
            return problem
        return None

    def started(self, visitor: str, run: Run) -> None:
        self._runs.append((visitor, run))

    @contextmanager
    def watching(self, visitor: str) -> Iterator[None]:
        """For as long as one stream is open. Raises TooMany or TooManyViewers."""
        if self._viewers.total() >= self._settings.max_viewers:
            raise TooManyViewers("As many people watch here as this server can serve.", VIEWERS_RETRY_S)
        if self._viewers[visitor] >= (most := self._settings.max_viewers_per_visitor):
            raise TooMany(
                f"From your address {most:,} pages watch already, as many as this server lets.", VIEWERS_RETRY_S
            )
        self._viewers[visitor] += 1
        try:
            yield
        finally:
            self._viewers[visitor] -= 1
            if not self._viewers[visitor]:
                del self._viewers[visitor]

    def _knows(self, passphrase: str | None) -> bool:
        """A header has no room for every letter: those it has none for come percent-encoded."""
        given = [passphrase or "", unquote(passphrase or "")]
        return any([hmac.compare_digest(words.encode(), self._passphrase.encode()) for words in given])

    def _too_often(self, visitor: str) -> TooMany:
        return TooMany(
            f"You have asked for {self._settings.starts_per_minute} starts within a minute, which is the most.",
            max(1.0, self._starts.wait_s(visitor)),
        )

    def _have_room(self, visitor: str) -> None:
        self._runs = [(owner, run) for owner, run in self._runs if not run.status.final]
        own = [run for owner, run in self._runs if owner == visitor]
        if len(own) >= self._settings.max_runs_per_visitor:
            raise TooMany(
                f"{len(own)} races from your address go on or wait, as many as this server lets one visitor have. "
                "Wait for one to end, or stop one.",
                self._manager.places.first_left_s(own) or UNKNOWN_S,
            )


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 60 else f"{seconds // 60} minutes"
