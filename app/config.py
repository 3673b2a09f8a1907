"""The visitor's choices: what to race, validated once at the edge and frozen.

Whoever holds a RunConfig can trust it. Bounds that depend on the data set or on the operator's settings are checked
where a run is started (`scheduling.check_limits`), not here. What can be chosen for an optimizer
stands on its class, in `training.optimizers`.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from app.errors import InvalidConfig
from app.training.optimizers import OPTIMIZERS, Optimizer

# Lowest and highest allowed; the page gets the same table.
RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-6, 10),
    "batch_size": (1, 60_000),
    "epochs": (1, 100),
    "hidden": (1, 1024),
    "hidden_layers": (1, 3),
    "seed": (0, 2**32 - 1),
    "pace": (0.5, 1000),
    "target_accuracy": (0.5, 0.999),
    "lanes": (1, 6),
    "weight_decay": (0, 1),
}

Schedule = Literal["constant", "step", "cosine", "warmup_cosine"]
Activation = Literal["relu", "tanh", "sigmoid"]
Initialisation = Literal["he", "xavier", "small", "zero"]


def _between(name: str) -> Any:
    low, high = RANGES[name]
    return Field(ge=low, le=high)


def _as_many_as(name: str) -> Any:
    low, high = RANGES[name]
    return Field(min_length=int(low), max_length=int(high))


LearningRate = Annotated[float, _between("learning_rate")]
Pace = Annotated[float, _between("pace")]
WeightDecay = Annotated[
    float,
    _between("weight_decay"),
    Field(
        description="λ: added to the gradient as λθ; where the optimizer's rule has λ itself, θ shrinks by ηλθ instead."
    ),
]
Width = Annotated[int, _between("hidden")]
Widths = Annotated[list[Width], _as_many_as("hidden_layers")]


class _Choices(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class Lane(_Choices):
    """What can be chosen for every lane. Each optimizer has a class of its own below it, in LANES."""

    if TYPE_CHECKING:
        optimizer: ClassVar[str]

    learning_rate: LearningRate | None = Field(
        None, description="This lane's own learning rate; null takes the run's shared one."
    )
    schedule: Schedule = Field("constant", description="What the learning rate is multiplied by as the steps go on.")
    weight_decay: WeightDecay = 0

    def hyperparameters(self) -> dict[str, float]:
        """Keyword arguments for the optimizer of that name alone: no learning rate, schedule or weight decay."""
        return self.model_dump(exclude={"optimizer", *Lane.model_fields})


def _lane_of(rule: type[Optimizer]) -> type[Lane]:
    """The choices for a lane with this optimizer."""
    fields: dict[str, Any] = {
        name: (Annotated[float, Field(ge=each.low, le=each.high, description=each.label)], each.default)
        for name, each in rule.hyperparameters.items()
    }
    fields["optimizer"] = (Literal[rule.name], rule.name)
    fields["weight_decay"] = (WeightDecay, rule.usual_weight_decay)
    described = f"{rule.label} ({rule.source}). {rule.sentence}"
    return create_model(f"{rule.__name__}Lane", __base__=Lane, __module__=__name__, __doc__=described, **fields)


LANES = {name: _lane_of(rule) for name, rule in OPTIMIZERS.items()}
# Where pickle looks for a class by its name: configs go to other processes.
globals().update((lane.__name__, lane) for lane in LANES.values())

if TYPE_CHECKING:
    LaneConfig = Lane
else:
    LaneConfig = Annotated[Union[tuple(LANES.values())], Field(discriminator="optimizer")]  # noqa: UP007


class RunConfig(_Choices):
    """One race: all lanes get the same initial weights and the same batches in the same order."""

    learning_rate: LearningRate = Field(0.01, description="Shared by all lanes that name none of their own.")
    batch_size: Annotated[int, _between("batch_size")] = Field(64, description="Training digits in one step.")
    epochs: Annotated[int, _between("epochs")] = Field(5, description="Passes over the training digits.")
    hidden: Widths = Field(default=[128], description="Widths of the hidden layers, first to last.")
    activation: Activation = Field("relu", description="What the hidden units do with their sums.")
    initialisation: Initialisation = Field("he", description="How the first weights are drawn; biases start at 0.")
    seed: Annotated[int, _between("seed")] = Field(
        42, description="Same seed and settings, same numbers, bit for bit, on the same machine."
    )
    target_accuracy: Annotated[float, _between("target_accuracy")] | None = Field(
        None, description="A lane is finished at its first evaluation with this test accuracy; null trains all epochs."
    )
    lanes: Annotated[list[LaneConfig], _as_many_as("lanes")] = Field(
        default=[LANES[name]() for name in ("sgd", "momentum", "adam")],
        description="One optimizer each; the same may come again.",
    )

    def learning_rate_of(self, lane: int) -> float:
        """The learning rate lane number `lane` starts with: its own, or else the shared one."""
        own = self.lanes[lane].learning_rate
        return self.learning_rate if own is None else own

    @classmethod
    def of(cls, choices: dict[str, Any]) -> "RunConfig":
        """Validate plain values, as from a command line. Raises InvalidConfig with one sentence."""
        try:
            return cls.model_validate(choices)
        except ValidationError as error:
            raise InvalidConfig(sentence(error.errors()[0])) from None


def catalogue() -> dict[str, dict[str, Any]]:
    """For each optimizer what is said of it, what a lane of it can choose, and what it has when nothing is chosen."""
    return {
        name: {
            "label": rule.label,
            "source": rule.source,
            "sentence": rule.sentence,
            "formula": rule.formula.splitlines(),
            "learning_rate": rule.usual_learning_rate,
            "weight_decay": rule.usual_weight_decay,
            "hyperparameters": {letter: each._asdict() for letter, each in rule.hyperparameters.items()},
        }
        for name, rule in OPTIMIZERS.items()
    }


def sentence(problem: Any) -> str:
    """One validation problem, as pydantic tells it, in words: the field, what was expected, what came."""
    where = ".".join(str(part) for part in problem["loc"] if part not in ("body", "path", "query")) or "the body"
    got = _shown(problem.get("input"))
    match problem["type"]:
        case "missing":
            return f"{where} is missing; /docs shows what is expected."
        case "extra_forbidden":
            return f"{where}: there is no such field; /docs lists those there are."
        case "model_attributes_type" | "model_type":
            return f"{where} should be a JSON object, sent as application/json; got {got}."
        case "union_tag_invalid" | "union_tag_not_found":
            *names, last = (f"'{name}'" for name in LANES)
            return f"{where} should name an optimizer, {', '.join(names)} or {last}; got {got}."
    subject, should, expected = problem["msg"].partition(" should ")
    return f"{where} should {expected}; got {got}." if should else f"{where}: {subject}; got {got}."


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
