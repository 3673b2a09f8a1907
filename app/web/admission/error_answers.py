"""Every error a request can meet, in one JSON shape: a code for programs and a sentence for people."""

import logging
import math
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from app.config import sentence
from app.errors import (
    Busy,
    InvalidConfig,
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
    TooManyViewers,
    WrongPassphrase,
)
from app.logs import about
from app.scheduling.run_metrics import RunMetrics
from app.web.address import own_path, root_of
from app.web.protocol import encode_json, error

_log = logging.getLogger(__name__)

Headers = Callable[[Scope], dict[str, str]]
Page = Callable[[Request], Response]

INTERNAL = "Something went wrong on the server. It has been noted in its log."
CODES = {400: "invalid_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def failure(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    content = encode_json(error(code, message))
    return Response(content, status, headers, media_type="application/json")


def busy_code(problem: Busy) -> tuple[int, str]:
    """The status and the code: what is one visitor's share, and what is everybody's."""
    if isinstance(problem, QuotaExceeded):
        return 429, "too_many"
    return 503, "too_many_viewers" if isinstance(problem, TooManyViewers) else "too_many_runs"


def crowded_code(problem: Overloaded) -> tuple[int, str]:
    return (429, "too_many") if problem.own else (503, "crowded")


def handle_failures(app: FastAPI, metrics: RunMetrics, headers: Headers, nothing: Page) -> None:
    """Answer every exception of `app` in the one shape; what is refused goes into the journal.

    Whoever looks with a browser where there is nothing sees that page. A fault is answered outside all middleware,
    and gets `headers` here.
    """

    def refused(status: int, code: str, problem: Exception, retry_after_s: float | None = None) -> Response:
        metrics.start_refused(code)
        headers = retry_after_s and {"Retry-After": str(math.ceil(retry_after_s))}
        return failure(status, code, str(problem), headers or None)

    def later(status: int, code: str, message: str, retry_after_s: float) -> Response:
        """Of any request but a start."""
        metrics.request_refused(code)
        return failure(status, code, message, {"Retry-After": str(math.ceil(retry_after_s))})

    @app.exception_handler(InvalidConfig)
    async def invalid_config(_: Request, problem: InvalidConfig) -> Response:
        return failure(422, "invalid_config", str(problem))

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
        # Read by nobody.
        return failure(400, "invalid_request", "The request has ended before it was whole.")

    @app.exception_handler(RunNotFound)
    @app.exception_handler(NothingToShow)
    async def not_found(_: Request, problem: RunNotFound | NothingToShow) -> Response:
        return failure(404, "not_found", str(problem))

    @app.exception_handler(StoreUnavailable)
    async def store_away(_: Request, problem: StoreUnavailable) -> Response:
        return later(503, "store_away", str(problem), 5)

    @app.exception_handler(Overloaded)
    async def crowded(_: Request, problem: Overloaded) -> Response:
        return later(*crowded_code(problem), str(problem), problem.retry_after_s)

    @app.exception_handler(NotRunning)
    async def not_running(_: Request, problem: NotRunning) -> Response:
        return failure(409, "not_running", str(problem))

    @app.exception_handler(NotOwner)
    async def not_yours(_: Request, problem: NotOwner) -> Response:
        return failure(403, "not_yours", str(problem))

    @app.exception_handler(Busy)
    async def busy(_: Request, problem: Busy) -> Response:
        status, code = busy_code(problem)
        return refused(status, code, problem, problem.retry_after_s)

    @app.exception_handler(RateLimited)
    async def too_fast(_: Request, problem: RateLimited) -> Response:
        return later(*busy_code(problem), str(problem), problem.retry_after_s)

    @app.exception_handler(TooManyChanges)
    async def too_many_changes(_: Request, problem: TooManyChanges) -> Response:
        return failure(409, "too_many_changes", str(problem))

    @app.exception_handler(WrongPassphrase)
    async def wrong_passphrase(_: Request, problem: WrongPassphrase) -> Response:
        return refused(403, "passphrase", problem)

    @app.exception_handler(ShuttingDown)
    async def draining(_: Request, problem: ShuttingDown) -> Response:
        return refused(503, "draining", problem, 10)

    @app.exception_handler(Starting)
    async def starting(_: Request, problem: Starting) -> Response:
        return refused(503, "starting", problem, 2)

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
        return later(503, "out_of_memory", message, 60)

    @app.exception_handler(Exception)
    async def internal(request: Request, problem: Exception) -> Response:
        _log.error("Unexpected error", exc_info=problem)
        return failure(500, "internal", INTERNAL, headers(request.scope))
