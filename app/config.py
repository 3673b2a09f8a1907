"""The visitor's choices: what to race, validated once at the edge and frozen.

Whoever holds a RunConfig can trust it. Bounds that depend on the data set or on the operator's settings are checked
where a run is started (`runs.manager`), not here. What the optimizers do is in `training.optimizers`.
"""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import InvalidConfig

DECAY_RATE = (0, 0.99999)
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
    "momentum": DECAY_RATE,
    "rho": DECAY_RATE,
    "beta1": DECAY_RATE,
    "beta2": DECAY_RATE,
    "epsilon": (1e-12, 1),
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
WeightDecay = Annotated[float, _between("weight_decay")]
DecayRate = Annotated[float, _between("momentum")]
Epsilon = Annotated[float, _between("epsilon")]
Width = Annotated[int, _between("hidden")]
Widths = Annotated[list[Width], _as_many_as("hidden_layers")]


class _Choices(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class _Lane(_Choices):
    label: ClassVar[str]
    # What a new lane of this kind starts with on the page; None is the shared learning rate.
    usual_learning_rate: ClassVar[float | None] = None

    learning_rate: LearningRate | None = Field(
        None, description="This lane's own learning rate; null takes the run's shared one."
    )
    schedule: Schedule = Field("constant", description="What the learning rate is multiplied by as the steps go on.")
    weight_decay: WeightDecay = Field(
        0, description="λ: added to the gradient as λθ; with adamw and lion apart from it, θ shrinks by ηλθ."
    )

    def hyperparameters(self) -> dict[str, float]:
        """Keyword arguments for the optimizer of that name alone: no learning rate, schedule or weight decay."""
        return self.model_dump(exclude={"optimizer", *_Lane.model_fields})


class SGDLane(_Lane):
    """Plain stochastic gradient descent."""

    label = "SGD"

    optimizer: Literal["sgd"] = "sgd"


class MomentumLane(_Lane):
    """SGD with (heavy-ball) momentum."""

    label = "Momentum"

    optimizer: Literal["momentum"] = "momentum"
    momentum: DecayRate = 0.9


class NesterovLane(_Lane):
    """SGD with Nesterov's momentum, which looks ahead (Sutskever et al., 2013)."""

    label = "Nesterov"

    optimizer: Literal["nesterov"] = "nesterov"
    momentum: DecayRate = 0.9


class AdaGradLane(_Lane):
    """AdaGrad (Duchi et al., 2011)."""

    label = "AdaGrad"

    optimizer: Literal["adagrad"] = "adagrad"
    epsilon: Epsilon = 1e-10


class RMSPropLane(_Lane):
    """RMSProp (Tieleman & Hinton, 2012)."""

    label = "RMSProp"

    optimizer: Literal["rmsprop"] = "rmsprop"
    rho: DecayRate = 0.9
    epsilon: Epsilon = 1e-8


class AdadeltaLane(_Lane):
    """Adadelta (Zeiler, 2012); its learning rate is 1 in the paper."""

    label = "Adadelta"
    usual_learning_rate = 1

    optimizer: Literal["adadelta"] = "adadelta"
    rho: DecayRate = 0.95
    epsilon: Epsilon = 1e-6


class _AdamLike(_Lane):
    beta1: DecayRate = 0.9
    beta2: DecayRate = 0.999
    epsilon: Epsilon = 1e-8


class AdamLane(_AdamLike):
    """Adam with bias correction (Kingma & Ba, 2014)."""

    label = "Adam"

    optimizer: Literal["adam"] = "adam"


class NAdamLane(_AdamLike):
    """Adam with Nesterov's momentum (Dozat, 2016)."""

    label = "NAdam"

    optimizer: Literal["nadam"] = "nadam"


class AdamWLane(_AdamLike):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2017)."""

    label = "AdamW"

    optimizer: Literal["adamw"] = "adamw"
    weight_decay: WeightDecay = 0.01


class LionLane(_Lane):
    """Lion: the sign of a momentum, with decoupled weight decay (Chen et al., 2023)."""

    label = "Lion"
    usual_learning_rate = 0.001

    optimizer: Literal["lion"] = "lion"
    beta1: DecayRate = 0.9
    beta2: DecayRate = 0.99


AnyLane = (
    SGDLane
    | MomentumLane
    | NesterovLane
    | AdaGradLane
    | RMSPropLane
    | AdadeltaLane
    | AdamLane
    | NAdamLane
    | AdamWLane
    | LionLane
)
LaneConfig = Annotated[AnyLane, Field(discriminator="optimizer")]
LANES: dict[str, type[_Lane]] = {lane.model_fields["optimizer"].default: lane for lane in get_args(AnyLane)}


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
        default=[SGDLane(), MomentumLane(), AdamLane()], description="One optimizer each; the same may come again."
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
    """For each optimizer what a lane of it can choose, and what it has when nothing is chosen."""
    return {
        name: {
            "label": lane.label,
            "learning_rate": lane.usual_learning_rate,
            "weight_decay": lane().weight_decay,
            "hyperparameters": {
                letter: {"default": default, "min": RANGES[letter][0], "max": RANGES[letter][1]}
                for letter, default in lane().hyperparameters().items()
            },
        }
        for name, lane in LANES.items()
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
