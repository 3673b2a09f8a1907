"""Follows a stream of the server: reconnects by itself, and says why when it can't."""

import json
import random
import time
from collections.abc import Callable, Iterator

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.errors import PlaygroundError
from app.web.protocol import BAD_CURSOR, NO_SUCH_RUN, RUN_OVER, TRY_LATER

# The server sends something at least every 5 seconds.
SILENCE_S = 12.0
# So many times in a row a server may have fewer points than were received.
MOST_AHEAD = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0


class Refused(PlaygroundError):
    """The server refuses a request; `code` is its error code, `retry_after_s` when to try again."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after_s = status, code, retry_after_s


class Unreachable(PlaygroundError):
    """There is no answer from the server's address."""


def refused(status: int, body: bytes | bytearray, retry_after: str | None) -> Refused:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        # A proxy in between may answer with a page of its own.
        error = {"code": "internal", "message": f"The server answered with status {status} and no explanation."}
    return Refused(status, error["code"], error["message"], float(retry_after) if retry_after else None)


def follow(what: str, server: str, address: Callable[[], str]) -> Iterator[str | bytes]:
    """Every message until the stream of `what` is over; `address` has the cursor of what has been received so far.

    Raises Refused if the server refuses, or has no room for a while, Unreachable if reconnecting fails for a while.
    """
    pause, ahead = FIRST_PAUSE_S, 0
    while True:
        wanted_s = 0.0
        try:
            with connect(address(), max_size=None, compression=None) as socket:
                for message in _messages(socket):
                    pause = FIRST_PAUSE_S
                    if isinstance(message, bytes):
                        ahead = 0
                    yield message
            return
        except InvalidStatus as problem:
            answer = problem.response
            why = refused(answer.status_code, answer.body or b"", answer.headers.get("Retry-After"))
            if answer.status_code != 503 or pause >= LONGEST_PAUSE_S:
                raise why from problem
            wanted_s = why.retry_after_s or 0
        except Refused:
            if pause >= LONGEST_PAUSE_S:
                raise
        except (InvalidHandshake, TimeoutError, OSError) as problem:
            if pause >= LONGEST_PAUSE_S:
                raise Unreachable(f"The stream of {what} broke, and {server} is gone.") from problem
        except ConnectionClosed as problem:
            if problem.rcvd and problem.rcvd.code == BAD_CURSOR:
                # The next server that leads may not have read everything yet.
                ahead += 1
                if ahead > MOST_AHEAD:
                    fewer = f"The server has fewer points of {what} than it has sent: the last were not saved."
                    raise Refused(422, "invalid_request", fewer, None) from problem
            if problem.rcvd and problem.rcvd.code == NO_SUCH_RUN:
                gone = f"{what[0].upper()}{what[1:]} is not on the server any more."
                raise Refused(404, "not_found", gone, None) from problem
        time.sleep(max(wanted_s, pause * random.uniform(0.5, 1)))
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _messages(socket: ClientConnection) -> Iterator[str | bytes]:
    """The messages until everything was sent. Raises Refused, ConnectionClosed or TimeoutError if it ends earlier."""
    error = ""
    while True:
        try:
            message = socket.recv(timeout=SILENCE_S)
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code == RUN_OVER:
                return
            if closed.rcvd and closed.rcvd.code == TRY_LATER:
                raise refused(503, error.encode(), None) from closed
            raise
        # An error comes before the stream is closed because of it, and is no message of the race.
        if isinstance(message, str) and message.startswith('{"type":"error"'):
            error = message
        else:
            yield message
