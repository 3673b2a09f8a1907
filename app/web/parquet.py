"""Columns as an Apache Parquet file, piece by piece. PyArrow is imported when the first is asked for: it is large."""

from collections.abc import Iterable, Iterator

from app.errors import NotInstalled
from app.runs.columns import BATCH_COLUMNS, Piece
from app.runs.export import MEASURED, PLACE


def load() -> None:
    """Imports PyArrow, once. Raises NotInstalled."""
    try:
        import pyarrow.parquet  # noqa: F401  # for others to find it loaded
    except ImportError:
        raise NotInstalled(
            "Parquet needs PyArrow, which this server does not have: take the CSV, or have pyarrow installed there."
        ) from None


def parquet(pieces: Iterable[Piece], table: str) -> Iterator[bytes]:
    """One row group for each piece. PyArrow has to be loaded."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"seed": pa.int64(), "lane": pa.int8(), "name": pa.string(), "optimizer": pa.string()}
    kinds |= {"step": pa.int32(), "epoch": pa.float64(), "examples": pa.int64()}
    measured = BATCH_COLUMNS if table == "batches" else MEASURED
    schema = pa.schema([(name, kinds.get(name, pa.float32())) for name in (*PLACE, *measured)])
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for piece in pieces:
            rows = len(piece.columns["step"])
            same = {name: [value] * rows for name, value in piece._asdict().items() if name != "columns"}
            columns = {**piece.columns, **same}
            writer.write_table(pa.table([columns[name] for name in schema.names], schema=schema))
            yield sink.taken()
    # Kept for later otherwise, and there is no telling whether there will be a next.
    pa.default_memory_pool().release_unused()
    yield sink.taken()


class _Sink:
    """A file that hands over what was written to it."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken, self._written = b"".join(self._written), []
        return taken

    def flush(self) -> None: ...

    def close(self) -> None: ...
