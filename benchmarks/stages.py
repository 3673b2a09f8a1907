"""Says what is being measured: in a terminal on one line that changes, elsewhere on a line for each stage."""

import time
from types import TracebackType

from rich.console import Console
from rich.status import Status


class Stages:
    """A context, in which `begin` names the stage that follows; it ends by telling how long all of them took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._status = Status("Measuring", console=console) if console.is_terminal else None

    def begin(self, what: str) -> None:
        if self._status:
            self._status.update(f"Measuring: {what}")
        else:
            self._console.print(f"{self._elapsed()}  {what}", highlight=False)

    def __enter__(self) -> "Stages":
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()
        if error is None:
            self._console.print(f"Measured in {self._elapsed()} minutes.", highlight=False)

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes}:{seconds:02}"
