"""What the pages of the experiments start from: their words, and what was recorded of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.config import RunConfig
from app.experiments.base import Experiment, Race
from app.experiments.picture import svg
from app.experiments.registry import all_experiments
from app.runs.run import Run
from app.storage.recordings import about
from app.web.experiments import answer_of_run, described, recording_id, result_of_run, told


@dataclass(frozen=True)
class RaceExperiment:
    """An experiment that is a race: for the template what is `told`, for the script the `bootstrap`."""

    config: RunConfig
    recorded: Run | None
    told: dict[str, Any]
    bootstrap: dict[str, Any]


class ExperimentPages:
    """Of one server, with its recordings. What is read from those is read once, when it is first wanted."""

    def __init__(self, recordings: Sequence[Run]) -> None:
        self._recordings = {run.id: run for run in recordings}
        self._about = about()
        self.race = cache(self._race)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """One for each experiment that has a page, for the gallery."""
        return [self._card(each) for each in _with_pages()]

    def _race(self, name: str) -> RaceExperiment | None:
        """None if there is no such race."""
        experiment = all_experiments().get(name)
        if experiment is None or not isinstance(experiment.runs, Race):
            return None
        recorded = self._recordings.get(recording_id(experiment))
        return RaceExperiment(
            experiment.runs.config, recorded, self._told(experiment), self._bootstrap(experiment, recorded)
        )

    def _told(self, experiment: Experiment) -> dict[str, Any]:
        every = _with_pages()
        place = every.index(experiment)
        after = every[(place + 1) % len(every)]
        return {
            **self._card(experiment),
            "walls": isinstance(experiment.runs, Race) and experiment.runs.walls,
            "number": place + 1,
            "of": len(every),
            "following": {"name": after.name, "title": after.title},
        }

    def _card(self, experiment: Experiment) -> dict[str, Any]:
        run_id = recording_id(experiment)
        return {
            **described(experiment),
            "took_s": self._about.took_s.get(run_id),
            "recorded": self._recorded(run_id),
            "picture": self._picture(experiment),
        }

    def _recorded(self, run_id: str) -> dict[str, str] | None:
        run = self._recordings.get(run_id)
        return {"on": f"{run.created_at:%-d %B %Y}", "machine": self._about.machine} if run else None

    def _picture(self, experiment: Experiment) -> str | None:
        run = self._recordings.get(recording_id(experiment))
        if not run or not isinstance(experiment.runs, Race):
            return None
        return svg(experiment.runs.picture(result_of_run(run)))

    @staticmethod
    def _bootstrap(experiment: Experiment, recorded: Run | None) -> dict[str, Any]:
        words = described(experiment)
        answer = told(experiment, answer_of_run(experiment, recorded)) if recorded else None
        return {
            **{name: words[name] for name in ("name", "guesses", "view")},
            "recorded": {"id": recorded.id, "answer": answer} if recorded else None,
        }


def _with_pages() -> list[Experiment]:
    return [each for each in all_experiments().values() if isinstance(each.runs, Race)]
