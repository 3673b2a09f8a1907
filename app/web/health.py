"""Whether the server lives, and whether it takes runs: for health checks of hosts and load balancers.

Neither asks anything but the process itself: a full queue or a database that is away is no reason to restart it.
"""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from app.scheduling.manager import Manager
from app.web.admission.error_answers import failure
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, Health

# Of a server among those that share its database: a server that has none to share it with leads.
Role = Literal["leads", "follows", "none"]


def alone() -> Role:
    return "leads"


def health_routes(manager: Manager, role: Callable[[], Role] = alone) -> APIRouter:
    router = APIRouter(tags=["server"], responses=FAILURES)

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz")
    async def health() -> Health:
        """Whether the server answers."""
        return Health(status="ok")

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", response_model=Health)
    async def ready() -> Response:
        """Whether it takes runs: its workers are warm, dead ones can be replaced, and it is not shutting down."""
        if manager.draining:
            return failure(503, "draining", "The server is shutting down and starts no more runs.")
        if role() == "follows":
            # A follower forwards to the leader what only that can do.
            return json_answer({"status": "ok"})
        if not manager.opened:
            return failure(503, "starting", "The workers are not warm yet.")
        if not manager.ready:
            return failure(503, "no_workers", "A worker has died and cannot be replaced at the moment.")
        return json_answer({"status": "ok"})

    return router
