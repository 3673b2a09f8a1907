"""IDX files: finds them in a folder, checks and reads one. What can't be used is refused in a sentence.

Whether a file is gzipped its first bytes say, not its name. The header decides how much is read, and it is checked
against the file's size and the machine's memory first. The format is described at http://yann.lecun.com/exdb/mnist/
and in `data/README.md`. What the digits are used for is not here.
"""

import gzip
import hashlib
import math
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.machine import MB, memory_mb

Bytes = NDArray[np.uint8]

CLASSES = 10
SIDE = 28
PIXELS = SIDE * SIDE
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
GZIP = b"\x1f\x8b"
# A byte of deflate stands for at most so many.
DEFLATE_LIMIT = 1032
# Of each byte of images there are two in memory before they are on disk: all of them, and those of the live pixels.
COPIES = 2
NAMES_SHOWN = 3


class DatasetError(Exception):
    """The data files can't be used; the message names the file, what is wrong with it and what to do."""


class Kind(NamedTuple):
    """What a file should hold: the first word of its header, how many words that has, and what each item is."""

    name: str
    magic: int
    header_words: int


IMAGES, LABELS = Kind("images", 0x0803, 4), Kind("labels", 0x0801, 2)
# What else a file of the right name begins with, and what to do about it.
IMPOSTORS = {
    IMAGES.magic.to_bytes(4, "big"): "images: are two files swapped?",
    LABELS.magic.to_bytes(4, "big"): "labels: are two files swapped?",
    GZIP: "a file gzipped twice: unzip it once",
    b"PK\3\4": "a ZIP archive: unpack it",
    b"<": "a web page: fetch the file itself",
    b"version ": "a Git LFS pointer: fetch the file itself with git lfs pull",
}


def find(folder: Path, name: str) -> Path:
    """The file of this name, or else the one with `.gz` behind it. Raises DatasetError, which names what is there."""
    for file in (folder / name, folder / f"{name}.gz"):
        try:
            if stat.S_ISREG(file.stat().st_mode):
                return file
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise DatasetError(f"{file}: cannot be read: {error.strerror or error}.") from error
    raise DatasetError(f"{folder / name}: no such file, gzipped (.gz) or not. {_found_instead(folder, name)}")


def digest(file: Path) -> bytes:
    """Of the file as it is, zipped or not. Raises DatasetError."""
    with _reading(file), file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


def read_images(file: Path) -> Bytes:
    """Shape (n, 784), from 0 (paper) to 255 (ink). Raises DatasetError."""
    return _read(file, IMAGES).reshape(-1, PIXELS)


def read_labels(file: Path) -> Bytes:
    """Shape (n,), from 0 to 9. Raises DatasetError."""
    labels = _read(file, LABELS)
    if labels.max() >= CLASSES:
        raise DatasetError(
            f"{file}: expected labels from 0 to {CLASSES - 1}, found {labels.max()}. Take data with ten classes."
        )
    return labels


def check(file: Path, kind: Kind) -> None:
    """What its header and its size say, so that nothing of a file that can't be used is read. Raises DatasetError."""
    with _reading(file), _unzipped(file) as (content, zipped):
        _size(file, content, zipped, kind)


def _read(file: Path, kind: Kind) -> Bytes:
    """All items, one after another."""
    with _reading(file), _unzipped(file) as (content, zipped):
        size = _size(file, content, zipped, kind)
        items = content.read(size)
        # Of what is zipped, no more than shows that there is more; at its end, its checksum is compared.
        more = len(content.read(1))
    if (found := len(items) + more) != size:
        raise _misfit(file, size, found, "at least " if more else "")
    return np.frombuffer(items, np.uint8)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"{file}: damaged, cannot be unzipped: {error}. Fetch it again.") from error
    except OSError as error:
        raise DatasetError(f"{file}: cannot be read: {error.strerror or error}.") from error


@contextmanager
def _unzipped(file: Path) -> Iterator[tuple[gzip.GzipFile | BufferedReader, bool]]:
    """What is in the file, and whether it is unzipped on the way."""
    with file.open("rb") as raw:
        zipped = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw) if zipped else nullcontext(raw) as content:
            yield content, zipped


def _size(file: Path, content: gzip.GzipFile | BufferedReader, zipped: bool, kind: Kind) -> int:
    """How many bytes come behind the header, which is read from `content`."""
    head = content.read(4 * kind.header_words)
    shape = _shape(file, head, kind)
    size, on_disk = math.prod(shape), file.stat().st_size
    if zipped and size > DEFLATE_LIMIT * on_disk:
        raise _misfit(file, size, DEFLATE_LIMIT * on_disk, "zipped at most ")
    if not zipped and size != on_disk - len(head):
        raise _misfit(file, size, on_disk - len(head))
    _check_memory(file, shape[0], size, kind)
    return size


def _shape(file: Path, head: bytes, kind: Kind) -> list[int]:
    """Of the items, as the header has it."""
    words = [int(word) for word in np.frombuffer(head[: len(head) // 4 * 4], dtype=">u4")]
    if not words or words[0] != kind.magic:
        found = f"{words[0]:#010x}" if words else f"nothing but {len(head)} bytes" if head else "nothing"
        known = next((f", {what}" for start, what in IMPOSTORS.items() if head.startswith(start)), "")
        raise DatasetError(
            f"{file}: expected an IDX file of {kind.name} (magic {kind.magic:#010x}), found {found}{known}."
        )
    if len(words) < kind.header_words:
        raise DatasetError(
            f"{file}: truncated: the header has {len(head)} of its {4 * kind.header_words} bytes. Fetch it again."
        )
    count, *item = words[1:]
    if kind is IMAGES and item != [SIDE, SIDE]:
        rows, columns = item
        raise DatasetError(
            f"{file}: expected images of {SIDE}×{SIDE} pixels, found {rows:,}×{columns:,}. Scale them to {SIDE}×{SIDE}."
        )
    if count == 0:
        raise DatasetError(f"{file}: holds nothing: its header promises 0 {kind.name}. Take a file with at least one.")
    return [count, *item]


def _misfit(file: Path, promised: int, found: int, about: str = "") -> DatasetError:
    state = "truncated" if found < promised else "too long"
    return DatasetError(
        f"{file}: {state}: the header promises {promised:,} bytes of data, found {about}{found:,}. Fetch it again."
    )


def _check_memory(file: Path, count: int, size: int, kind: Kind) -> None:
    needed_mb = COPIES * size // MB
    if needed_mb > memory_mb():
        raise DatasetError(
            f"{file}: the header promises {count:,} {kind.name}, which take {needed_mb:,} MB of memory to prepare; "
            f"this machine has {memory_mb():,}. Take a file with fewer."
        )


def _found_instead(folder: Path, name: str) -> str:
    """What is there in place of a file, and what to do about it."""
    if not folder.is_dir():
        return f"There is no folder {folder}." if not folder.exists() else f"{folder} is no folder."
    if (folder / name).is_dir():
        return "Found a folder of that name: put the file itself there."
    if any((folder / each).is_symlink() for each in (name, f"{name}.gz")):
        return "Found a link of that name to a file that is not there."
    with _reading(folder):
        names = sorted(each.name for each in folder.iterdir())
    part, kind = ("train",) if name.startswith("train") else ("t10k", "test"), name.split("-")[1]
    alike = [each for each in names if kind in each.lower() and any(word in each.lower() for word in part)]
    if alike:
        return f"Found {_listed(alike)}: rename the right one to {name}."
    return f"The folder {f'has {_listed(names)}' if names else 'is empty'}; it needs {', '.join(FILES.values())}."


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    return f"{shown} and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else shown
