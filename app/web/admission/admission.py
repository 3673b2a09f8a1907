"""What visitors may do on this server: start a run, command it, watch, read. All routes check it here.

Each visitor has a limited share, so that there is room for all. Starting needs the passphrase, if the host has set
one, and only the visitor who started a run can command it. The manager below uses visitors only for the order of the
queue.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any, Literal, NamedTuple

from app.config import RunConfig
from app.errors import QuotaExceeded, RateLimited, RunNotFound
from app.lessons.lessons import Lessons
from app.quotas import Quota, Rate
from app.report.formats import span
from app.runs.run import Run
from app.scheduling.manager import UNKNOWN_S, Manager
from app.scheduling.run_registry import Kept, Registry
from app.settings import Settings
from app.sweeps.grid import grid
from app.sweeps.sweep import Sweep
from app.web.admission.owner_key import Reservation, digest, is_owner, require_owner, reserve
from app.web.admission.passphrase import PassphraseCheck, same_words
from app.web.admission.streams import Streams
from app.web.admission.visitor import address_of, hashed, source_of

# The header with the key of a class's teacher.
TEACHER = "X-Teacher-Key"
# Of one run: a key that is held down steps some thirty times a second.
COMMANDS = Rate(200, 5)
# All but steps are kept with the run.
KEPT_COMMANDS = Rate(2000, 3600)


class Start(NamedTuple):
    """The answer to a start: a run with its owner's key, or, without a key, another visitor's run to watch."""

    run: Run
    key: str | None


class _Share:
    """What one visitor may have, or so many together at one address."""

    def __init__(self, settings: Settings, visitors: int) -> None:
        self.runs = visitors * settings.max_runs_per_visitor
        self.starts = Quota(Rate(visitors * settings.starts_per_minute, 60))


class Admission:
    """Of one server. Visitors are distinguished as in `web.admission.visitor`."""

    def __init__(self, settings: Settings, manager: Manager, lessons: Lessons) -> None:
        self._manager = manager
        self._passphrase = PassphraseCheck(settings.passphrase)
        self._teacher_key = settings.teacher_key.get_secret_value()
        self._classroom = settings.classroom > 0
        self._of_visitor, self._of_class = _Share(settings, 1), _Share(settings, settings.classroom)
        self.streams = Streams(settings, lessons)
        self._commands, self._kept_commands = Quota(COMMANDS), Quota(KEPT_COMMANDS)

    @property
    def needs_passphrase(self) -> bool:
        return self._passphrase.needed

    def is_teacher(self, key: str | None) -> bool:
        """Whether this is the key of the class's teacher."""
        return bool(self._classroom and key and self._teacher_key and same_words(key, self._teacher_key))

    async def start(
        self,
        visitor: str,
        config: RunConfig,
        pace: float | None,
        paused: bool,
        passphrase: str | None,
        teacher_key: str | None,
        reserved: Reservation | None = None,
    ) -> Start:
        """A new run; in a classroom, an equal one that there is already.

        Raises ShuttingDown, Starting, WrongPassphrase, Overloaded, QuotaExceeded, InvalidConfig or TooManyRuns.
        """
        teacher = await self._let_in(visitor, passphrase, teacher_key)
        runs, wanted = self._manager.registry, reserved or reserve()
        if begun := await _begun(runs, wanted):
            return Start(begun, wanted.key)
        may_join = self._classroom and not teacher and not paused and pace is None
        if may_join and (same := self._manager.queue.joinable(config)):
            return Start(same, None)
        with self._counted(visitor, teacher):
            run = self._manager.start(config, pace, paused, digest(wanted.key), hashed(visitor), teacher, wanted.id)
        return Start(run, wanted.key)

    async def start_sweep(
        self,
        visitor: str,
        axes: dict[str, list[Any]],
        base: dict[str, Any],
        passphrase: str | None,
        teacher_key: str | None,
        reserved: Reservation | None = None,
    ) -> tuple[Sweep, str]:
        """A new sweep, and its owner's key. Counts as a run, and raises what `start` does."""
        teacher = await self._let_in(visitor, passphrase, teacher_key)
        sweeps, wanted = self._manager.sweeps, reserved or reserve()
        if begun := await _begun(sweeps, wanted):
            return begun, wanted.key
        with self._counted(visitor, teacher):
            # A large one takes a while to make, which who may not start one is not to cost.
            made = grid(axes, base)
            sweep = self._manager.start_sweep(made, digest(wanted.key), hashed(visitor), teacher, wanted.id)
        return sweep, wanted.key

    async def first_saved(self, started: Run | Sweep) -> bool | None:
        """Whether the next server will find it; returns as soon as that is known. None where nothing is kept.

        Raises Starting if that server leads already, without it.
        """
        if isinstance(started, Run):
            await self._manager.registry.first_saved(started)
        else:
            await self._manager.sweeps.first_saved(started)
        return started.saved

    async def _let_in(self, visitor: str, passphrase: str | None, teacher_key: str | None) -> bool:
        """Whether it is the teacher who asks. Raises ShuttingDown, Starting, WrongPassphrase or Overloaded."""
        # Before what is the visitor's own doing: that will not count after the restart.
        self._manager.check_open()
        await self._passphrase.check(visitor, passphrase)
        return self.is_teacher(teacher_key)

    @contextmanager
    def _counted(self, visitor: str, teacher: bool) -> Iterator[None]:
        """Start something meanwhile. Raises QuotaExceeded before."""
        if problem := self.quota_problem(visitor, teacher):
            raise problem
        yield
        # Only what was really started counts.
        for who, share in () if teacher else self._shares(visitor):
            share.starts.hit(who)

    async def check_passphrase(self, visitor: str, passphrase: str | None) -> None:
        """Raises WrongPassphrase or Overloaded."""
        await self._passphrase.check(visitor, passphrase)

    async def command(self, run_id: str, key: str | None, command: Literal["stop", "step", "other"]) -> Run:
        """The run, for its owner to give it a command. Raises NotOwner, RateLimited, or what `read` raises.

        Stopping is not counted.
        """
        run = await self._manager.find(run_id)
        require_owner(run, key)
        limits = {"stop": (), "step": (self._commands,), "other": (self._commands, self._kept_commands)}
        for limit in limits[command]:
            if not limit.hit(run.id):
                raise RateLimited(
                    f"This run has received {limit.amount:,} commands within {span(limit.per_s)}, the most "
                    "allowed. It continues as it is; it can be stopped at any time.",
                    max(1.0, limit.wait_s(run.id)),
                    "commands",
                )
        return run

    async def command_sweep(self, sweep_id: str, key: str | None) -> Sweep:
        """The sweep, for its owner to stop it. Raises NotOwner, or what `read` raises."""
        sweep = await self._manager.sweeps.find(sweep_id)
        require_owner(sweep, key)
        return sweep

    @asynccontextmanager
    async def watch(self, visitor: str, run_id: str) -> AsyncIterator[Run]:
        """The run, while one viewer watches it. Raises QuotaExceeded, TooManyViewers, or what `read` raises."""
        # Recordings are over, short, and what visitors see first: watching one takes no one's place.
        shown = self._manager.registry.is_shown(run_id)
        async with nullcontext() if shown else self.streams.opened(visitor, run_id):
            yield await self._manager.find(run_id)

    @asynccontextmanager
    async def watch_sweep(self, visitor: str, sweep_id: str) -> AsyncIterator[Sweep]:
        """The same of a sweep."""
        shown = self._manager.sweeps.is_shown(sweep_id)
        async with nullcontext() if shown else self.streams.opened(visitor, sweep_id):
            yield await self._manager.sweeps.find(sweep_id)

    async def read(self, run_id: str, key: str | None = None) -> Run:
        """The run; with its owner's key, asking for it is as good as watching it in the queue.

        Raises RunNotFound, StoreUnavailable or Overloaded.
        """
        run = await self._manager.find(run_id)
        if is_owner(run, key):
            self._manager.queue.seen(run)
        return run

    async def read_sweep(self, sweep_id: str, key: str | None = None) -> Sweep:
        """The sweep; with its owner's key, asking for it is as good as watching it. Raises what `read` raises."""
        sweep = await self._manager.sweeps.find(sweep_id)
        if is_owner(sweep, key):
            self._manager.queue.seen(sweep)
        return sweep

    def quota_problem(self, visitor: str, teacher: bool) -> QuotaExceeded | None:
        """Why the visitor could not start a run now; asking costs nothing. A class never keeps its teacher out."""
        if teacher:
            return None
        return next(filter(None, (self._problem(*share) for share in self._shares(visitor))), None)

    def _shares(self, visitor: str) -> Iterator[tuple[str, _Share]]:
        """For whom a visitor's requests are counted."""
        yield visitor, self._of_visitor
        if (address := address_of(visitor)) != visitor:
            # Made-up browsers take from the class at their address, and from no one else.
            yield address, self._of_class

    def _problem(self, who: str, share: _Share) -> QuotaExceeded | None:
        if not share.starts.test(who):
            return QuotaExceeded(
                f"Races and sweeps started from {source_of(who)} within a minute: {share.starts.amount}, the most "
                "allowed.",
                max(1.0, share.starts.wait_s(who)),
                "starts",
            )
        queue = self._manager.queue
        kept_as = hashed(who)
        own = queue.runs_of(lambda visitor: kept_as in (visitor, address_of(visitor)))
        if len(own) >= share.runs:
            return QuotaExceeded(
                f"Races and sweeps from {source_of(who)} that are running or queued: {len(own)}, the most allowed at "
                "once. Stop one, or wait for one to end.",
                queue.first_left_s(own) or UNKNOWN_S,
                "runs",
            )
        return None


async def _begun(registry: Registry[Kept], wanted: Reservation) -> Kept | None:
    """What a start has begun already, here or at the server before, whose answer was lost."""
    with suppress(RunNotFound):
        return await registry.find(wanted.id) if wanted.again else registry.get(wanted.id)
    return None
