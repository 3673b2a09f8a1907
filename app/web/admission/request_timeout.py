"""The server's HTTP protocol: uvicorn's own, with an end to requests that never come whole, to answers that are not
taken, and to more connections than there is room for.

Nothing is said about how long an answer may take to make, nor about connections that rest between two requests:
uvicorn ends those itself.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.web.admission.connections import RETRY_S, TOO_MANY, TOO_MANY_OF_ADDRESS, Reason, connections_of, plain_answer

# From the first byte, or from the connection before the first request, to the last byte of the body.
REQUEST_S = 10.0
# More than so much has to be taken of an answer within so long, once it is held back.
TAKEN_BYTES, TAKEN_S = 4096, 30.0
# Read and parsed in one turn of the event loop.
READ_BYTES = 16 * 1024
# Pieces of a body that may be of any size; all further ones are this large on the average.
MOST_PIECES, PIECE_BYTES = 64, 64

# Status and sentence.
_REFUSALS: dict[Reason, tuple[str, str]] = {
    "too_many_connections": ("503 Service Unavailable", TOO_MANY),
    "too_many_of_address": ("429 Too Many Requests", TOO_MANY_OF_ADDRESS),
}


class RequestTimeoutProtocol(H11Protocol):
    """One connection, closed when a request is not whole in time, however many bytes of it trickle in."""

    _deadline: asyncio.TimerHandle | None = None
    _progress: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = _Requests(h11.SERVER)
        self._connections = connections_of(self.config)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it: of TCP only
        super().connection_made(transport)
        problem = self._connections.opened(self._peer)
        if hasattr(transport, "max_size"):
            transport.max_size = READ_BYTES
        if problem:
            self._connections.count_dropped(problem)
            transport.write(plain_answer(*_REFUSALS[problem], f"Retry-After: {RETRY_S}"))
            transport.close()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            # A websocket from now on.
            self._cancel()
            self._stop_watching()
        elif self._whole():
            self._cancel()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.closed(self._peer)
        self._cancel()
        super().connection_lost(exc)
        self._stop_watching()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_progress()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_watching()

    def send_400_response(self, msg: str) -> None:
        self._connections.count_dropped("invalid_request")
        if self.cycle is not None and not self.cycle.response_complete:
            # What the application still has to say would follow the refusal.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            # The answer was under way before the request was whole, and there is one for each.
            self.transport.abort()

    @property
    def _peer(self) -> str:
        return self.client[0] if self.client else ""

    def _whole(self) -> bool:
        """Whether a request is being answered, and nothing of it is missing."""
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def _wait(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(REQUEST_S, self._drop, "request_timeout")

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _watch_progress(self) -> None:
        held_back = self.transport.get_write_buffer_size()
        self._progress = self.loop.call_later(TAKEN_S, self._look_at_progress, held_back)

    def _look_at_progress(self, held_back: int) -> None:
        if held_back - self.transport.get_write_buffer_size() > TAKEN_BYTES:
            self._watch_progress()
        else:
            self._drop("not_reading")

    def _stop_watching(self) -> None:
        if self._progress is not None:
            self._progress.cancel()
            self._progress = None

    def _drop(self, reason: Reason) -> None:
        self._connections.count_dropped(reason)
        self.transport.abort()


class _Requests(h11.Connection):
    """h11 parses every chunk of a body by itself: some bytes each, a body would cost as much as a hundred requests."""

    _pieces = _bytes = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._bytes += len(event.data)
            if self._pieces > MOST_PIECES + self._bytes // PIECE_BYTES:
                raise h11.RemoteProtocolError("The body comes in too many pieces", error_status_hint=413)
        return event
