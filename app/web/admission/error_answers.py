"""Every error a request can meet, in one JSON shape: a code for programs and a sentence for people."""

import logging
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from app.config import sentence
from app.errors import (
    CursorMismatch,
    InvalidConfig,
    InvalidVote,
    LessonNotFound,
    Limit,
    NoSuchExperiment,
    NothingToShow,
    NotOwner,
    NotRunning,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    RunNotFound,
    ShuttingDown,
    Starting,
    StoreUnavailable,
    TooManyChanges,
    TooManyLessons,
    TooManyRuns,
    TooManyViewers,
    TooManyVoters,
    VisitorOverloaded,
    VotingClosed,
    WrongPassphrase,
)
from app.logs import about
from app.scheduling.run_metrics import Asked, RunMetrics
from app.web.address import own_path, root_of
from app.web.json_answer import json_answer
from app.web.protocol import error

_log = logging.getLogger(__name__)

Headers = Callable[[Scope], dict[str, str]]
Page = Callable[[Request], Response]

INTERNAL = "Something went wrong on the server. It has been noted in its log."
CODES = {400: "invalid_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def failure(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, limit: Limit | None = None
) -> Response:
    return json_answer(error(code, message, limit), status, headers)


async def deny(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, or one for a websocket that is not accepted, from a middleware."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(refusal)
    else:
        await refusal(scope, receive, send)


class Answer(NamedTuple):
    """`retry_after_s` is for exceptions that have none themselves; `counted` is what the operator sees refused."""

    status: int
    code: str
    counted: Asked | None = None
    retry_after_s: float | None = None


ANSWERS: dict[type[Exception], Answer] = {
    InvalidConfig: Answer(422, "invalid_config"),
    CursorMismatch: Answer(422, "invalid_request"),
    RunNotFound: Answer(404, "not_found"),
    NothingToShow: Answer(404, "not_found"),
    LessonNotFound: Answer(404, "not_found"),
    InvalidVote: Answer(422, "invalid_request"),
    VotingClosed: Answer(409, "voting_closed"),
    TooManyVoters: Answer(503, "too_many_voters", "request"),
    TooManyLessons: Answer(503, "too_many_lessons", "request"),
    NoSuchExperiment: Answer(404, "not_found"),
    NotOwner: Answer(403, "not_yours"),
    NotRunning: Answer(409, "not_running"),
    TooManyChanges: Answer(409, "too_many_changes"),
    WrongPassphrase: Answer(403, "passphrase", "start"),
    TooManyRuns: Answer(503, "too_many_runs", "start"),
    TooManyViewers: Answer(503, "too_many_viewers", "start"),
    QuotaExceeded: Answer(429, "too_many", "start"),
    RateLimited: Answer(429, "too_many", "request"),
    Overloaded: Answer(503, "crowded", "request"),
    VisitorOverloaded: Answer(429, "too_many", "request"),
    StoreUnavailable: Answer(503, "store_away", "request", 5),
    ShuttingDown: Answer(503, "draining", "start", 10),
    Starting: Answer(503, "starting", "start", 2),
    MemoryError: Answer(503, "out_of_memory", "request", 60),
}


def answer_to(problem: Exception) -> Answer:
    """That of its class, or of the nearest class it is derived from."""
    return next(ANSWERS[kind] for kind in type(problem).__mro__ if kind in ANSWERS)


def refusal(problem: Exception, message: str = "") -> Response:
    """The answer to an exception of the table, with its own sentence if there is no other `message`."""
    answer = answer_to(problem)
    retry_after_s = getattr(problem, "retry_after_s", answer.retry_after_s)
    headers = None if retry_after_s is None else {"Retry-After": str(math.ceil(retry_after_s))}
    return failure(answer.status, answer.code, message or str(problem), headers, getattr(problem, "limit", None))


def handle_failures(app: FastAPI, metrics: RunMetrics, headers: Headers, nothing: Page) -> None:
    """Answer every exception of `app` in the one shape, and count what is refused.

    A browser that looks where there is nothing gets that page. A fault is answered outside all middleware, and gets
    `headers` here.
    """

    async def expected(_: Request, problem: Exception, message: str = "") -> Response:
        answer = answer_to(problem)
        if answer.counted:
            metrics.refused[answer.counted][answer.code] += 1
        return refusal(problem, message)

    for kind in ANSWERS:
        app.add_exception_handler(kind, expected)

    @app.exception_handler(RequestValidationError)
    async def invalid_request(_: Request, problem: RequestValidationError) -> Response:
        first: dict[str, Any] = problem.errors()[0]
        if first["type"] == "json_invalid":
            reason = first.get("ctx", {}).get("error", "it cannot be read")
            return failure(422, "invalid_request", f"The body should be JSON: {reason}.")
        code = "invalid_config" if first["loc"][0] == "body" else "invalid_request"
        return failure(422, code, sentence(first))

    @app.exception_handler(ClientDisconnect)
    async def left(_: Request, problem: ClientDisconnect) -> Response:
        # No one reads it.
        return failure(400, "invalid_request", "The request ended before it was complete.")

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, problem: HTTPException) -> Response:
        path = own_path(request.scope)
        if problem.status_code == 404 and path.endswith("/") and path.strip("/"):
            # Without the host, which may be a proxy's, and without a second slash, which would make the path one.
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{root_of(request.scope)}/{path.strip('/')}{query}", 307)
        programs = path.startswith(("/api/", "/static/")) or "text/html" not in request.headers.get("accept", "")
        if problem.status_code == 404 and request.method in ("GET", "HEAD") and not programs:
            return nothing(request)
        code = CODES.get(problem.status_code, "invalid_request")
        message = {
            404: f"There is nothing at {path!a}.",
            405: f"{request.method} is not possible here.",
        }.get(problem.status_code, f"{problem.detail}.")
        return failure(problem.status_code, code, message, dict(problem.headers or {}))

    @app.exception_handler(MemoryError)
    @app.exception_handler(ImportError)
    async def out_of_memory(request: Request, problem: MemoryError | ImportError) -> Response:
        """A library that is loaded when it is first needed, and is there, fails to load for want of memory."""
        if isinstance(problem, ModuleNotFoundError):
            return await internal(request, problem)
        _log.warning("too little memory for an answer", extra=about(path=request.url.path))
        message = "The server has too little memory for this at the moment. Try again in a minute."
        return await expected(request, MemoryError(), message)

    @app.exception_handler(Exception)
    async def internal(request: Request, problem: Exception) -> Response:
        _log.error("Unexpected error", exc_info=problem)
        return failure(500, "internal", INTERNAL, headers(request.scope))
