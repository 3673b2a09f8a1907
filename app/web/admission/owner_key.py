"""A run, a sweep or a lesson can be commanded with the key that the answer to its start contained. Kept is the key's
digest alone.
"""

import hashlib
import hmac
import secrets
from typing import Annotated, NamedTuple

from fastapi import Header

from app.errors import NotOwner
from app.lessons.lesson import Lesson
from app.runs.run import Run
from app.sweeps.sweep import Sweep

HEADER = "X-Owner-Key"

Owned = Run | Sweep | Lesson
# In the scope of a start that another server has passed on: its Reservation.
RESERVATION = "playground.reservation"

OwnerKey = Annotated[
    str | None, Header(alias=HEADER, description="The key that the answer to the start has in this header.")
]


class Reservation(NamedTuple):
    """By what a run, or a sweep, is to be known and commanded, chosen before it starts.

    A start that is repeated (`again`), because its answer was lost, may have begun it already.
    """

    id: str
    key: str
    again: bool = False


def new_key() -> str:
    return secrets.token_urlsafe(24)


def reserve() -> Reservation:
    return Reservation(secrets.token_urlsafe(8), new_key())


def digest(key: str) -> str:
    """What a run keeps as its `owner`."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_owner(run: Owned, key: str | None) -> bool:
    return key is not None and hmac.compare_digest(digest(key), run.owner)


def require_owner(run: Owned, key: str | None) -> None:
    """Raises NotOwner unless this is the key of the run, the sweep or the lesson."""
    if isinstance(run, Run) and run.sweep:
        raise NotOwner(f"Run {run.id} belongs to sweep {run.sweep} and ends with it: stop the sweep.")
    if not is_owner(run, key):
        what = "is missing" if key is None else "is a different one"
        kind = type(run).__name__.lower()
        raise NotOwner(
            f"Only the visitor who started {kind} {run.id} can command it: its key in the header {HEADER} {what}."
        )
