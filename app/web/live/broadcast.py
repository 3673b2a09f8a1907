"""Sends the changes of one run to all viewers who are up to date: encoded once, and written to each.

A viewer who is behind, being new or slow, is not subscribed: `web.live.stream` lets it catch up and come back.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, NamedTuple

from app.events import ViewersChanged
from app.histogram import Histogram
from app.logs import about
from app.runs.history import Cursor
from app.runs.run import Run
from app.web.described import described
from app.web.live.raw_websocket import Write
from app.web.protocol import BEAT, DRAINING, encode_block, encode_run, frame

BEAT_S = 5.0
# A viewer waits so long for what it already has: less than the silence after which it takes a server to be gone.
AHEAD_S = 10.0
# Pieces of history that are kept encoded for the next viewer who needs the same.
MOST_ENCODED = 32
# After so many writes the event loop does everything else: commands, newcomers, and the lanes themselves.
WRITES_AT_ONCE = 250


# With one core, sending takes its time from the lanes: a crowd is then sent the same less often.
SHARE_OF_ONLY_CORE = 0.07
LONGEST_REST_S = 0.5
# From the time between two rounds to what a viewer would call stuck.
FRAME_AGE_BOUNDS_S = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)

_log = logging.getLogger(__name__)


class Sent(NamedTuple):
    """What a viewer has been sent: the points before a cursor, and a version of the run."""

    cursor: Cursor
    version: int


class RunMoved(Exception):
    """It goes on at another server: a viewer who comes back finds it."""


class Broadcast:
    """Made for the first viewer of a run and closed after the last; `sent` is what all subscribers have."""

    def __init__(self, run: Run, frame_age_s: Histogram, share: float = 1.0) -> None:
        self.viewers = 0
        self.over = False
        self.sent = Sent(run.history.end(), run.version)
        self.text = encode_run(described(run))
        self._run = run
        self._frame_age_s = frame_age_s
        self._share = share
        self._encoded: OrderedDict[tuple[Cursor, Cursor], tuple[bytes, Cursor]] = OrderedDict()
        run.notifier.oldest = None
        self._present: dict[asyncio.Future[Sent], Write] = {}
        self._sending = asyncio.create_task(self._send(), name=f"broadcast of {run.id}")

    @property
    def failed(self) -> bool:
        """Whether it sends nothing any more although the run goes on: its viewers need another."""
        return self._sending.done() and not self.over

    def count(self, more: int) -> None:
        """So many more viewers than before."""
        self.viewers += more
        self._run.apply(ViewersChanged(self.viewers))

    def next_message(self, cursor: Cursor) -> tuple[bytes, Cursor]:
        """The next points for a viewer at `cursor`, and the cursor after them."""
        # History is append-only, so the same cursors always give the same bytes.
        between = cursor, self.sent.cursor
        if between not in self._encoded:
            blocks, after = self._run.history.read(*between)
            self._encoded[between] = b"".join(encode_block(*block) for block in blocks), after
            while len(self._encoded) > MOST_ENCODED:
                self._encoded.popitem(last=False)
        return self._encoded[between]

    async def subscribe(self, write: Write) -> Sent:
        """Be sent all changes through `write`, until it refuses or the run is over; what has been sent by then.

        Raises RunMoved when it goes on elsewhere.
        """
        left: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        self._present[left] = write
        # Should sending ever fail, every subscriber is to know.
        either: list[asyncio.Future[Any]] = [left, self._sending]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._present[left]
        if not left.done():
            self._sending.result()
        return left.result() if left.done() else self.sent

    def has(self, cursor: Cursor) -> bool:
        """Whether `sent` is not before `cursor`: a newcomer may have points that are still to be sent here."""
        return all(map(_within, cursor, self.sent.cursor))

    async def wait_until_sent(self, cursor: Cursor) -> None:
        """Wait until that is so. Raises CursorMismatch if the run ends without it, or goes on too long.

        A server that has taken a race over first reads what viewers have from the server before.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(AHEAD_S):
                while not self.has(cursor) and not self.over:
                    await self.subscribe(lambda frames: False)
        if not self.has(cursor):
            self._run.cursor(list(cursor.steps), list(cursor.evaluations), list(cursor.pushes))

    def write_now(self, frames: bytes) -> None:
        """Write to all subscribers at once; a viewer who is behind does not get it."""
        for write in list(self._present.values()):
            write(frames)

    async def close(self) -> None:
        self._sending.cancel()
        # Its failure has been logged.
        await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self) -> None:
        try:
            await self._send_changes()
        except RunMoved:
            raise
        except Exception:
            # All subscribers are closed, and come back to another broadcast.
            _log.exception("stream failed", extra=about(run=self._run.id))
            raise

    async def _send_changes(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._run.moved:
                raise RunMoved
            began = loop.time()
            notifier, before = self._run.notifier.next, self.sent
            since, self._run.notifier.oldest = self._run.notifier.oldest, None
            if changes := self._changes():
                await self._write(changes, before)
                if since is not None and self._present:
                    # Of the oldest in this round, when the last subscriber had it.
                    self._frame_age_s.observe(loop.time() - since)
                await self._rest(loop.time() - began)
            elif self._run.status.final:
                break
            else:
                try:
                    async with asyncio.timeout(BEAT_S):
                        await notifier.wait()
                except TimeoutError:
                    await self._write(BEAT, before)
        self.over = True
        for left in list(self._present):
            if not left.done():
                left.set_result(self.sent)

    async def _rest(self, sent_s: float) -> None:
        """Until sending has taken no more than its share of the time."""
        if (rest_s := sent_s / self._share - sent_s) > 0:
            await asyncio.sleep(min(rest_s, LONGEST_REST_S))

    def _changes(self) -> bytes:
        """All that is new, as frames, from now on taken as sent."""
        (cursor, version), end = self.sent, self._run.history.end()
        self.sent = Sent(end, self._run.version)
        frames = []
        while cursor != end:
            message, cursor = self.next_message(cursor)
            frames.append(frame(message))
        if version != self.sent.version:
            # After the points it belongs to: when a run is said to be over, all its points have been sent.
            self.text = encode_run(described(self._run))
            frames.append(frame(self.text))
        return b"".join(frames)

    async def _write(self, frames: bytes, before: Sent) -> None:
        for count, (left, write) in enumerate(list(self._present.items()), start=1):
            if not left.done() and not write(frames):
                left.set_result(before)
            if count % WRITES_AT_ONCE == 0:
                await asyncio.sleep(0)


class Broadcasts:
    """A broadcast for each run that is being watched, on a machine with so many cores.

    A sweep's viewers get its changes elsewhere; here they are counted, and notified before the server ends.
    """

    def __init__(self, cores: int) -> None:
        self._share = SHARE_OF_ONLY_CORE if cores == 1 else 1.0
        self._broadcasts: dict[Run, Broadcast] = {}
        self._sweep_viewers: list[Write] = []
        # Viewers, since the start.
        self.left = 0
        self.frame_age_s = Histogram(*FRAME_AGE_BOUNDS_S)

    @property
    def viewers(self) -> int:
        """Of all runs and sweeps."""
        return sum(broadcast.viewers for broadcast in self._broadcasts.values()) + len(self._sweep_viewers)

    def drain(self) -> None:
        """Inform all viewers that the server is about to end; their connections are closed later."""
        for broadcast in self._broadcasts.values():
            broadcast.write_now(DRAINING)
        for write in self._sweep_viewers:
            write(DRAINING)

    @contextmanager
    def sweep_viewer(self, write: Write) -> Iterator[None]:
        """For as long as a viewer with this socket watches a sweep."""
        self._sweep_viewers.append(write)
        try:
            yield
        finally:
            self._sweep_viewers.remove(write)
            self.left += 1

    @asynccontextmanager
    async def of(self, run: Run) -> AsyncIterator[Broadcast]:
        """The broadcast of a run, for as long as one viewer watches."""
        broadcast = self._broadcasts.get(run)
        if broadcast is None or broadcast.failed:
            broadcast = self._broadcasts[run] = Broadcast(run, self.frame_age_s, self._share)
        broadcast.count(1)
        try:
            yield broadcast
        finally:
            broadcast.count(-1)
            self.left += 1
            if not broadcast.viewers:
                if self._broadcasts.get(run) is broadcast:
                    del self._broadcasts[run]
                await broadcast.close()


def _within(counts: tuple[int, ...], limits: tuple[int, ...]) -> bool:
    return all(count <= limit for count, limit in zip(counts, limits, strict=True))
