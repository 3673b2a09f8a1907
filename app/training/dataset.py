"""Digits to train on and to test with, memory-mapped, and seeded epochs of batches of them.

The four IDX files of a folder are read and checked once (`prepare`), written unzipped to a cache folder, and from then
on memory-mapped (`open_dataset`): every process that trains looks at the same pages of memory.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.training.idx import (
    FILES,
    IMAGES,
    LABELS,
    PIXELS,
    Bytes,
    DatasetError,
    check,
    digest,
    find,
    read_images,
    read_labels,
)

INK = 255
# Rows of so many bytes, or float32 numbers, begin on the boundary of a cache line in any case.
ROUND = 16


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
    sources = {name: find(folder, file) for name, file in FILES.items()}
    for name, file in sources.items():
        check(file, IMAGES if name.endswith("images") else LABELS)
    prepared = cache / _name(sources)
    if not _is_prepared(prepared):
        dataset = read(sources)
        if cache / _name(sources) != prepared:
            raise DatasetError(f"{folder}: its files have changed while they were read. Start again.")
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


def read(sources: dict[str, Path]) -> Dataset:
    """What is in the four files, by the names of FILES. Raises DatasetError."""
    arrays: dict[str, Bytes] = {}
    for kind in ("train", "test"):
        images_file, labels_file = sources[f"{kind}_images"], sources[f"{kind}_labels"]
        images, labels = read_images(images_file), read_labels(labels_file)
        if len(images) != len(labels):
            raise DatasetError(
                f"{images_file} holds {len(images):,} images but {labels_file} holds {len(labels):,} labels; "
                "they must be as many. Take both from the same data set."
            )
        arrays |= {f"{kind}_images": images, f"{kind}_labels": labels}
    return Dataset.of(**arrays)


def batches(labels: Bytes, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """One epoch: the row numbers of each batch, shape (batch_size,), in a new random order; the rest is dropped."""
    order = rng.permutation(len(labels))
    for start in range(0, len(order) - batch_size + 1, batch_size):
        yield order[start : start + batch_size]


def _name(sources: dict[str, Path]) -> str:
    """Another one for other content."""
    return hashlib.sha256(b"".join(file.name.encode() + digest(file) for file in sources.values())).hexdigest()[:16]


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
