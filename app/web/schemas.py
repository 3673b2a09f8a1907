"""What requests have alike, and what the JSON answers beside runs look like; runs are in `runs.description`."""

from typing import Annotated, Any, Literal

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field

from app.config import RunConfig
from app.errors import Limit
from app.runs.description import RunDescription
from app.web.admission.owner_key import HEADER

RunId = Annotated[str, Path(description="The `id` from the answer to the run's start.")]
Passphrase = Annotated[str | None, Header(description="If this server requires one.")]
TeacherKey = Annotated[str | None, Header(description="In a classroom, the key of the teacher, who goes first.")]


class RequestBody(BaseModel):
    """What a request brings."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def started_headers(key: str) -> dict[str, Any]:
    """Of an answer to a start; `key` says what the owner key is for."""
    text = {"type": "string"}
    return {"headers": {HEADER: {"description": key, "schema": text}, "Location": {"schema": text}}}


class Health(BaseModel):
    status: str = Field(examples=["ok"])


class Embedding(BaseModel):
    """What oEmbed 1.0 calls a rich answer."""

    version: str
    type: str = Field(examples=["rich"])
    provider_name: str
    provider_url: str
    title: str
    width: int
    height: int
    html: str = Field(description="An iframe of these measures.")
    cache_age: int = Field(description="Seconds for which the answer may be kept.")
    thumbnail_url: str | None = Field(
        None, description="The card of the run or the sweep, if it fits into the requested size."
    )
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


class Started(RunDescription):
    joined: Annotated[
        bool, Field(description="In a classroom: another student's run with these settings, to be watched.")
    ]


class Capacity(BaseModel):
    running: int
    queued: int
    max_running: int
    max_queued: int
    wait_s: float | None = Field(description="About how long a run started now would wait; null if unknown.")
    can_start: bool
    reason: str | None = Field(description="A sentence when no run can be started.")
    retry_after_s: int | None
    max_turn_s: float | None = Field(
        description="How long a paused or paced race keeps its slot while others wait; null is for ever."
    )
    max_full_speed_turn_s: float | None = Field(description="The same for a race at full speed.")
    passphrase: bool = Field(description="Whether starting one needs a passphrase.")
    classroom: bool = Field(description="Whether visitors are distinguished by browser, and equal races are one.")
    joinable: RunConfig | None = Field(
        description="In a classroom: the run that a start with these settings would join."
    )


class Prediction(BaseModel):
    step: int = Field(description="Batches that the answering network was trained on.")
    probabilities: list[float] = Field(description="For the digits 0 to 9.", min_length=10, max_length=10)


class Predictions(BaseModel):
    lanes: list[Prediction | None] = Field(description="null: no network yet, or its outputs have overflowed.")


class LaneWeights(BaseModel):
    step: int
    units: list[int] = Field(description="Indices of the hidden units, ascending; selected again at each evaluation.")
    images: str = Field(description="Base64 of int8, units × 784 row by row; each unit's largest |weight| is 127.")


class Weights(BaseModel):
    lanes: list[LaneWeights | None]


class Confusion(BaseModel):
    step: int = Field(description="The step of the newest evaluation.")
    matrix: list[list[int]] = Field(description="Counts of test digits: a row for a label, a column for an answer.")


class Confused(BaseModel):
    digits: list[int] = Field(description="For GET /api/digits/{index}; the surest answer first.", max_length=60)


class Story(BaseModel):
    sentences: list[str] = Field(description="One to three.", examples=[["Adam leads with 90.21\u202f% of …"]])
    text: str = Field(description="The sentences as one text.")


class Moment(BaseModel):
    seconds: float = Field(description="From so many seconds of each lane's own training on.")
    sentences: list[str] = Field(description="As in a run's `story`.")


class Moments(BaseModel):
    moments: list[Moment] = Field(description="The earliest first.")


class Guess(BaseModel):
    key: str = Field(examples=["adam-stays"])
    label: str = Field(examples=["Adam is first, and stays ahead"])


class Experiment(BaseModel):
    name: str = Field(examples=["pulls-ahead"])
    title: str
    claim: str = Field(description="In the words of the article.")
    article: dict[str, str] = Field(description="Its `title`, `author`, `site` and `address`.")
    question: str
    guesses: list[Guess]
    kind: Literal["race", "sweep"]
    config: dict[str, Any] = Field(description="Of a race all of it, of a sweep what all trainings have in common.")
    axes: dict[str, list[Any]] | None = Field(description="Of a sweep.")
    view: dict[str, Any] = Field(description="How the page shows it, as in a link.")
    look: str = Field(description="What to watch, in one sentence.")
    next: dict[str, str] = Field(description="One thing to try next: its `text` and its `path`.")


class Experiments(BaseModel):
    experiments: list[Experiment] = Field(description="In the order of the article.")


class ExperimentAnswer(BaseModel):
    choice: str | None = Field(description="The key of the guess that is right; null where this does not tell.")
    label: str | None = Field(description="What that guess is called.")
    sentences: list[str] = Field(description="Why, with the figures of this run or sweep.")


class LessonResult(BaseModel):
    kind: Literal["run", "sweep"]
    id: str


class Outcome(BaseModel):
    choice: str | None = Field(description="The key of the guess that is right; null where the result does not tell.")
    sentences: list[str] = Field(description="Why, with the figures of the result.")


class LessonDescription(BaseModel):
    id: str
    experiment: str = Field(description="Its name.", examples=["pulls-ahead"])
    title: str
    question: str
    guesses: list[Guess]
    status: Literal["voting", "revealed"]
    voters: int = Field(description="How many browsers have voted.")
    votes: dict[str, int] | None = Field(description="How many for each guess, by its key; null while hidden.")
    result: LessonResult | None = Field(description="The revealed run or sweep, which may still be going on.")
    outcome: Outcome | None = Field(description="The answer, once the result is over.")
    right: int | None = Field(description="How many were right, once the outcome has a right guess.")
    own_vote: str | None = Field(description="The guess of the requesting browser, if it sends X-Browser.")


class Command(BaseModel):
    command: str = Field(examples=["playground race --epochs 3 --lr adam=0.001"])
    note: str | None = Field(description="What the command does not repeat.")


class Problem(BaseModel):
    code: str = Field(examples=["invalid_config"])
    message: str = Field(examples=["epochs should be less than or equal to 100; got 1000."])
    limit: Limit | None = Field(None, description="Only of `too_many`: what there are too many of.")


class Failure(BaseModel):
    error: Problem


FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Failure, "description": "What was expected, what came, what to do."},
    "5XX": {"model": Failure, "description": "Too many requests, or an error in the server."},
}
