"""The JSON routes to lessons: a class votes on what an experiment will show, and the teacher reveals it."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request
from pydantic import Field
from starlette.responses import Response

from app.errors import InvalidConfig, InvalidVote, Overloaded, RunNotFound, StoreUnavailable
from app.experiments.base import Experiment, Race
from app.lessons.lesson import Kind, Lesson, Shown
from app.lessons.lessons import Lessons
from app.runs.run import Run
from app.sweeps.sweep import Sweep
from app.web.address import root_of
from app.web.admission.admission import Admission
from app.web.admission.owner_key import HEADER, OwnerKey, digest, is_owner, new_key, require_owner
from app.web.admission.visitor import AN_ID, address_of, hashed, visitor_of
from app.web.experiments.routes import answer_of, experiment_named, misfit_of
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, LessonDescription, Passphrase, RequestBody, started_headers

LessonId = Annotated[str, Path(description="The `id` from the answer to the lesson's start.")]
Browser = Annotated[
    str | None, Header(alias="X-Browser", description="A random id that the browser keeps: each browser has one vote.")
]
STARTED = started_headers("The key that shows votes and reveals the answer.")


class NewLesson(RequestBody):
    experiment: str = Field(max_length=60, description="The `name` of an experiment.", examples=["pulls-ahead"])


class Vote(RequestBody):
    choice: str = Field(max_length=60, description="The `key` of one of the guesses.", examples=["adam-stays"])


class VotesShown(RequestBody):
    shown: bool = Field(description="Whether the votes are shown before the answer is revealed.")


class Reveal(RequestBody):
    """What the answer is read from; it may still go on."""

    kind: Kind = Field(description="What the experiment is.")
    id: str = Field(max_length=60, description="Of a run, or a sweep, of the experiment.")


def lesson_routes(lessons: Lessons, admission: Admission) -> APIRouter:
    """Routes over `lessons`, answered from the runs of `admission`."""
    router = APIRouter(prefix="/api/lessons", tags=["lessons"], responses=FAILURES)

    def owned(lesson_id: str, key: str | None) -> Lesson:
        lesson = lessons.find(lesson_id)
        require_owner(lesson, key)
        return lesson

    @router.post("", status_code=201, response_model=LessonDescription, responses={201: STARTED})
    async def start_lesson(
        request: Request,
        body: NewLesson,
        x_passphrase: Passphrase = None,
    ) -> Response:
        """Ask a class what an experiment will show. This answer alone has the header X-Owner-Key."""
        experiment, visitor = experiment_named(body.experiment), visitor_of(request)
        await admission.check_passphrase(visitor, x_passphrase)
        key, guesses = new_key(), {guess.key: guess.label for guess in experiment.guesses}
        lesson = lessons.start(experiment.name, guesses, digest(key), hashed(visitor), address_of(visitor))
        await lessons.saved()
        location = f"{root_of(request.scope)}/api/lessons/{lesson.id}"
        return json_answer(await described(lesson, admission), 201, {"Location": location, HEADER: key})

    @router.head("/{lesson_id}", include_in_schema=False)
    @router.get("/{lesson_id}", response_model=LessonDescription)
    async def get_lesson(
        request: Request, lesson_id: LessonId, key: OwnerKey = None, x_browser: Browser = None
    ) -> Response:
        """How it stands: ask every second or two. `votes` are null while they are hidden."""
        lesson = lessons.find(lesson_id)
        if x_browser is not None and AN_ID.fullmatch(x_browser):
            # A page that was opened before the server restarted.
            lessons.let_in(lesson, address_of(visitor_of(request)))
        if is_owner(lesson, key):
            lessons.seen(lesson)
        return json_answer(await described(lesson, admission, x_browser), headers={"Cache-Control": "no-store"})

    @router.put("/{lesson_id}/vote", response_model=LessonDescription)
    async def vote(request: Request, lesson_id: LessonId, body: Vote, x_browser: Browser = None) -> Response:
        """Vote, or change one's vote, until the answer is revealed. Once it is answered it outlives the server."""
        lesson = lessons.find(lesson_id)
        if x_browser is None or not AN_ID.fullmatch(x_browser):
            raise InvalidVote("X-Browser should be a random id that this browser keeps: 8 to 64 letters and digits.")
        lessons.vote(lesson, _voter(lesson, x_browser), body.choice)
        lessons.let_in(lesson, address_of(visitor_of(request)))
        await lessons.saved()
        return json_answer(await described(lesson, admission, x_browser))

    @router.put("/{lesson_id}/votes-shown", response_model=LessonDescription)
    async def show_votes(lesson_id: LessonId, body: VotesShown, key: OwnerKey = None) -> Response:
        """Let the votes be seen, or hide them again."""
        lesson = owned(lesson_id, key)
        lesson.show_votes(body.shown)
        await lessons.saved()
        return json_answer(await described(lesson, admission))

    @router.post("/{lesson_id}/reveal", response_model=LessonDescription)
    async def reveal(lesson_id: LessonId, body: Reveal, key: OwnerKey = None) -> Response:
        """Close the vote and show a result. Once that is over, `outcome` says which guess was right."""
        lesson = owned(lesson_id, key)
        experiment = experiment_named(lesson.experiment)
        kind = kind_of(experiment)
        if body.kind != kind:
            raise InvalidConfig(f"kind should be {kind!a} for this experiment; got {body.kind!a}.")
        result = await _result(admission, Shown(kind, body.id))
        if different := misfit_of(experiment, result):
            raise InvalidConfig(different)
        lesson.reveal(Shown(kind, body.id))
        await lessons.saved()
        return json_answer(await described(lesson, admission))

    return router


def kind_of(experiment: Experiment) -> Kind:
    return "run" if isinstance(experiment.runs, Race) else "sweep"


async def described(lesson: Lesson, admission: Admission, browser: str | None = None) -> dict[str, Any]:
    """As it is sent to a browser; its answer is read first, if there is one by now."""
    experiment = experiment_named(lesson.experiment)
    await _settle(lesson, experiment, admission)
    return {
        "title": experiment.title,
        "question": experiment.question,
        "guesses": [guess._asdict() for guess in experiment.guesses],
        **lesson.describe(),
        "own_vote": lesson.vote_of(_voter(lesson, browser)) if browser else None,
    }


def _voter(lesson: Lesson, browser: str) -> str:
    """What the votes of a browser are kept by: of what it sends, nothing is kept that could be sent again."""
    return digest(f"{lesson.id} {browser}")


async def _settle(lesson: Lesson, experiment: Experiment, admission: Admission) -> None:
    """Read the answer from the result, once, when that is over."""
    if lesson.result is None or lesson.outcome:
        return
    shown = lesson.result
    try:
        result = await _result(admission, shown)
    except RunNotFound:
        lesson.settle(None, ["This run no longer exists. Run it again."])
    except (StoreUnavailable, Overloaded):
        # The next request tries again.
        pass
    else:
        # Reading the result takes time, in which another request may have read it.
        if result.status.final and lesson.result == shown and lesson.outcome is None:
            lesson.settle(*answer_of(experiment, result))


async def _result(admission: Admission, shown: Shown) -> Run | Sweep:
    """Raises what reading a run or a sweep raises."""
    return await (admission.read(shown.id) if shown.kind == "run" else admission.read_sweep(shown.id))
