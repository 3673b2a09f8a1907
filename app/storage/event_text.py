"""Encodes events as text, without their arrays, and decodes them. Text from a database is outside input. Pure."""

import json
import math
from typing import Annotated, Any, Literal, get_args, get_type_hints

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from app.events import WALL, Evaluation, Event

# What a lane counts and measures, in whatever event.
MOST = 2**31 - 1
COUNT = Annotated[int, Field(ge=0, le=MOST)]


def _share_or_unmeasured(value: float) -> float:
    if not (math.isnan(value) or 0 <= value <= 1):
        raise ValueError("expected a share of one, or NaN where it was not measured")
    return value


SHARE = Annotated[float, Field(ge=0, le=1)]
RATE = Annotated[float, Field(gt=0, allow_inf_nan=False)]
CHECKED: dict[str, Any] = {
    "lane": COUNT,
    "step": COUNT,
    "first_step": COUNT,
    "seconds": Annotated[float, Field(ge=0, allow_inf_nan=False)],
    "test_accuracy": SHARE,
    "train_accuracy": Annotated[float, AfterValidator(_share_or_unmeasured)],
    "wall": Annotated[str, Field(pattern=f"^[0-9]{{0,{WALL}}}$")],
    "learning_rate": RATE,
    "batches_per_s": RATE | None,
    "sweep": Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")],
}
ARRAYS = ("answers", "confidence", "loss", "accuracy", "quartiles", "examples", "theta")


def encode_event(event: Event) -> str:
    """As JSON with NaN and infinity, which only `decode_event` reads."""
    fields = {name: value for name, value in event._asdict().items() if not isinstance(value, np.ndarray)}
    return json.dumps({"event": type(event).__name__, **fields}, separators=(",", ":"))


def decode_event(text: str) -> Event:
    """Raises ValueError or LookupError if the text is not that of an event."""
    name = json.loads(text)["event"]
    kind = _KINDS[name]
    checked = _MODELS[name].model_validate_json(text)
    fields = {field: getattr(checked, field) for field in type(checked).model_fields if field != "event"}
    if kind is Evaluation:
        fields |= {"answers": np.empty(0, np.uint8), "confidence": np.empty(0, np.float32)}
    event: Event = kind(**fields)
    return event


def _model(kind: Any) -> type[BaseModel]:
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in ARRAYS}
    fields: dict[str, Any] = {
        name: (CHECKED.get(name, hint), kind._field_defaults.get(name, ...)) for name, hint in hints.items()
    }
    name = kind.__name__
    forbidding = ConfigDict(extra="forbid")
    fields["event"] = Literal[name], name
    model: type[BaseModel] = create_model(name, __config__=forbidding, **fields)
    return model


_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Event)}
_MODELS = {name: _model(kind) for name, kind in _KINDS.items()}
