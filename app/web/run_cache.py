"""What was made of a run or a sweep, for the next who asks: as long as that is in memory, and not a moment longer."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from app.runs.run import Run
from app.sweeps.sweep import Sweep

Made = TypeVar("Made")


class RunCache(Generic[Made]):
    """Of each run the newest few."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: WeakKeyDictionary[Run | Sweep, OrderedDict[Hashable, Made]] = WeakKeyDictionary()

    def get(self, run: Run | Sweep, key: Hashable) -> Made | None:
        kept = self._made.get(run)
        return kept.get(key) if kept else None

    def keep(self, run: Run | Sweep, key: Hashable, made: Made) -> Made:
        kept = self._made.setdefault(run, OrderedDict())
        kept[key] = made
        while len(kept) > self._most:
            kept.popitem(last=False)
        return made
