"""What the pages of the experiments are made from: their words, and the recording of each."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from app.config import RunConfig
from app.experiments.article import passage
from app.experiments.base import Experiment, Race
from app.experiments.registry import all_experiments
from app.report import formats
from app.runs.run import Run
from app.storage.recordings import About, about
from app.sweeps.sweep import Sweep
from app.web.experiments.routes import answer_description, answer_of, described, picture_of, recording_id


class ExperimentPage:
    """Of one experiment; what follows from its recording is computed once, when it is first needed."""

    def __init__(self, experiment: Experiment, recorded: Run | Sweep | None, about: About, digits: int) -> None:
        self._experiment, self._recorded, self._about, self._digits = experiment, recorded, about, digits
        self.path = f"/experiments/{experiment.name}"

    @property
    def is_race(self) -> bool:
        return isinstance(self._experiment.runs, Race)

    @property
    def config(self) -> RunConfig:
        """Of a race."""
        assert isinstance(self._experiment.runs, Race)
        return self._experiment.runs.config

    @property
    def recorded_id(self) -> str | None:
        return self._recorded.id if self._recorded else None

    @property
    def recorded_run(self) -> Run | None:
        return self._recorded if isinstance(self._recorded, Run) else None

    def preview(self, base: str) -> dict[str, str]:
        """What other sites show of a link to it, on the server at `base`; a result would answer before the guess."""
        return {
            "title": self._experiment.title,
            "description": self._experiment.question,
            "url": base + self.path,
            "card": f"{base}{self.path}/card.png",
            "shows": "The question of the experiment, and what can be guessed",
        }

    @cached_property
    def card(self) -> dict[str, Any]:
        """What the gallery shows of it."""
        recorded = self._recorded
        took_s = self._about.took_s.get(recording_id(self._experiment))
        day = f"{recorded.created_at.day} {recorded.created_at:%B %Y}" if recorded else ""
        return {
            **described(self._experiment),
            "recorded": {"on": day, "machine": self._about.machine} if recorded else None,
            "took": formats.about(took_s) if took_s else None,
            "picture": picture_of(self._experiment, recorded).describe() if recorded else None,
        }

    @cached_property
    def words(self) -> dict[str, Any]:
        """What its page says before its script runs."""
        every = list(all_experiments().values())
        place = every.index(self._experiment)
        after = every[(place + 1) % len(every)]
        return {
            **self.card,
            "passage": passage(self._experiment.claim),
            "walls": isinstance(self._experiment.runs, Race) and self._experiment.runs.walls,
            "number": place + 1,
            "of": len(every),
            "following": {"name": after.name, "title": after.title},
        }

    @cached_property
    def bootstrap(self) -> dict[str, Any]:
        """What its script is given."""
        words, runs, recorded = described(self._experiment), self._experiment.runs, self._recorded
        answer = answer_description(self._experiment, answer_of(self._experiment, recorded)) if recorded else None
        return {
            **{name: words[name] for name in ("name", "guesses", "view", "config")},
            "axes": None if isinstance(runs, Race) else runs.axes_for(self._digits),
            "recorded": {"id": recorded.id, "answer": answer} if recorded else None,
        }


class ExperimentPages:
    """Of one server, with its recordings, and so many `digits` to train on."""

    def __init__(self, recordings: Iterable[Run | Sweep], digits: int) -> None:
        found, made = {each.id: each for each in recordings}, about()
        self._pages = [
            ExperimentPage(each, found.get(recording_id(each)), made, digits) for each in all_experiments().values()
        ]

    def named(self, name: str) -> ExperimentPage:
        """The page of an experiment."""
        return next(page for page in self._pages if page.path == f"/experiments/{name}")

    @property
    def races(self) -> list[ExperimentPage]:
        return [page for page in self._pages if page.is_race]

    @property
    def sweeps(self) -> list[ExperimentPage]:
        return [page for page in self._pages if not page.is_race]

    @property
    def cards(self) -> list[dict[str, Any]]:
        """One for each experiment, for the gallery."""
        return [page.card for page in self._pages]
