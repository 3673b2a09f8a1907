"""One race of a playground, from Python: `for frame in playground.start().frames(): print(frame.loss)`."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from numpy.typing import NDArray

from app.choices import VIEW
from app.client.started import Started, pandas
from app.errors import NotInstalled
from app.events import Frame
from app.report.lane_names import names
from app.runs.description import RunDescription
from app.runs.history import Kind
from app.web.protocol import decode_blocks

if TYPE_CHECKING:
    from pandas import DataFrame

Table = Literal["batches", "evaluations"]


class Race(Started):
    """One race of a playground. `owner_key` commands it: keep it if another program is to."""

    kind, known_by = "run", "lanes"

    def describe(self) -> RunDescription:
        """The run as the server describes it; docs/protocol.md names every field."""
        return cast(RunDescription, self._described())

    def frames(self) -> Iterator[Frame]:
        """Every batch of every lane from the first on, as it is trained, until the race is over.

        Reconnects by itself, with no batch left out and none twice. Raises Refused if the server refuses, or has no
        room for a while, Unreachable if reconnecting fails for a while.
        """
        have = [[0] * len(self.describe()["lanes"]) for _ in Kind]
        for message in self._follow(lambda: _cursor(have)):
            for kind, lane, first, columns in decode_blocks(message) if isinstance(message, bytes) else ():
                have[kind - 1][lane] = first + columns.shape[1]
                if kind == Kind.METRICS:
                    yield Frame(lane, first + 1, *columns)

    def wait(self) -> RunDescription:
        """The run as the server describes it, once it is over."""
        for _ in self.frames():
            pass
        return self.describe()

    def arrays(
        self, table: Table = "batches", smoothing: float = VIEW["smoothing"].default
    ) -> dict[str, dict[str, NDArray[Any]]]:
        """For each lane, by its name, the columns of the CSV as arrays of shape (rows,), as far as the race is."""
        try:
            import pyarrow.parquet as pq
        except ImportError:
            raise NotInstalled("The numbers are sent as Parquet; install a reader: pip install pyarrow") from None
        file = self._file("export.parquet", table=table, smoothing=smoothing)
        columns = {column: values.to_numpy() for column, values in _named(pq.read_table(io.BytesIO(file)))}
        lanes = columns.pop("lane")
        del columns["name"], columns["optimizer"]
        called = names(self.describe()["config"])
        return {name: {c: values[lanes == lane] for c, values in columns.items()} for lane, name in enumerate(called)}

    def frame(self, table: Table = "batches", smoothing: float = VIEW["smoothing"].default) -> "DataFrame":
        """The same as one pandas frame, which has to be installed. Raises NotInstalled if it is not."""
        pd = pandas()
        lanes = self.arrays(table, smoothing).items()
        frames = [pd.DataFrame({"lane": name, **columns}) for name, columns in lanes]
        return cast("DataFrame", pd.concat(frames, ignore_index=True))

    def pause(self) -> None:
        self._command("POST", "pause")

    def resume(self) -> None:
        self._command("POST", "resume")

    def step(self) -> None:
        """One more batch in every lane, then pause."""
        self._command("POST", "step")

    def set_pace(self, batches_per_s: float | None) -> None:
        """Of each lane; None is full speed."""
        self._command("PUT", "pace", json={"batches_per_s": batches_per_s})

    def set_learning_rate(self, lane: int, learning_rate: float) -> None:
        """From the lane's next batch on; lanes are numbered from 0."""
        self._command("PUT", f"lanes/{lane}/learning-rate", json={"learning_rate": learning_rate})


def _cursor(have: Sequence[Sequence[int]]) -> dict[str, str]:
    """How many rows of each kind there are already, lane by lane."""
    rows = (",".join(map(str, each)) for each in have)
    return dict(zip(("steps", "evaluations", "pushes"), rows, strict=True))


def _named(table: Any) -> Iterator[tuple[str, Any]]:
    return zip(table.column_names, table.columns, strict=True)
