"""IDX files of digits, and seeded epochs of batches of them.

The files are read and checked once (`prepare`), written unzipped to a cache folder, and from then on memory-mapped
(`open_dataset`): every process that trains looks at the same pages of memory. The format is described at
http://yann.lecun.com/exdb/mnist/ and in `data/README.md`.
"""

import gzip
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

CLASSES = 10
PIXELS = 28 * 28
INK = 255
# Rows of so many bytes, or float32 numbers, begin on the boundary of a cache line in any case.
ROUND = 16
IMAGES_MAGIC, LABELS_MAGIC = 0x0803, 0x0801
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


class DatasetError(Exception):
    """A data file is missing or damaged; the message names the file and what is wrong with it."""


class Dataset(NamedTuple):
    """Digits as they are stored: images uint8 (n, 784) from 0 (paper) to 255 (ink), labels uint8 (n,).

    `live_pixels` are the numbers of those pixels that have ink in any training image, `live_images` these pixels of the
    training images, then one that is full of ink everywhere, then paper up to a round number of columns.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    live_pixels: NDArray[np.int64]
    live_images: Bytes

    @classmethod
    def of(cls, train_images: Bytes, train_labels: Bytes, test_images: Bytes, test_labels: Bytes) -> "Dataset":
        live = np.flatnonzero(train_images.max(axis=0))
        columns = -(-(len(live) + 1) // ROUND) * ROUND
        live_images = np.zeros((len(train_images), columns), np.uint8)
        np.take(train_images, live, axis=1, out=live_images[:, : len(live)])
        live_images[:, len(live)] = INK
        return cls(train_images, train_labels, test_images, test_labels, live, live_images)


def prepare(folder: Path, cache: Path) -> Path:
    """Check the IDX files of `folder` and lay them out for memory-mapping in a folder below `cache`; return that.

    The prepared folder's name is a digest of the files' content, so that a changed file is never taken for the old one.
    Raises DatasetError for a file that is missing, damaged or does not fit the others, and for a `cache` that can't
    be written.
    """
    sources = {name: _find(folder, stem) for name, stem in FILES.items()}
    contents = {name: _content(source) for name, source in sources.items()}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(sources[name].name.encode() + hashlib.sha256(content).digest())
    prepared = cache / digest.hexdigest()[:16]
    if not _is_prepared(prepared):
        dataset = parse(sources, contents)
        try:
            _write(dataset, prepared)
        except OSError as error:
            raise DatasetError(f"{cache}: the unzipped digits cannot be kept there: {error}") from error
    return prepared


def open_dataset(prepared: Path) -> Dataset:
    """Memory-map what `prepare` wrote. Raises OSError or ValueError when it is not there or not whole."""
    # As plain arrays: taking rows of the memmap class costs several microseconds more.
    dataset = Dataset(*(np.asarray(np.load(prepared / f"{name}.npy", mmap_mode="r")) for name in Dataset._fields))
    for images, labels in (dataset[:2], dataset[2:4]):
        if images.shape != (len(labels), PIXELS) or labels.shape != (len(labels),):
            raise ValueError(f"{prepared} does not hold images and their labels")
    if len(dataset.live_images) != len(dataset.train_images):
        raise ValueError(f"{prepared} does not hold the live pixels of its training images")
    return dataset


def parse(sources: dict[str, Path], contents: dict[str, bytes]) -> Dataset:
    """Check the four files, given their names (for messages) and contents. Raises DatasetError."""
    arrays: dict[str, Bytes] = {}
    for kind in ("train", "test"):
        images_file, labels_file = sources[f"{kind}_images"], sources[f"{kind}_labels"]
        images = _images(images_file, contents[f"{kind}_images"])
        labels = _labels(labels_file, contents[f"{kind}_labels"])
        if len(images) != len(labels):
            raise DatasetError(
                f"{images_file} holds {len(images):,} images but {labels_file} holds {len(labels):,} labels; "
                "they must be as many"
            )
        arrays |= {f"{kind}_images": images, f"{kind}_labels": labels}
    return Dataset.of(**arrays)


def batches(labels: Bytes, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """One epoch: the row numbers of each batch, shape (batch_size,), in a new random order; the rest is dropped."""
    order = rng.permutation(len(labels))
    for start in range(0, len(order) - batch_size + 1, batch_size):
        yield order[start : start + batch_size]


def _find(folder: Path, stem: str) -> Path:
    for name in (f"{stem}.gz", stem):
        try:
            if (folder / name).is_file():
                return folder / name
        except OSError as error:
            raise DatasetError(f"{folder / name}: cannot be read: {error}") from error
    raise DatasetError(f"{folder / stem}: no such file, gzipped (.gz) or not")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from error


def _is_prepared(prepared: Path) -> bool:
    try:
        open_dataset(prepared)
    except (OSError, ValueError, EOFError):
        return False
    return True


def _write(dataset: Dataset, prepared: Path) -> None:
    """All or nothing: other processes may look for the folder, or write the same one, at any moment."""
    prepared.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=prepared.parent))
    try:
        for name, array in dataset._asdict().items():
            np.save(scratch / f"{name}.npy", array)
        if prepared.exists() and not _is_prepared(prepared):
            shutil.rmtree(prepared, ignore_errors=True)
        scratch.rename(prepared)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not _is_prepared(prepared):
            raise


def _images(file: Path, content: bytes) -> Bytes:
    header, body = _unpack(file, content, IMAGES_MAGIC, "images", header_words=4)
    count, rows, columns = header
    if (rows, columns) != (28, 28):
        raise DatasetError(f"{file}: expected images of 28×28 pixels, found {rows}×{columns}")
    return _whole(file, body, count, PIXELS).reshape(count, PIXELS)


def _labels(file: Path, content: bytes) -> Bytes:
    (count,), body = _unpack(file, content, LABELS_MAGIC, "labels", header_words=2)
    labels = _whole(file, body, count, 1)
    if labels.max() >= CLASSES:
        raise DatasetError(f"{file}: expected labels from 0 to {CLASSES - 1}, found {labels.max()}")
    return labels


def _unpack(file: Path, content: bytes, magic: int, what: str, header_words: int) -> tuple[list[int], bytes]:
    """The header's words after the magic, and what comes after the header."""
    if file.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{file}: damaged, cannot be unzipped: {error}") from error
    size = 4 * header_words
    head = content[:size]
    words = [int(word) for word in np.frombuffer(head[: len(head) // 4 * 4], dtype=">u4")]
    if not words or words[0] != magic:
        found = f"{words[0]:#010x}" if words else "nothing"
        raise DatasetError(f"{file}: expected an IDX file of {what} (magic {magic:#010x}), found {found}")
    if len(words) < header_words:
        raise DatasetError(f"{file}: truncated: the header has {len(content)} of its {size} bytes")
    return words[1:], content[size:]


def _whole(file: Path, body: bytes, count: int, item_size: int) -> Bytes:
    if count == 0:
        raise DatasetError(f"{file}: holds nothing")
    if len(body) != count * item_size:
        state = "truncated" if len(body) < count * item_size else "too long"
        raise DatasetError(
            f"{file}: {state}: the header promises {count * item_size:,} bytes of data, found {len(body):,}"
        )
    return np.frombuffer(body, dtype=np.uint8)
