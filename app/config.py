"""The visitor's choices: what to race, validated once at the edge and frozen.

A RunConfig is always valid. Bounds that depend on the data set or on the operator's settings are checked
where a run is started (`scheduling.check_limits`), not here. What each choice is called and can be stands in `choices`,
and for an optimizer on its class, in `training.optimizers`.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from app.choices import LANE_SETTINGS, SAID, SETTINGS, VIEW, Choice
from app.errors import InvalidConfig
from app.training.optimizers import OPTIMIZERS, Optimizer


def _field(row: Choice) -> Any:
    """A choice for pydantic and for the description of the API."""
    bounds: dict[str, Any] = {}
    if row.length:
        bounds = {"min_length": row.length[0], "max_length": row.length[1]}
    elif row.range:
        bounds = {"ge": row.range[0], "le": row.range[1]}
    return Field(title=row.label[0].upper() + row.label[1:], description=row.help or None, **bounds)


def _within(row: Choice) -> Any:
    assert row.range
    return Field(ge=row.range[0], le=row.range[1])


def _one_of(row: Choice) -> Any:
    return Literal[tuple(row.options or ())]


LearningRate = Annotated[float, _within(SETTINGS["learning_rate"])]
Pace = Annotated[float, _within(VIEW["pace"])]
Smoothing = Annotated[float, _within(VIEW["smoothing"])]
WeightDecay = Annotated[float, _field(LANE_SETTINGS["weight_decay"])]

if TYPE_CHECKING:
    Schedule = str
    Activation = str
    Initialisation = str
else:
    Schedule = _one_of(LANE_SETTINGS["schedule"])
    Activation, Initialisation = _one_of(SETTINGS["activation"]), _one_of(SETTINGS["initialisation"])


class _Choices(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class Lane(_Choices):
    """What can be chosen for every lane. Each optimizer has a class of its own below it, in LANES."""

    if TYPE_CHECKING:
        optimizer: ClassVar[str]

    learning_rate: Annotated[float | None, _field(LANE_SETTINGS["learning_rate"])] = None
    schedule: Annotated[Schedule, _field(LANE_SETTINGS["schedule"])] = "constant"
    weight_decay: WeightDecay = 0

    def hyperparameters(self) -> dict[str, float]:
        """Keyword arguments for the optimizer of that name alone: no learning rate, schedule or weight decay."""
        return self.model_dump(exclude={"optimizer", *LANE_SETTINGS})


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
    # A union of as many classes as there are: `|` cannot be written for them.
    LaneConfig = Annotated[Union[tuple(LANES.values())], Field(discriminator="optimizer")]  # noqa: UP007


class RunConfig(_Choices):
    """One race: all lanes get the same initial weights and the same batches in the same order."""

    learning_rate: Annotated[float, _field(SETTINGS["learning_rate"])] = 0.01
    batch_size: Annotated[int, _field(SETTINGS["batch_size"])] = 64
    epochs: Annotated[int, _field(SETTINGS["epochs"])] = 5
    hidden: Annotated[list[Annotated[int, _within(SETTINGS["hidden"])]], _field(SETTINGS["hidden"])] = [128]
    activation: Annotated[Activation, _field(SETTINGS["activation"])] = "relu"
    initialisation: Annotated[Initialisation, _field(SETTINGS["initialisation"])] = "he"
    seed: Annotated[int, _field(SETTINGS["seed"])] = 42
    target_accuracy: Annotated[float | None, _field(SETTINGS["target_accuracy"])] = None
    lanes: Annotated[list[LaneConfig], _field(SETTINGS["lanes"])] = [
        LANES[name]() for name in ("sgd", "momentum", "adam")
    ]

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
            "in_short": rule.in_short,
            "sentence": rule.sentence,
            "formula": rule.formula.splitlines(),
            "learning_rate": rule.usual_learning_rate,
            "weight_decay": rule.usual_weight_decay,
            "hyperparameters": {letter: each._asdict() for letter, each in rule.hyperparameters.items()},
        }
        for name, rule in OPTIMIZERS.items()
    }


def limits() -> dict[str, Any]:
    """All that can be chosen, as the page gets it: `Limits` in `static/js/types.d.ts`."""
    tables = {"settings": SETTINGS, "lane_settings": LANE_SETTINGS, "view": VIEW}
    rows = {table: {name: row.shown(name) for name, row in choices.items()} for table, choices in tables.items()}
    for name, row in rows["lane_settings"].items():
        row |= {"default": Lane.model_fields[name].default, "help": LANE_SETTINGS[name].help}
    return {**rows, "said": SAID, "optimizers": catalogue()}


def sentence(problem: Any) -> str:
    """One validation problem of pydantic, in words: the field, what was expected, what came."""
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
