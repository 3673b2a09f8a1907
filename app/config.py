"""The visitor's choices: what to race, validated once at the edge and frozen.

Whoever holds a RunConfig can trust it. Bounds that depend on the data set or on the operator's settings are checked
where a run is started (`runs.manager`), not here.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import InvalidConfig

# Lowest and highest allowed; the page gets the same table.
RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (1e-6, 10),
    "batch_size": (1, 60_000),
    "epochs": (1, 100),
    "hidden": (1, 1024),
    "hidden_layers": (1, 3),
    "seed": (0, 2**32 - 1),
}


def _between(name: str) -> Any:
    low, high = RANGES[name]
    return Field(ge=low, le=high)


LearningRate = Annotated[float, _between("learning_rate")]
Decay = Annotated[float, Field(ge=0, lt=1)]
Width = Annotated[int, _between("hidden")]
Widths = Annotated[
    list[Width], Field(min_length=int(RANGES["hidden_layers"][0]), max_length=int(RANGES["hidden_layers"][1]))
]


class _Choices(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class _Lane(_Choices):
    label: ClassVar[str]
    learning_rate: LearningRate | None = Field(
        None, description="This lane's own learning rate; null takes the run's shared one."
    )

    def hyperparameters(self) -> dict[str, float]:
        """Keyword arguments for the optimizer of that name, without the learning rate."""
        return self.model_dump(exclude={"optimizer", "learning_rate"})


class SGDLane(_Lane):
    """Plain stochastic gradient descent."""

    label = "SGD"
    optimizer: Literal["sgd"] = "sgd"


class MomentumLane(_Lane):
    """SGD with (heavy-ball) momentum."""

    label = "Momentum"
    optimizer: Literal["momentum"] = "momentum"
    momentum: Decay = 0.9


class AdamLane(_Lane):
    """Adam with bias correction (Kingma & Ba, 2014)."""

    label = "Adam"
    optimizer: Literal["adam"] = "adam"
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    epsilon: Annotated[float, Field(ge=1e-12, le=1)] = 1e-8


LaneConfig = Annotated[SGDLane | MomentumLane | AdamLane, Field(discriminator="optimizer")]


class RunConfig(_Choices):
    """One race: all lanes get the same initial weights and the same batches in the same order."""

    learning_rate: LearningRate = Field(0.01, description="Shared by all lanes that name none of their own.")
    batch_size: Annotated[int, _between("batch_size")] = Field(64, description="Training digits in one step.")
    epochs: Annotated[int, _between("epochs")] = Field(5, description="Passes over the training digits.")
    hidden: Widths = Field(default=[128], description="Widths of the hidden layers, first to last.")
    seed: Annotated[int, _between("seed")] = Field(
        42, description="Same seed and settings, same numbers, bit for bit, on the same machine."
    )
    lanes: Annotated[list[LaneConfig], Field(min_length=1, max_length=3)] = Field(
        default=[SGDLane(), MomentumLane(), AdamLane()], description="One optimizer each."
    )

    def learning_rate_of(self, lane: int) -> float:
        """The learning rate lane number `lane` trains with: its own, or else the shared one."""
        own = self.lanes[lane].learning_rate
        return self.learning_rate if own is None else own

    @classmethod
    def of(cls, choices: dict[str, Any]) -> "RunConfig":
        """Validate plain values, as from a command line. Raises InvalidConfig with one sentence."""
        try:
            return cls.model_validate(choices)
        except ValidationError as error:
            raise InvalidConfig(sentence(error.errors()[0])) from None


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
            return f"{where} should name an optimizer, 'sgd', 'momentum' or 'adam'; got {got}."
    subject, should, expected = problem["msg"].partition(" should ")
    return f"{where} should {expected}; got {got}." if should else f"{where}: {subject}; got {got}."


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
