"""Forwards to the leader what only it can do, in the visitor's name, and passes its response on."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Starting
from app.servers.headers import CLIENT, LEAVING, RESERVED, SECRET
from app.servers.membership import LEADER_WITHIN_S, Membership
from app.settings import Settings
from app.web.admission.body_limit import FROM_SERVER, MAX_BODY, TOO_LARGE
from app.web.admission.error_answers import failure, refusal
from app.web.admission.origins import LOOKING
from app.web.admission.owner_key import HEADER as OWNER_KEY
from app.web.admission.owner_key import RESERVATION, Reservation, reserve
from app.web.security import security_headers

if TYPE_CHECKING:
    import httpx

STARTS = ("/api/runs", "/api/sweeps")
NOT_LEADER = 421
# Of the leader: checking a passphrase may take long in a crowd.
ANSWER_WITHIN_S = 60.0
# A leader that is about to end has ended by then, and the next one begins.
ENDED_WITHIN_S = 10.0
CONNECTIONS = 100
# Headers about one connection, which are not forwarded.
HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"date", b"server"}
LESSONS = ("/api/lessons", "/lessons/")
LOOK = "Check whether this was done, or try again."
# Commands that may be repeated without harm (idempotent).
REPEATABLE = ("/stop", "/pause", "/resume", "/predict")


def is_for_leader(method: str, path: str, owned: bool) -> bool:
    """Whether a request is for the leader: commands, and what is in its memory alone. `owned`: it has an owner key.

    A page that polls comes to another server each time. It is to count as one viewer, and so as one of the leader's.
    """
    if method not in LOOKING:
        # It reads, although it posts a picture.
        return not path.endswith("/predict")
    return owned or path.startswith((*LESSONS, "/api/capacity")) or path.endswith("/frames")


class _Lost(Exception):
    """The leader has ended, or is cut off, after it may have got a request."""


class Forwarding:
    """ASGI middleware, the outermost: at the leader, the others see a forwarded request as if it had come there."""

    def __init__(
        self, app: ASGIApp, members: Membership, client: "Callable[[], httpx.AsyncClient]", settings: Settings
    ) -> None:
        self._app = app
        self._members = members
        self._client = client
        self._settings = settings
        # The path under which visitors see the playground.
        self._root = urlsplit(settings.public_url).path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        path = scope["path"].removeprefix(self._root)
        if self._members.knows(connection.headers.get(SECRET, "")):
            scope = self._from_server(scope, connection)
            leaving = self._members.leaving() and path in STARTS
            if scope["type"] == "http" and (leaving or not self._members.leads):
                headers = {LEAVING: "yes"} if leaving else None
                await failure(NOT_LEADER, "not_leader", "This server does not lead.", headers)(scope, receive, send)
                return
        owned = OWNER_KEY in connection.headers
        if self._members.leads or scope["type"] != "http" or not is_for_leader(scope["method"], path, owned):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        if path in STARTS:
            scope = {**scope, RESERVATION: reserve()}
        if len(body) > MAX_BODY:
            answer: Response | None = failure(413, "too_large", TOO_LARGE)
        else:
            # What can be read is answered here, if there is no leader.
            answer = await self._answer(scope, body, once=scope["method"] in LOOKING and not path.startswith(LESSONS))
        if answer is None:
            await self._app(scope, _replayed(body, receive), send)
        else:
            await answer(scope, receive, send)

    def _from_server(self, scope: Scope, connection: HTTPConnection) -> Scope:
        """The request as the visitor sent it, or, without one, marked as another server's own."""
        if CLIENT not in connection.headers:
            return {**scope, FROM_SERVER: True}
        scope = {**scope, "headers": _without_ours(scope), "client": (connection.headers[CLIENT], 0)}
        if reserved := connection.headers.get(RESERVED):
            run_id, key, again = reserved.split(" ")
            scope[RESERVATION] = Reservation(run_id, key, again == "again")
        return scope

    async def _answer(self, scope: Scope, body: bytes, once: bool) -> Response | None:
        """The leader's response; None if this server leads by then. `once`: None also if the first attempt fails."""
        loop = asyncio.get_running_loop()
        deadline, lost = loop.time() + LEADER_WITHIN_S, False
        latest = deadline + ENDED_WITHIN_S
        while loop.time() < deadline:
            if self._members.leads:
                return None
            if url := self._members.leader_url:
                try:
                    answer = await self._send(url, scope, body)
                except ConnectionError:
                    pass
                except _Lost:
                    if RESERVATION not in scope:
                        return self._refused("The leading server was lost. " + LOOK, scope, again=False)
                    scope[RESERVATION] = scope[RESERVATION]._replace(again=True)
                    if not lost:
                        deadline, lost = loop.time() + LEADER_WITHIN_S, True
                else:
                    if answer.status_code != NOT_LEADER:
                        return answer
                    if LEAVING in answer.headers:
                        deadline = min(loop.time() + LEADER_WITHIN_S, latest)
            if once:
                return None
            await self._members.look_again()
        if lost:
            why = "The leading server was lost, and no other one leads yet. "
            return self._refused(why + LOOK, scope, again=False)
        return self._refused("No server accepts commands at the moment. Try again in a few seconds.", scope, again=True)

    def _refused(self, why: str, scope: Scope, again: bool) -> Response:
        """Programs try again only what was certainly not done."""
        refused = refusal(Starting(why))
        if not again:
            del refused.headers["Retry-After"]
        refused.headers.update(security_headers(self._settings, scope))
        return refused

    async def _send(self, url: str, scope: Scope, body: bytes) -> Response:
        """Raises ConnectionError if the leader did not get it or it may be sent again, _Lost if it may be done."""
        import httpx

        headers = [(name, value) for name, value in _without_ours(scope) if name not in HOP_BY_HOP]
        standing, client = self._members.standing, scope.get("client") or ("", 0)
        assert standing
        headers += [(SECRET.encode(), standing.secret.encode()), (CLIENT.encode(), client[0].encode())]
        if reserved := scope.get(RESERVATION):
            text = f"{reserved.id} {reserved.key} {'again' if reserved.again else 'first'}"
            headers.append((RESERVED.encode(), text.encode()))
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        address = f"{url}{scope.get('raw_path', scope['path'].encode()).decode()}{query}"
        request = self._client().build_request(
            scope["method"], address, headers=headers, content=body, timeout=ANSWER_WITHIN_S
        )
        try:
            answer = await self._client().send(request, stream=True)
            try:
                # Compressed, as it came.
                content = b"".join([piece async for piece in answer.aiter_raw()])
            finally:
                await answer.aclose()
        except httpx.ConnectError as problem:
            raise ConnectionError from problem
        except httpx.HTTPError as problem:
            if scope["method"] != "POST" or scope["path"].endswith(REPEATABLE):
                raise ConnectionError from problem
            raise _Lost from problem
        passed_on = Response(content, answer.status_code)
        passed_on.raw_headers = [each for each in answer.headers.raw if each[0].lower() not in HOP_BY_HOP]
        return passed_on


def _without_ours(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers, except those that only servers may send."""
    ours = (SECRET.encode(), CLIENT.encode(), RESERVED.encode())
    return [(name, value) for name, value in scope["headers"] if name not in ours]


async def _read(receive: Receive) -> bytes | None:
    """The body, of which at most one message exceeds MAX_BODY; None if the visitor has left."""
    body = b""
    while len(body) <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return whole.pop() if whole else await receive()

    return replay
