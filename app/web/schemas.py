"""What the JSON answers look like, for the OpenAPI description alone: the answers themselves come from `runs.run`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.config import RunConfig
from app.events import LaneStatus
from app.runs.run import RunStatus


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
    thumbnail_url: str | None = Field(None, description="The run's card, where it fits into what was asked for.")
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


class Reached(BaseModel):
    accuracy: float = Field(description="The target: 0.9, 0.95, 0.97 or 0.98.")
    step: int = Field(description="Batches at the first evaluation at or above it.")
    seconds: float


class LearningRateChange(BaseModel):
    step: int = Field(description="The first step trained with it.")
    learning_rate: float


class LaneDescription(BaseModel):
    lane: int
    optimizer: str = Field(examples=["adam"])
    learning_rate: float = Field(description="The one in force, before its schedule.")
    learning_rate_changes: list[LearningRateChange] = Field(description="Made while it trained.")
    status: LaneStatus
    reason: str | None = Field(description="A sentence when the lane diverged or failed.")
    silent_s: int | None = Field(description="How long its worker has not answered, from 10 s on; else null.")
    ended_at: int | None = Field(description="The step of its end; of a diverged lane, the batch that was not finite.")
    steps: int = Field(description="Batches trained so far.")
    seconds: float = Field(description="The lane's own CPU time for them.")
    test_accuracy: float | None = Field(description="From 0 to 1, over all test digits, at the newest evaluation.")
    test_loss: float | None = Field(description="Mean cross-entropy in nats.")
    train_accuracy: float | None
    train_loss: float | None
    reached: list[Reached]


class Answer(BaseModel):
    digit: int
    confidence: float | None = Field(description="The probability the lane gives this answer.")


class HardDigit(BaseModel):
    index: int = Field(description="For GET /api/digits/{index}.")
    label: int
    answers: list[Answer | None] = Field(description="In lane order.")


class RunDescription(BaseModel):
    id: str
    status: RunStatus
    position: int | None = Field(description="Place in the queue; 1 is next.")
    created_at: datetime
    config: RunConfig
    batches_per_epoch: int
    form: str | None = Field(description="How the lanes compute, chosen by measuring; null before the start.")
    total_steps: int = Field(description="Of each lane, at most: one may end at the target accuracy before.")
    pace: float | None = Field(description="Batches a second of each lane; null is full speed.")
    paused_by: Literal["owner", "unwatched"] | None = Field(
        description="Who has paused it: somebody, or that nobody watches."
    )
    stopped_by: Literal["owner", "unwatched", "others"] | None = Field(
        description="Why it was stopped: somebody asked, nobody watched, or others waited for its place."
    )
    wait_s: float | None = Field(description="About how long it will wait in the queue; null if nobody knows.")
    behind_paused: bool = Field(description="It is queued, and nobody knows because a run before it is paused.")
    meanwhile: str | None = Field(description="In a classroom, of a queued run: a race to watch until it starts.")
    viewers: int = Field(description="How many watch its stream.")
    version: int = Field(
        description="Grows with all that is told here but steps and seconds; a server that was restarted counts anew."
    )
    lanes: list[LaneDescription]
    saved: bool | None = Field(description="Whether the server keeps all of it so far; null when it keeps no runs.")
    hard_digits: list[HardDigit]
    story: list[str] = Field(
        description="What is happening, in one to three sentences; ** stands before and after what a page emphasises.",
        examples=[["**Adam leads** with 90.21\u202f% of unseen digits right, 4.4 points ahead of Momentum."]],
    )


class Started(RunDescription):
    joined: bool = Field(description="In a classroom: somebody else's run with these choices, to be watched.")


class Capacity(BaseModel):
    running: int
    queued: int
    max_running: int
    max_queued: int
    wait_s: float | None = Field(description="About how long a run started now would wait; null if nobody knows.")
    can_start: bool
    reason: str | None = Field(description="A sentence when no run can be started.")
    retry_after_s: int | None
    max_turn_s: float | None = Field(
        description="How long a race that is paused or paced keeps its place while others wait; null is for ever."
    )
    passphrase: bool = Field(description="Whether starting one takes a passphrase.")
    classroom: bool = Field(description="Whether visitors are told apart by browser, and equal races are one.")
    joinable: RunConfig | None = Field(description="In a classroom: what starting a run with these choices would join.")


class Prediction(BaseModel):
    step: int = Field(description="Batches that the answering network has learned from.")
    probabilities: list[float] = Field(description="Of the digits 0 to 9.", min_length=10, max_length=10)


class Predictions(BaseModel):
    lanes: list[Prediction | None] = Field(description="null: no network yet, or one that has overflowed.")


class LaneWeights(BaseModel):
    step: int
    units: list[int] = Field(description="Numbers of the hidden units, ascending; chosen anew at each evaluation.")
    images: str = Field(description="Base64 of int8, units × 784 row by row; each unit's largest |weight| is 127.")


class Weights(BaseModel):
    lanes: list[LaneWeights | None]


class Confusion(BaseModel):
    step: int = Field(description="That of the newest evaluation.")
    matrix: list[list[int]] = Field(description="Counts of test digits: a row for a label, a column for an answer.")


class Confused(BaseModel):
    digits: list[int] = Field(description="For GET /api/digits/{index}; the surest answer first.", max_length=60)


class Story(BaseModel):
    sentences: list[str] = Field(description="One to three.", examples=[["Adam leads with 90.21\u202f% of …"]])
    text: str = Field(description="The sentences as one text.")


class Command(BaseModel):
    command: str = Field(examples=["playground race --epochs 3 --lr adam=0.001"])
    note: str | None = Field(description="What the command does not do again.")


class Problem(BaseModel):
    code: str = Field(examples=["invalid_config"])
    message: str = Field(examples=["epochs should be less than or equal to 100; got 1000."])


class Failure(BaseModel):
    error: Problem


FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Failure, "description": "What was expected, what came, what to do."},
    "5XX": {"model": Failure, "description": "Too much to do, or a fault of the server."},
}
