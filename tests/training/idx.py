"""Small folders of IDX files, as other people would bring them."""

from pathlib import Path

import numpy as np

from app.training.dataset import Dataset
from app.training.idx import FILES, IMAGES, LABELS

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def header(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def write_idx(folder: Path, train: int = 30, test: int = 20) -> Path:
    """A valid folder of random pixels, not gzipped; the labels count 0 to 9, again and again."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(train)
    for images, labels, count in ((TRAIN_IMAGES, TRAIN_LABELS, train), (TEST_IMAGES, TEST_LABELS, test)):
        (folder / images).write_bytes(header(0x803, count, 28, 28) + rng.bytes(count * 784))
        (folder / labels).write_bytes(header(0x801, count) + bytes(i % 10 for i in range(count)))
    return folder


def write_dataset(folder: Path, dataset: Dataset) -> Path:
    """The same of these digits."""
    for name in FILES:
        array = getattr(dataset, name)
        images = name.endswith("images")
        head = header(IMAGES.magic, len(array), 28, 28) if images else header(LABELS.magic, len(array))
        (folder / FILES[name]).write_bytes(head + array.tobytes())
    return folder
