"""Whether there is room for a run, before one is started."""

import math
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import ShuttingDown, Starting
from app.scheduling.manager import UNKNOWN_S, Manager
from app.scheduling.time_slices import FULL_SPEED
from app.settings import Settings
from app.web.admission.admission import TEACHER, Admission
from app.web.admission.error_answers import ANSWERS
from app.web.admission.visitor import hashed, visitor_of
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, Capacity

Look = Callable[[Request], dict[str, Any]]


def capacity_for(manager: Manager, admission: Admission, settings: Settings, request: Request) -> dict[str, Any]:
    """What this visitor would find if it started a race now."""
    queue, visitor = manager.queue, visitor_of(request)
    teacher = admission.is_teacher(request.headers.get(TEACHER))
    reason, retry_after_s = None, None
    if manager.draining:
        reason, retry_after_s = "The server is about to restart.", ANSWERS[ShuttingDown].retry_after_s
    elif not manager.opened:
        reason, retry_after_s = "The server is starting.", ANSWERS[Starting].retry_after_s
    elif problem := admission.quota_problem(visitor, teacher):
        # In the order in which a start is refused: the visitor's own quota comes first.
        reason, retry_after_s = str(problem), problem.retry_after_s
    elif queue.full and not teacher:
        reason, retry_after_s = "All slots are in use.", queue.first_left_s(queue.racing) or UNKNOWN_S
    wait_s = queue.wait_s(hashed(visitor), teacher) if reason is None else None
    joinable = queue.most_watched if settings.classroom and not teacher else None
    return {
        "running": len(queue.racing),
        "queued": len(queue.queued),
        "max_running": settings.max_running,
        "max_queued": settings.max_queued,
        "wait_s": None if wait_s is None else round(wait_s, 1),
        "can_start": reason is None,
        "reason": reason,
        "retry_after_s": None if retry_after_s is None else math.ceil(retry_after_s),
        "max_turn_s": settings.max_turn_s or None,
        "max_full_speed_turn_s": settings.max_turn_s * FULL_SPEED or None,
        "passphrase": admission.needs_passphrase,
        "classroom": settings.classroom > 0,
        "joinable": joinable and joinable.config.model_dump(),
    }


def capacity_routes(look: Look) -> APIRouter:
    router = APIRouter(tags=["runs"], responses=FAILURES)

    @router.get("/api/capacity", response_model=Capacity)
    async def get_capacity(request: Request) -> Response:
        """What a race started now would find: a place, a queue, or none; and about how long it would wait."""
        return json_answer(look(request), headers={"Cache-Control": "no-store"})

    return router
