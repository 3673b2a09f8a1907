"""The description of a run: in the API and its OpenAPI document, on the stream, in files, for stories and pictures.

Plain dictionaries of JSON-ready values. The annotations are what the OpenAPI document says of each field.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, GetPydanticSchema
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from app.config import RunConfig
from app.events import LaneStatus, RunStatus


def said(description: str) -> Any:
    return Field(description=description)


class LaneConfigDescription(TypedDict):
    """What every lane chooses; its optimizer's hyperparameters stand beside it."""

    optimizer: str
    learning_rate: float | None
    schedule: str
    weight_decay: float


class ConfigDescription(TypedDict):
    """A RunConfig as a dictionary, with all its defaults."""

    learning_rate: float
    batch_size: int
    epochs: int
    hidden: list[int]
    activation: str
    initialisation: str
    seed: int
    target_accuracy: float | None
    lanes: list[LaneConfigDescription]


def learning_rates(config: ConfigDescription) -> list[float]:
    """The one that each lane starts with: its own, or that of all."""
    shared = config["learning_rate"]
    return [shared if lane["learning_rate"] is None else lane["learning_rate"] for lane in config["lanes"]]


class Reached(TypedDict):
    accuracy: Annotated[float, said("The target: 0.9, 0.95, 0.97 or 0.98.")]
    step: Annotated[int, said("Batches at the first evaluation at or above it.")]
    seconds: float


class LearningRateChange(TypedDict):
    step: Annotated[int, said("The first step trained with it.")]
    learning_rate: float


class LaneDescription(TypedDict):
    lane: int
    optimizer: Annotated[str, Field(examples=["adam"])]
    learning_rate: Annotated[float, said("The one in force, before its schedule.")]
    learning_rate_changes: Annotated[list[LearningRateChange], said("Made while it trained.")]
    status: LaneStatus
    reason: Annotated[str | None, said("A sentence when the lane diverged or failed.")]
    silent_s: Annotated[int | None, said("How long its worker has not answered, from 10 s on; else null.")]
    ended_at: Annotated[
        int | None, said("The step at which it ended; of a diverged lane, the batch whose loss was not finite.")
    ]
    steps: Annotated[int, said("Batches trained so far.")]
    seconds: Annotated[float, said("The lane's own CPU time for them.")]
    quick: Annotated[bool, said("The newest evaluation was a quick one: over 1,000 digits instead of all.")]
    test_accuracy: Annotated[float | None, said("From 0 to 1, at the newest evaluation, on digits never trained on.")]
    test_loss: Annotated[float | None, said("Mean cross-entropy in nats.")]
    train_accuracy: float | None
    train_loss: float | None
    reached: list[Reached]


class Answer(TypedDict):
    digit: int
    confidence: Annotated[float | None, said("The probability the lane gives this answer.")]


class HardDigit(TypedDict):
    index: Annotated[int, said("For GET /api/digits/{index}.")]
    label: int
    answers: Annotated[list[Answer | None], said("In lane order.")]


class Description(TypedDict):
    id: str
    status: RunStatus
    position: Annotated[int | None, said("Place in the queue; 1 is next.")]
    created_at: Annotated[str, GetPydanticSchema(lambda _, handler: handler(datetime))]
    config: Annotated[ConfigDescription, GetPydanticSchema(lambda _, handler: handler(RunConfig))]
    batches_per_epoch: int
    form: Annotated[str | None, said("How the lanes compute, chosen by measuring; null before the start.")]
    total_steps: Annotated[int, said("Of each lane, at most: one may end at the target accuracy before.")]
    pace: Annotated[float | None, said("Batches a second of each lane; null is full speed.")]
    paused_by: Annotated[
        Literal["owner", "unwatched"] | None,
        said("Who has paused it: its owner, or the server, because no one watches."),
    ]
    stopped_by: Annotated[
        Literal["owner", "unwatched", "others"] | None,
        said("Why it was stopped: by its owner, because no one watched, or because others waited."),
    ]
    wait_s: Annotated[float | None, said("About how long it will wait in the queue; null if unknown.")]
    behind_paused: Annotated[bool, said("It is queued, and the wait is unknown because a run before it is paused.")]
    meanwhile: Annotated[str | None, said("In a classroom, of a queued run: a race to watch until it starts.")]
    sweep: Annotated[str | None, said("The id of the sweep that it belongs to; then no one can command it.")]
    viewers: Annotated[int, said("How many viewers watch its stream.")]
    lanes: list[LaneDescription]
    saved: Annotated[bool | None, said("Whether the server keeps all of it so far; null when it keeps no runs.")]
    hard_digits: list[HardDigit]


class Turn(TypedDict):
    lane: int
    step: int
    test_loss: float


class RunDescription(Description):
    """As the server answers it."""

    version: Annotated[
        int, said("Grows with every change but steps and seconds; a restarted server counts from the start.")
    ]
    story: Annotated[
        list[str],
        Field(
            description="What is happening, in one to three sentences; ** stands before and after what a page "
            "emphasises.",
            examples=[["**Adam leads** with 90.21\u202f% of unseen digits right, 4.4 points ahead of Momentum."]],
        ),
    ]
    turns: Annotated[list[Turn], said("Where a lane's test loss was lowest, once it has risen since: it memorizes.")]


def utc_text(moment: datetime) -> str:
    """In ISO 8601, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
