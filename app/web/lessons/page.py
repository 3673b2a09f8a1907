"""The page of a lesson: a ballot on phones, and a board to project in the browser that started it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import LessonNotFound
from app.lessons.lessons import Lessons
from app.web.admission.admission import Admission
from app.web.admission.visitor import address_of, visitor_of
from app.web.experiments.pages import ExperimentPages
from app.web.files import page_templates
from app.web.lessons.routes import described


def lesson_page_routes(lessons: Lessons, admission: Admission, experiments: ExperimentPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    templates = page_templates()

    async def lesson_page(request: Request) -> Response:
        try:
            lesson = lessons.find(request.path_params["lesson_id"])
        except LessonNotFound as problem:
            return templates.TemplateResponse(request, "not-found.html", {"lesson": str(problem)}, status_code=404)
        lessons.let_in(lesson, address_of(visitor_of(request)))
        description, page = await described(lesson, admission), experiments.named(lesson.experiment)
        bootstrap = {
            "lesson": description,
            # Without the answer of the recording, which is still to be revealed.
            "experiment": {name: page.bootstrap[name] for name in ("name", "view", "config", "axes")},
            "recorded": page.recorded_id,
        }
        values = {"bootstrap": bootstrap, "lesson": description}
        return templates.TemplateResponse(request, "lesson.html", values)

    router.add_route("/lessons/{lesson_id}", lesson_page)
    return router
