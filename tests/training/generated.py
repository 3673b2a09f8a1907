"""Data sets for tests that hold with any: ink in all pixels or in none, one class, few digits."""

import numpy as np
from hypothesis import strategies as st

from app.training.dataset import Dataset

PIXELS = 784


def dataset_of(live: int, train: int = 100, test: int = 40, classes: int = 10, seed: int = 1) -> Dataset:
    """Random ink in `live` pixels, each of which has some in the first training image; labels below `classes`."""
    rng = np.random.default_rng(seed)
    inked = rng.permutation(PIXELS)[:live]

    def images(count: int) -> np.ndarray:
        blank = np.zeros((count, PIXELS), np.uint8)
        blank[:, inked] = rng.integers(0, 256, (count, live))
        return blank

    train_images, test_images = images(train), images(test)
    train_images[0, inked] = 255
    # Test digits may have ink where no training digit has.
    test_images[:, 0] = 99
    labels = (rng.integers(0, classes, count).astype(np.uint8) for count in (train, test))
    return Dataset.of(train_images, next(labels), test_images, next(labels))


datasets = st.builds(
    dataset_of,
    # Rows are filled up to a multiple of 16 columns, one of them for the bias.
    live=st.sampled_from([0, 1, 14, 15, 16, 300, 767, 768, 783, 784]),
    train=st.sampled_from([1, 2, 7, 64, 100]),
    test=st.sampled_from([1, 3, 40, 257]),
    classes=st.sampled_from([1, 2, 10]),
    seed=st.integers(0, 9),
)
hidden = st.lists(st.sampled_from([1, 3, 16, 32, 64, 100]), min_size=1, max_size=3)


@st.composite
def batch_sizes(draw: st.DrawFn, dataset: Dataset) -> int:
    """One digit, all, or any number between."""
    count = len(dataset.train_labels)
    return draw(st.one_of(st.just(1), st.just(count), st.integers(1, count)))
