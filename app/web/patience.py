"""The server's HTTP protocol: uvicorn's own, and an end to requests that never come whole.

Nothing is said about how long an answer may take, nor about connections that rest between two requests: uvicorn ends
those itself.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

# From the first byte, or from the connection before the first request, to the last byte of the body.
REQUEST_S = 10.0


class PatientProtocol(H11Protocol):
    """One connection, closed when a request is not whole in time, however many bytes of it trickle in."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it: of TCP only
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self or self._whole():
            self._cancel()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def _whole(self) -> bool:
        """Whether a request is being answered, and nothing of it is missing."""
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.close)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
