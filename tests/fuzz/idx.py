"""IDX files of a data set: cut off, with other headers, gzip or none, missing, swapped."""

import gzip
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from app.training.dataset import DatasetError, open_dataset, prepare
from tests.fuzz.kind import Kind
from tests.fuzz.target import idx_files


@st.composite
def damages(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a folder, one or two of them changed."""
    files = idx_files()
    for name in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=2)):
        content = files.pop(name, b"")
        at = draw(st.integers(0, max(0, min(20, len(content) - 1))))
        match draw(st.sampled_from(["bytes", "cut", "more", "gone", "gzip", "broken gzip", "other", "swap", "header"])):
            case "bytes":
                content = content[:at] + draw(st.binary(min_size=1, max_size=8)) + content[at + 1 :]
            case "cut":
                content = content[: draw(st.integers(0, len(content)))]
            case "more":
                content += draw(st.binary(min_size=1, max_size=900))
            case "gone":
                continue
            case "gzip":
                name, content = f"{name}.gz", gzip.compress(content, mtime=0)
            case "broken gzip":
                packed = gzip.compress(content, mtime=0)
                place = draw(st.integers(0, len(packed)))
                name, content = f"{name}.gz", packed[:place] + draw(st.binary(max_size=9)) + packed[place + 4 :]
            case "other":
                content = draw(st.binary(max_size=900))
            case "swap":
                content = draw(st.sampled_from(sorted(idx_files().values())))
            case "header":
                count = draw(st.integers(0, 2**32 - 1)).to_bytes(4, "big")
                content = content[:4] + count + content[8:]
        files[name] = content
    return files


def idx(_: Any) -> Kind:
    def send(files: dict[str, bytes]) -> list[int]:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            digits, cache = Path(folder) / "digits", Path(folder) / "cache"
            digits.mkdir()
            for name, content in files.items():
                (digits / name).write_bytes(content)
            try:
                open_dataset(prepare(digits, cache))
            except DatasetError as problem:
                assert str(problem).strip()
        return []

    return Kind("IDX files", damages(), send)
