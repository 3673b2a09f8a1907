"""The experiments over HTTP: a list of them, and the answer that a run or a sweep gives to one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.config import RunConfig
from app.errors import InvalidConfig, NoSuchExperiment
from app.experiments import article
from app.experiments.base import Answer, Experiment, Race, RaceResult, SweepResult
from app.experiments.cut_short import why_run_cut_short, why_sweep_cut_short
from app.experiments.fit import grid_of, misfit
from app.experiments.picture import Picture
from app.experiments.registry import all_experiments
from app.runs.history import Kind
from app.runs.run import Run
from app.storage.front_page_run import RUN_ID
from app.sweeps.sweep import Sweep
from app.web.admission.admission import Admission
from app.web.json_answer import json_answer
from app.web.schemas import FAILURES, ExperimentAnswer, Experiments
from app.web.schemas import Experiment as ExperimentSchema

Name = Annotated[str, Path(description="The `name` of an experiment.")]
ARTICLE = {"title": article.TITLE, "author": article.AUTHOR, "site": article.SITE, "address": article.ADDRESS}


def experiment_routes(admission: Admission) -> APIRouter:
    """Routes over the runs of `admission`."""
    router = APIRouter(prefix="/api/experiments", tags=["experiments"], responses=FAILURES)

    @router.get("", response_model=Experiments)
    async def list_experiments() -> Response:
        """The article's claims, each with a question, what is run, and how it is shown."""
        return json_answer({"experiments": [described(each) for each in all_experiments().values()]})

    @router.get("/{name}", response_model=ExperimentSchema)
    async def get_experiment(name: Name) -> Response:
        """One experiment."""
        return json_answer(described(experiment_named(name)))

    @router.get("/{name}/answer", response_model=ExperimentAnswer)
    async def get_answer(
        name: Name,
        run: Annotated[str | None, Query(description="The `id` of a run.")] = None,
        sweep: Annotated[str | None, Query(description="The `id` of a sweep.")] = None,
    ) -> Response:
        """Which guess is right according to this run or sweep, and why: computed from its numbers, also while it goes
        on.
        """
        experiment = experiment_named(name)
        if (run is None) == (sweep is None):
            raise InvalidConfig("The answer is read from one run or sweep: add ?run= or ?sweep= and its id.")
        result = await admission.read(run) if run is not None else await admission.read_sweep(sweep or "")
        return json_answer(answer_description(experiment, answer_of(experiment, result)))

    return router


def experiment_named(name: str) -> Experiment:
    """Raises NoSuchExperiment."""
    try:
        return all_experiments()[name]
    except KeyError:
        raise NoSuchExperiment(f"There is no experiment {name!a}; there are {', '.join(all_experiments())}.") from None


def recording_id(experiment: Experiment) -> str:
    """The id of its recording; an experiment that runs the front page's race shares that recording."""
    race = isinstance(experiment.runs, Race) and experiment.runs.config == RunConfig()
    return RUN_ID if race else f"{RUN_ID}-{experiment.name}"


def described(experiment: Experiment) -> dict[str, Any]:
    """JSON-ready values, as `schemas.Experiment` says."""
    runs = experiment.runs
    race = isinstance(runs, Race)
    return {
        "name": experiment.name,
        "title": experiment.title,
        "claim": experiment.claim,
        "article": ARTICLE,
        "question": experiment.question,
        "guesses": [guess._asdict() for guess in experiment.guesses],
        "kind": "race" if race else "sweep",
        "config": runs.config.model_dump() if isinstance(runs.config, RunConfig) else dict(runs.config),
        "axes": None if isinstance(runs, Race) else {name: list(values) for name, values in runs.axes.items()},
        "view": dict(runs.view) if isinstance(runs, Race) else {},
        "look": experiment.look,
        "next": experiment.next._asdict(),
    }


def answer_of(experiment: Experiment, result: Run | Sweep) -> Answer:
    """As far as it is known; of what the experiment does not run, why it is no answer. Raises InvalidConfig where that
    is of the other kind.
    """
    if different := misfit_of(experiment, result):
        return Answer(None, [different])
    if isinstance(experiment.runs, Race):
        assert isinstance(result, Run)
        raced = result_of_run(result)
        answer, cut = experiment.runs.answer(raced), why_run_cut_short(raced.run)
    else:
        assert isinstance(result, Sweep)
        answer, cut = experiment.runs.answer(result_of_sweep(result)), why_sweep_cut_short(result.state)
    return Answer(answer.choice, [cut, *answer.sentences]) if cut else answer


def misfit_of(experiment: Experiment, result: Run | Sweep) -> str | None:
    """Why this cannot answer the experiment; None if it is what the experiment runs. Raises InvalidConfig where that is
    of the other kind.
    """
    runs, title = experiment.runs, experiment.title
    if isinstance(runs, Race):
        if isinstance(result, Run):
            return misfit(title, [runs.config], [result.config])
        raise InvalidConfig(f"{title!r} is answered by one run, not by a sweep: add ?run= and its id.")
    if isinstance(result, Sweep):
        expected = [cell.config for cell in grid_of(runs, result.digits).cells]
        return misfit(title, expected, [cell.config for cell in result.grid.cells])
    raise InvalidConfig(f"{title!r} is answered by a sweep, not by one run: add ?sweep= and its id.")


def picture_of(experiment: Experiment, result: Run | Sweep) -> Picture:
    """Its small picture, of a result of the kind that it runs."""
    if isinstance(experiment.runs, Race):
        assert isinstance(result, Run)
        return experiment.runs.picture(result_of_run(result))
    assert isinstance(result, Sweep)
    return experiment.runs.picture(result_of_sweep(result))


def result_of_run(run: Run) -> RaceResult:
    """As far as it is known."""
    evaluations, pushes = (run.history.tables(kind) for kind in (Kind.EVALUATIONS, Kind.PUSH))
    return RaceResult(run.describe(), evaluations, pushes)


def result_of_sweep(sweep: Sweep) -> SweepResult:
    """The same of a sweep."""
    return SweepResult.of(sweep.state)


def answer_description(experiment: Experiment, answer: Answer) -> dict[str, Any]:
    """JSON-ready values, as `schemas.ExperimentAnswer` says."""
    label = None if answer.choice is None else experiment.label(answer.choice)
    return {"choice": answer.choice, "label": label, "sentences": answer.sentences}
